#!/bin/sh
# das-cast.t - the broadcaster from outside: what clients get, in what order, and
# what hostile and slow ones do to the others
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/cast.sh"

# ---- those that take long, on a broadcaster of their own ----
mkdir -p long
config
sed 's/"castIntervalSeconds": 1/"castIntervalSeconds": 3600/' "$DAS_CONFIG" \
    >long/dasConfig.json
chmod 600 long/dasConfig.json
(
	cd long || exit
	begin 000001
	DAS_CONFIG=$PWD/dasConfig.json das-cast 2>log & echo $! >pid
	wait_for 10 grep -q 'listens on' log
)
long=$(cat long/pid); mine "$long"
port=$(sed -n 's/.*listens on 127.0.0.1://p' long/log)
sub='{"type":"subscribe","symbols":"*","mode":"tick","fields":["ltp"]}'
castpoke "$port" 75 upgrade wait=300 "frame=$sub" mute=37000 >stalled & stalled=$!
castpoke "$port" 75 upgrade >dead & dead=$!
castpoke "$port" 75 upgrade wait=200 '\x81\xfe\x10' >part & part=$!
sleep 1
awk 'BEGIN { for (i = 0; i < 300000; i++)
    printf "SYM%d\t1\t2026-11-23T10:30:05+00:00\t%d\t1\t2\t3\t4\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n", i % 50, i }' \
    >>"long/$LTP/000001.tsv"

# ---- configuration ----
fails 'an argument' 64 'usage: das-cast' das-cast x
config '"castListen": "0.0.0.0:8765"' && sed -i 's/"castListen": "127[^,]*,//' "$DAS_CONFIG"
fails 'beyond this machine' 78 'castToken is missing' das-cast
for a in localhost:1 127.0.0.1 127.0.0.1:x 127.0.0.1:65536 '[::1]' '[127.0.0.1]:1' ''; do
	echo "{\"store\": \"sqlite\", \"castListen\": \"$a\"}" >"$DAS_CONFIG"
	fails "castListen '$a'" 78 castListen das-cast
done

# ---- before the topic begins ----
config
start
is 'no rows yet: a welcome, then a sign of life' 0 "$WELCOME
{\"type\":\"status\",\"timestamp\":T,\"day\":\"$DAY\",\"subscribers\":1,\"symbols\":0,\"rows\":0,\"last_row\":null,\"last_row_age\":0.000}" \
    hear / 4 texts=2 end
begin 000001
{ index 25000.5; row NIFTYCE 258 101.5; } | put
is 'its rows, as they are there' 0 "$WELCOME
$INDEX
$(json NIFTYCE 258 101.5)" hear / 4 texts=3 end
is 'the others are told once' 0 1 grep -c 'instruments.tsv' log

# ---- requests ----
is 'a request at once is answered by the next message' 0 "$WELCOME
$(json NIFTYCE 258 101.5 | sed 's/}$/,"type":"latest"}/')" \
    sh -c 'for i in 1 2 3 4 5 6 7 8; do
	timeout 5 wsclient "ws://127.0.0.1:$1/" 4 texts=1 "{\"type\":\"get_latest\",\"symbol\":\"NIFTYCE\"}" texts=2 end |
	    cut -f 2 | sed "s/\"timestamp\":\"[^\"]*\"/\"timestamp\":T/" | head -n 2
    done | sort -u -r' sh "$port"
is 'ping' 0 '{"type":"pong","timestamp":T}' \
    sh -c 'sed -n 2p' <<X
$(hear / 4 texts=1 '{"type": "ping"}' texts=2 end)
X
is 'symbols' 0 '{"type":"symbols","data":["NIFTY 50","NIFTYCE"]}' \
    one '{"type":"get_symbols"}'
is 'all latest rows' 0 "{\"type\":\"latest_all\",\"data\":[$INDEX,$(json NIFTYCE 258 101.5)]}" \
    one '{"type":"get_latest_all"}'
is 'some of them' 0 "{\"type\":\"latest_all\",\"data\":[$INDEX]}" \
    one '{"type":"get_latest_all","limit":1}'
error 'no such symbol' no_data '{"type":"get_latest","symbol":"X"}'
error 'no symbol' bad_request '{"type":"get_latest"}'
error 'a limit of 0' bad_request '{"type":"get_latest_all","limit":0}'
error 'no JSON' bad_json 'hello'
error 'no object' bad_json '["ping"]'
error 'no type' bad_request '{"type":7}'
error 'another type' unknown_type '{"type":"drop"}'
error 'a mode that is none' bad_request '{"type":"subscribe","mode":"x"}'
error 'a field that is none' bad_request '{"type":"subscribe","fields":["x"]}'
error 'symbols that are none' bad_request '{"type":"subscribe","symbols":[7]}'
error 'a day that is none' bad_request '{"type":"subscribe","expiry":"2026-02-30"}'
error 'batch of ticks' bad_request '{"type":"subscribe","mode":"tick","shape":"batch"}'
error '65 patterns' bad_request "{\"type\":\"subscribe\",\"symbols\":[\"x\"$(printf ',"a%d"' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64)]}"
is 'an error ends nothing' 0 '{"type":"pong","timestamp":T}' \
    sh -c 'tail -n 1' <<X
$(hear / 4 texts=1 nonsense texts=2 '{"type":"ping"}' texts=3 end)
X

# ---- subscriptions ----
is 'a batch' 0 "$WELCOME
{\"timestamp\":T,\"data\":{\"NIFTY 50\":$INDEX,\"NIFTYCE\":$(json NIFTYCE 258 101.5)}}" \
    hear '/?shape=batch' 4 texts=2 end
is 'and by subscription, with fields' 0 '{"type":"subscribed","symbols":1,"mode":"snapshot","shape":"batch","patterns":1,"day":"2026-11-23","topic":"ltp","seq":S}
{"timestamp":T,"data":{"NIFTYCE":{"symbol":"NIFTYCE","ltp":101.5,"iv":12.5}}}' \
    sh -c 'sed -n 2,3p' <<X
$(hear / 4 texts=1 '{"type":"subscribe","shape":"batch","symbols":"*CE","fields":["iv","ltp"]}' texts=3 end)
X

ok 'asked to stop: status 0' stop
config '"castIntervalSeconds": 3600'
sed -i 's/"castIntervalSeconds": 1,//' "$DAS_CONFIG"
start
hear / 9 texts=1 '{"type":"subscribe","symbols":["N*"],"mode":"tick","fields":["ltp"],"snapshot":true}' \
    texts=4 '{"type":"unsubscribe","symbols":"NIFTY 5?"}' texts=8 end >got.tick & hear=$!
wait_for 5 curl -sf "http://127.0.0.1:$port/metrics" -o metrics
wait_for 5 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "requests_total 2"' sh "$port"
{ row NIFTYCE 258 1; row NIFTYCE 258 2; row OTHER 3 3; index 1; row NIFTYCE 258 4; } | put
wait $hear
is 'every tick, of what was chosen' 0 "$WELCOME
{\"type\":\"subscribed\",\"symbols\":2,\"mode\":\"tick\",\"shape\":\"flat\",\"patterns\":1,\"day\":\"2026-11-23\",\"topic\":\"ltp\",\"seq\":S}
{\"symbol\":\"NIFTY 50\",\"ltp\":25000.5}
{\"symbol\":\"NIFTYCE\",\"ltp\":101.5}
{\"type\":\"unsubscribed\",\"symbols\":1,\"mode\":\"tick\",\"shape\":\"flat\",\"patterns\":2,\"day\":\"2026-11-23\",\"topic\":\"ltp\",\"seq\":S}
{\"symbol\":\"NIFTYCE\",\"ltp\":1}
{\"symbol\":\"NIFTYCE\",\"ltp\":2}
{\"symbol\":\"NIFTYCE\",\"ltp\":4}" cat got.tick
is 'a number that grows: the place of the row' 0 "{\"symbol\":\"NIFTYCE\",\"seq\":$((536870912 + $(wc -c <"$LTP/000001.tsv")))}" \
    sh -c 'grep CE' <<X
$(hear / 4 texts=1 '{"type":"subscribe","symbols":["N*"],"fields":["symbol"],"seq":true,"snapshot":true}' texts=4 end)
X

# ---- what is sent unasked ----
mkdir -p lookup
awk -v OFS='\t' 'BEGIN {
	print "instrument_token", "exchange", "segment", "tradingsymbol",
	    "symbol", "name", "kind", "expiry", "strike", "lot_size",
	    "tick_size", "divisor", "TableName", "dbName"
	for (e = 24; e <= 30; e += 6)
		for (i = 0; i < 9; i++) {
			s = "NIFTY" e "NOV26" 24600 + i * 100
			print (e * 100 + i) * 256 + 2, "NFO", "NFO-OPT", s "CE",
			    s "CE", "NIFTY", "CE", "2026-11-" e, 24600 + i * 100,
			    75, 0.05, 100, s "CE", "optdb"
		}
	print 777 * 256 + 2, "NFO", "NFO-FUT", "NIFTY26NOVFUT",
	    "NIFTY30NOV26FUT", "NIFTY", "FUT", "2026-11-30", 0, 75, 0.05, 100,
	    "NIFTYFUT", "nsedb"
	print 256265, "NSE", "INDICES", "NIFTY 50", "NIFTY 50",
	    "NIFTY 50", "index", "\\N", 0, 0, 0, 100, "NIFTY", "nsedb"
	print 738561, "NSE", "NSE", "RELIANCE", "RELIANCE", "RELIANCE", "EQ",
	    "\\N", 0, 1, 0.05, 100, "RELIANCE", "nsedb"
}' >lookup/instruments.tsv
stop
begin 000001
{
	index 25049
	for e in 24 30; do
		for i in 0 1 2 3 4 5 6 7 8; do
			row "NIFTY${e}NOV26$((24600 + i * 100))CE" \
			    $(((e * 100 + i) * 256 + 2)) 10
		done
	done
	row NIFTY30NOV26FUT $((777 * 256 + 2)) 25100
	row RELIANCE 738561 1500
} | put
config '"atmWindow": 1'
start
symbols() { sed -n 's/{"symbol":"\([^"]*\)".*/\1/p' | sort | paste -sd ' '; }
is 'the index, its future, options near the money' 0 \
    'NIFTY 50 NIFTY24NOV2624900CE NIFTY24NOV2625000CE NIFTY24NOV2625100CE NIFTY30NOV26FUT' \
    symbols <<X
$(hear / 4 texts=6 end)
X
chosen() {	# MEMBERS
	hear / 4 texts=1 "{\"type\":\"subscribe\",$1,\"snapshot\":true}" \
	    texts=2 wait=300 end | symbols
}
is 'by expiry and pattern' 0 'NIFTY30NOV2624600CE NIFTY30NOV2625400CE' \
    chosen '"expiry":"2026-11-30","symbols":["*4600CE","*25400CE"]'
is 'by index' 0 20 sh -c 'wc -w' <<X
$(chosen '"index":"NIFTY","mode":"tick"' | tr ' ' '\n' | sort -u | sed 's/^50$//' | paste -sd ' ')
X
is 'of an index that is none' 0 '' chosen '"index":"NIFTI","mode":"tick"'
stop
config '"castSymbols": "all"'
start
is 'all, where the configuration says so' 0 21 sh -c 'grep -c symbol' <<X
$(hear / 4 texts=22 end)
X

# ---- the writer, and the day ----
{ row NIFTYCE 258 1; row NIFTYCE 258 2 | tr -d '\n' | cut -c 1-40 | tr -d '\n'; } | put
is 'no torn row' 0 "$(json NIFTYCE 258 1 | sed 's/}$/,"type":"latest"}/')" \
    one '{"type":"get_latest","symbol":"NIFTYCE"}'
begin 000002
{ row NIFTYCE 258 9; printf 'short\trow\n'; printf 'B\\tAD"\tx\t\\\\\tnan\t1.\t.5\t0x1\t-\t1e5\t-0.5\t01\t\\N\t\t<\n'; } >>"$LTP/000002.tsv"
is 'a writer that was started again' 0 "$(json NIFTYCE 258 9 | sed 's/}$/,"type":"latest"}/')" \
    one '{"type":"get_latest","symbol":"NIFTYCE"}'
is 'values that are none are null, text is escaped' 0 \
    '{"symbol":"B\u0009AD\"","token":"x","ts":"\\","ltp":null,"bid":null,"ask":null,"volume":null,"oi":null,"delta":1e5,"gamma":-0.5,"theta":null,"vega":null,"iv":null,"source":"<","type":"latest"}' \
    one '{"type":"get_latest","symbol":"B\tAD\""}'
stop
old=$DAS_CLOCK
DAS_CLOCK=${DAY}T23:59:58+05:30
start
next=spool/2026-11-24/ltp
sleep 2.5
is 'after midnight what there was' 0 1 sh -c 'grep -c NIFTYCE' <<X
$(one '{"type":"get_latest","symbol":"NIFTYCE"}')
X
mkdir -p $next
{ printf '%s\n' "$HEAD"; row NEW 5 1; } >$next/000001.tsv
sleep 1.5
is 'the next day begins with its first row' 0 '{"type":"symbols","data":["NEW"]}' \
    one '{"type":"get_symbols"}'
stop
DAS_CLOCK=$old

# ---- HTTP ----
config '"castOrigins": ["https://a.example"], "castMaxClients": 40'
start
is 'healthz' 0 '200 OK

ok

END' get /healthz
ok 'metrics' sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -qx "das_cast_rows_total [1-9][0-9]*"' sh "$port"
status() { get "$@" | head -n 1; }
is 'another path' 0 '404 Not Found' status /x
is 'no upgrade: the page' 0 '200 OK' status /
is 'the page of a stranger' 0 '403 Forbidden' status /healthz 'Origin: http://evil.example'
is 'one without an origin' 0 '403 Forbidden' status /healthz 'Origin: null'
is 'one of the list' 0 '200 OK' status /healthz 'Origin: https://a.example'
is 'one of ours' 0 '200 OK' status /healthz "Origin: http://localhost:$port"
is 'ours at another port' 0 '403 Forbidden' status /healthz 'Origin: http://localhost:1'
is 'no GET' 0 'HTTP/1.1 405 Method Not Allowed' sh -c 'castpoke "$1" 2 "POST / HTTP/1.1\r\n\r\n" | head -n 1' sh "$port"
is 'no HTTP' 0 'HTTP/1.1 400 Bad Request' sh -c 'castpoke "$1" 2 "\x16\x03\x01\n\n" | head -n 1' sh "$port"
is 'a head that is too long' 0 'HTTP/1.1 431 Request Header Fields Too Large' \
    sh -c 'castpoke "$1" 2 "GET / HTTP/1.1\r\nx: $(printf "%9000d" 1)" | head -n 1' sh "$port"
is 'another version' 0 '426 Upgrade Required' status / 'Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8'
ok 'a request in single bytes' sh -c 'castpoke "$1" 2 G wait=5 E wait=5 "T /healthz HTTP/1.1" wait=5 "\r" wait=5 "\n\r" wait=5 "\n" |
    grep -q "200 OK"' sh "$port"
is 'deflate, when it is offered' 0 \
    'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover' sh -c 'castpoke "$1" 1 "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n" wait=900 >packed
    grep Extensions packed' sh "$port"
ok 'and its rows are packed' grep -q 'xc1~' packed
stop
config '"castToken": "secret word"'
start
is 'without the token' 0 '401 Unauthorized' status '/metrics'
is 'with another one' 0 '401 Unauthorized' status '/metrics?token=secret+wore'
is 'with more of it' 0 '401 Unauthorized' status '/metrics?token=secret+words'
is 'with it' 0 '200 OK' status '/metrics?token=secret%20word'
is 'in a header' 0 '200 OK' status /metrics 'Authorization: Bearer secret word'
is 'healthz needs none' 0 '200 OK' status /healthz
is 'nor does the page, which holds no data' 0 '200 OK' status /
is 'but its WebSocket does' 0 '401 Unauthorized' status / 'Upgrade: websocket'
ok 'the token is in no message' sh -c '! grep -q secret log'
stop

# ---- hostile ----
config '"castMaxClients": 40'
start
fails 'the port is taken: by whom' 69 "the port is taken by das-cast, process $cast" \
    sh -c 'sed "s/127.0.0.1:0/127.0.0.1:$1/" "$DAS_CONFIG" >taken; chmod 600 taken; das-cast -c taken' sh "$port"
closed() {	# NAME CODE-IN-HEX WORDS BYTES
	name=$1 code=$2 words=$3 bytes=$4
	ok "$name" sh -c 'castpoke "$1" 3 upgrade wait=300 "$2" >closed
	    grep -F "$3" closed | grep -qF "$4" && grep -q END closed' \
	    sh "$port" "$bytes" "$code" "$words"
}
closed 'a frame without a mask' '\x03\xea' 'without a mask' '\x81\x02hi'
closed 'binary' '\x03\xeb' 'text, please' '\x82\x81\x00\x00\x00\x00a'
closed 'no UTF-8' '\x03\xef' 'no UTF-8' '\x81\x81\x00\x00\x00\x00\xff'
closed 'too long' '\x03\xf1' 'too long' '\x81\xff\x00\x00\x00\x00\x00\x01\x00\x01\x00\x00\x00\x00'
closed 'reserved bits' '\x03\xea' 'reserved bits' '\xf1\x80\x00\x00\x00\x00'
closed 'a goodbye is answered' '\x88\x02\x03\xe8' '' '\x88\x82\x00\x00\x00\x00\x03\xe8'
ok 'a ping is answered' sh -c 'castpoke "$1" 1 upgrade wait=200 "\x89\x82\x00\x00\x00\x00hi" wait=200 | grep -qF "\x8a\x02hi"' sh "$port"
castpoke "$port" 13 'GET / HT' >slow & slow=$!
castpoke "$port" 13 upgrade wait=200 '\x81\xfe\x10' >half & half=$!
ok '100,000 messages, most of them malformed' sh -c 'timeout 120 castpoke "$1" 0 storm=100000' sh "$port"
ok 'most of them were read, and answered' sh -c 'curl -s "http://127.0.0.1:$1/metrics" |
    awk "\$1 == \"das_cast_request_errors_total\" { n = \$2 } END { print n; exit n < 40000 }"' sh "$port"
one_piece() { i=0; while [ $i -lt 100 ]; do printf '\\x81\\x99\\x00\\x00\\x00\\x00{"type":"get_latest_all"}'; i=$((i + 1)); done; }
is 'a hundred questions in one piece are all answered' 0 100 \
    sh -c 'castpoke "$1" 3 upgrade wait=200 "$2" | grep -o "\"latest_all\"" | grep -c ""' sh "$port" "$(one_piece)"
pings() { i=0; while [ $i -lt 2000 ]; do printf '\\x81\\x8f\\x00\\x00\\x00\\x00{"type":"ping"}'; i=$((i + 1)); done; }
from=$(date +%s%N)
is '2000 questions' 0 2000 sh -c \
    'castpoke "$1" 60 upgrade wait=200 "$2\x88\x80\x00\x00\x00\x00" | grep -o "\"pong\"" | grep -c ""' sh "$port" "$(pings)"
ok '... take their time: 500, then 1000 a second' test $((($(date +%s%N) - from) / 1000000)) -ge 1500
is 'and it serves' 0 '{"type":"pong","timestamp":T}' one '{"type":"ping"}'
castpoke "$port" 4 idle=45 wait=1000 >/dev/null & idle=$!
sleep 0.5
is 'as many as may be' 0 'HTTP/1.1 503 Service Unavailable' sh -c 'castpoke "$1" 1 x | head -n 1' sh "$port"
is 'which is said once' 0 1 grep -c castMaxClients log
wait $idle
wait_for 5 sh -c 'castpoke "$1" 1 "GET /healthz HTTP/1.1\r\n\r\n" | grep -q "200 OK"' sh "$port"
wait $slow; wait $half
is 'a request that does not end' 0 'HTTP/1.1 408 Request Timeout' head -n 1 slow
stop

# ---- slow ----
config '"castQueueBytes": 65536, "castIntervalSeconds": 3600'
sed -i 's/"castIntervalSeconds": 1,//' "$DAS_CONFIG"
begin 000001; rm -f "$LTP/000002.tsv"
start
sub='{"type":"subscribe","symbols":"*","mode":"tick","fields":["ltp"],"seq":true}'
castpoke "$port" 1 upgrade wait=300 "frame=$sub" until=go wait=5000 >slow & slow=$!
wsclient "ws://127.0.0.1:$port/" 40 texts=1 "$sub" texts=200002 end >fast & fast=$!
wait_for 5 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "requests_total 2"' sh "$port"
many() {	# FROM: 40,000 rows of 50 symbols, numbered
	awk -v from="$1" 'BEGIN { for (i = from; i < from + 40000; i++)
	    printf "SYM%d\t%d\t2026-11-23T10:30:05+00:00\t%d\t1\t2\t3\t4\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n", i % 50, i % 50, i }'
}
for i in 0 1 2 3 4; do many $((i * 40000)) | put; sleep 0.3; done
wait_for 40 sh -c '! kill -0 "$1" 2>/dev/null' sh $fast
is 'a slow client costs the others nothing' 0 '200000 199999' \
    awk -F '"ltp":' 'NF == 2 { split($2, a, ","); n += a[1] == n } END { print n, n - 1 }' fast
ok 'and falls behind' wait_for 20 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "^das_cast_skips_total [1-9]"' sh "$port"
: >go
wait $slow
ok 'and is told what it missed' grep -q '"type":"skipped"' slow
ok 'then has the latest of each' sh -c \
    'for i in $(seq 0 49); do grep -q "\"symbol\":\"SYM$i\",\"ltp\":$((199950 + i))," slow || exit 1; done'
is 'in order, each symbol' 0 0 sh -c 'grep -o "{\"symbol\":\"SYM[0-9]*\",\"ltp\":[0-9]*" slow | tr -d "{\":," |
    sed "s/symbolSYM//; s/ltp/ /" | awk "\$1 in last && last[\$1] > \$2 { n++ } { last[\$1] = \$2 } END { print n + 0 }"'
is 'and is not alone with a number' 0 200000 sh -c \
    'got=$(grep -o "\"ltp\":" slow | wc -l)
    missed=$(grep -o "skipped\",\"n\":[0-9]*" slow | sed "s/.*://" | awk "{ n += \$1 } END { print n }")
    # what a sweep gave again comes on top, and messages of status
    [ $((got + missed)) -ge 200000 ] && [ $((got + missed)) -le $((200020 + 50 * $(grep -o skipped slow | wc -l))) ] && echo 200000'
stop

# ---- those that took long ----
wait $stalled; wait $dead; wait $part
ok 'who takes nothing for 30 s is told why' grep -qF '\x03\xf0took nothing for 30 s' stalled
ok 'and closed' grep -q '^END' stalled
ok 'who answers no ping is asked' grep -qF '\x89\x00' dead
ok 'and given up' grep -q '^END\|^RESET' dead
ok 'a message that does not end' grep -qF '\x03\xf0a message did not end in 30 s' part
ok 'is the end' grep -q '^END\|^RESET' part
kill "$long"

# ---- the end ----
config
start
castpoke "$port" 5 upgrade wait=5000 >end & end=$!
castpoke "$port" 5 'GET ' wait=5000 >half & half=$!
wait_for 5 grep -q welcome end
from=$(date +%s%N)
ok 'stops' stop
ok 'within 2 s' test $((($(date +%s%N) - from) / 1000000)) -lt 2000
wait $end; wait $half
ok 'and says so' grep -qF '\x03\xe9das-cast ends' end
is 'no word but of where it listens' 1 '' grep -v 'listens on' log
done_testing
