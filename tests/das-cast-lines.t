#!/bin/sh
# das-cast-lines.t - the rows for the shell: server-sent events for curl, lines on
# a Unix socket for socat
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/cast.sh"

# until FILE COUNT WORDS: COUNT lines of FILE have WORDS
until_lines() { wait_for 20 sh -c '[ "$(grep -cF -- "$3" "$1")" -ge "$2" ]' sh "$@"; }
plain() { sed 's/"timestamp":"2026-11-23T[0-9:.]*+00:00"/"timestamp":T/' "$@"; }
counter() { curl -s -m 20 "http://127.0.0.1:$port/metrics" | sed -n "s/^das_cast_$1 //p"; }

begin 000001
{ index 25000.5; row NIFTYCE 258 101.5; } | put
seq=$((536870912 + $(wc -c <"$LTP/000001.tsv")))
config '"castSocket": "sock"'
start

# ---- events ----
# events QUERY COUNT WORDS: what comes until COUNT lines have WORDS
events() {
	: >events
	curl -sN -m 60 "http://127.0.0.1:$port/events$1" >events & curl=$!
	until_lines events "$2" "$3"
	kill $curl; wait $curl 2>/dev/null
	plain events
}
with_seq() { printf '%s' "$1" | sed "s/}\$/,\"seq\":$2}/"; }
is 'rows as they are sent unasked' 0 "event: welcome
data: $WELCOME

id: $((seq - $(row NIFTYCE 258 101.5 | wc -c)))
data: $(with_seq "$INDEX" $((seq - $(row NIFTYCE 258 101.5 | wc -c))))

id: $seq
data: $(with_seq "$(json NIFTYCE 258 101.5)" $seq)" \
    sh -c 'head -n 8' <<X
$(events '' 1 NIFTYCE)
X
is 'symbols, fields, without a number' 0 'data: {"symbol":"NIFTYCE","ltp":101.5,"iv":12.5}' \
    sh -c 'sed -n 4p' <<X
$(events '?symbols=*CE,X&fields=ltp,iv&seq=0' 1 NIFTYCE)
X
is 'at once' 0 'data: {"symbol":"NIFTY 50","ltp":25000.5}' \
    sh -c 'sed -n 4p' <<X
$(events '?symbols=NIFTY%2050&fields=ltp&seq=0&snapshot=1&mode=tick' 1 25000.5)
X
is 'a batch' 0 "data: {\"timestamp\":T,\"data\":{\"NIFTY 50\":$(with_seq "$INDEX" 7),\"NIFTYCE\":$(with_seq "$(json NIFTYCE 258 101.5)" 7)}}" \
    sh -c 'sed "s/\"seq\":[0-9]*/\"seq\":7/g; 4q;d"' <<X
$(events '?shape=batch' 1 NIFTYCE)
X
is 'messages of status have a name' 0 'event: status' \
    sh -c 'sed -n "/^event: status/{p;q;}"' <<X
$(events '?status=1' 1 '"type":"status"')
X
first=$((seq - $(row NIFTYCE 258 101.5 | wc -c)))
is 'since a row' 0 "data: {\"symbol\":\"NIFTYCE\",\"ltp\":101.5,\"seq\":$seq}" \
    sh -c 'grep -m 1 NIFTYCE' <<X
$(events "?fields=ltp&symbols=*&mode=tick&since=$first" 1 NIFTYCE)
X
ok 'as an EventSource that comes back' wait_for 20 sh -c \
    'curl -sN -m 2 -H "Last-Event-ID: $2" "http://127.0.0.1:$1/events?mode=tick&symbols=*" | grep -q "^id: $3\$"' sh "$port" "$first" "$seq"
ok 'since no row' sh -c 'curl -sN -m 2 -H "Last-Event-ID: x" "http://127.0.0.1:$1/events" | grep -q "since is not the seq of a row"' sh "$port"
refused() { curl -s -m 20 -w '%{http_code}' "http://127.0.0.1:$port/events$1"; }
is 'a mode that is none' 0 'mode is neither snapshot nor tick
400' refused '?mode=x'
is 'a day that is none' 0 'expiry is not a day like 2026-11-24
400' refused '?expiry=2026-02-30'
is 'batch of ticks' 0 'shape batch is of mode snapshot only
400' refused '?mode=tick&shape=batch'
is 'a field that is none' 0 'fields has one that is none
400' refused '?fields=ltp,x'
is 'a number that is none' 0 'seq, status and snapshot are 0 or 1
400' refused '?seq=2'
is 'no UTF-8' 0 'the query is no UTF-8
400' refused '?symbols=%ff'
is 'a broken escape' 0 'a value is too long, or its escapes are wrong
400' refused '?symbols=%f'
is 'more than 64 patterns' 0 'more than 64 patterns
400' refused "?symbols=$(seq -s , 65)"
is 'quotes are text (the stream goes on until curl ends it)' 28 '200' sh -c 'curl -s -m 2 -o body -w "%{http_code}" "http://127.0.0.1:$1/events?symbols=%22%7d%0a"' sh "$port"
is 'a page of ours is told that it may' 0 "Access-Control-Allow-Origin: http://localhost:$port" \
    sh -c 'castpoke "$1" 1 "GET /events HTTP/1.1\r\nHost: localhost:$1\r\nOrigin: http://localhost:$1\r\n\r\n" | grep ^Access' sh "$port"
is 'a stranger is not' 0 'HTTP/1.1 403 Forbidden' \
    sh -c 'castpoke "$1" 1 "GET /events HTTP/1.1\r\nHost: localhost:$1\r\nOrigin: http://evil.example\r\n\r\n" | head -n 1' sh "$port"
is 'nobody is left' 0 0 sh -c 'for i in $(seq 100); do
    n=$(curl -s "http://127.0.0.1:$1/metrics" | sed -n "s/^das_cast_clients //p"); [ "$n" != 0 ] || break; sleep 0.1; done; echo $n' sh "$port"

# ---- the Unix socket ----
if command -v socat >/dev/null; then
is 'for its owner alone' 0 600 stat -c %a sock
# lines COUNT WORDS [REQUEST]: likewise, with a request, whose end is the input's
lines() {
	: >lines
	printf '%s' "$3" | socat -t 60 - UNIX-CONNECT:sock >lines & socat=$!
	until_lines lines "$1" "$2"
	kill $socat; wait $socat 2>/dev/null
	plain lines
}
is 'rows, without a word' 0 "$WELCOME
$INDEX
$(json NIFTYCE 258 101.5)" sh -c 'head -n 3' <<X
$(lines 1 NIFTYCE '')
X
is 'a request, its answer, and what was asked for' 0 "$WELCOME
{\"type\":\"subscribed\",\"symbols\":1,\"mode\":\"snapshot\",\"shape\":\"flat\",\"patterns\":1,\"day\":\"$DAY\",\"topic\":\"ltp\",\"seq\":S}
{\"symbol\":\"NIFTYCE\",\"iv\":12.5}" sh -c 'head -n 3 | sed "s/\"seq\":[0-9]*/\"seq\":S/"' <<X
$(lines 1 '"iv":12.5' '{"type":"subscribe","symbols":"*CE","fields":["iv"]}
')
X
is 'a last line without its newline, others empty' 0 '"type":"pong"
"type":"error"
"type":"pong"' sh -c 'grep -o "\"type\":\"\(pong\|error\)\""' <<X
$(lines 2 '"type":"pong"' '
{"type":"ping"}
nonsense
{"type":"ping"}')
X
asks() { i=0; while [ $i -lt 300 ]; do echo '{"type":"get_latest_all"}'; i=$((i + 1)); done; }
is 'three hundred questions in one piece' 0 300 sh -c 'grep -c latest_all' <<X
$(lines 300 latest_all "$(asks)")
X
ok 'a line that is too long' sh -c '
    head -c 70000 /dev/zero | tr "\0" x | timeout 60 socat -t 60 - UNIX-CONNECT:sock |
	grep -q "{\"type\":\"closed\",\"code\":1009,\"message\":\"a line that is too long\"}"'
ok 'no UTF-8' sh -c '{ printf "{\"type\":\"\377\"}\n"; sleep 1; } | socat -t 5 - UNIX-CONNECT:sock | grep -q bad_json'

# ---- whose it is ----
fails 'one that lives is not taken' 69 'sock: another program listens there' das-cast
kill -9 $cast; wait $cast 2>/dev/null
ok 'one that was left behind' test -S sock
start
ok 'is taken over' until_lines log 1 'listens on /'
is 'and answers' 0 1 sh -c 'grep -c welcome' <<X
$(lines 1 welcome '')
X
stop
ok 'at the end it is gone' test ! -e sock
echo mine >sock
fails 'a file is not' 78 'sock is there, and is no socket' das-cast
is 'and stays' 0 mine cat sock
rm sock; mkdir sock
fails 'nor a directory' 78 'is no socket' das-cast
rmdir sock
config "\"castSocket\": \"$(printf '%0120d' 0)\""
fails 'a name that is too long' 78 'is longer than 107 bytes' das-cast
config '"castSocket": "no/such/sock"'
fails 'a directory that is not there' 78 'No such file' das-cast

# ---- slow ones, of both kinds ----
config '"castSocket": "sock", "castQueueBytes": 65536, "castIntervalSeconds": 3600'
sed -i 's/"castIntervalSeconds": 1,//' "$DAS_CONFIG"
begin 000001
start
printf '{"type":"subscribe","symbols":"*","mode":"tick","fields":["ltp"],"seq":true}\n' |
    socat -t 60 - UNIX-CONNECT:sock | { wait_for 40 test -e go; exec cat; } >slow.lines & slow=$!
mine $slow
castpoke "$port" 1 'GET /events?mode=tick&fields=ltp&symbols=* HTTP/1.1\r\n\r\n' until=go wait=5000 >slow.events & events=$!
mine $events
printf '{"type":"subscribe","symbols":"*","mode":"tick","fields":["ltp"]}\n' |
    socat -t 60 - UNIX-CONNECT:sock >fast & fast=$!
mine $fast
until_clients() { [ "$(counter clients)" = 3 ] && [ "$(counter requests_total)" = 2 ]; }
wait_for 20 until_clients
many() {	# FROM: 40,000 rows of 50 symbols, numbered
	awk -v from="$1" 'BEGIN { for (i = from; i < from + 40000; i++)
	    printf "SYM%d\t%d\t2026-11-23T10:30:05+00:00\t%d\t1\t2\t3\t4\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n", i % 50, i % 50, i }'
}
for i in 0 1 2 3 4; do many $((i * 40000)) | put; until_lines fast $((i * 40000 + 40000)) SYM; done
is 'slow ones cost the others nothing' 0 '200000 199999' \
    awk -F '"ltp":' 'NF == 2 { split($2, a, "}"); n += a[1] == n } END { print n, n - 1 }' fast
: >go
until_lines slow.lines 1 199999
wait $events
for kind in lines events; do
	ok "$kind: told what it missed" grep -q '"type":"skipped"' slow.$kind
	ok "$kind: then has the latest of each" sh -c \
	    'for i in $(seq 0 49); do grep -q "\"symbol\":\"SYM$1\",\"ltp\":$((199950 + $1))," "$2" || exit 1; shift; set -- $(($i + 1)) "$1"; done' sh 0 slow.$kind
	ok "$kind: nothing is torn" sh -c '! grep -vE "^(event: [a-z]+|id: [0-9]+|(data: )?\{.*\}|END|HTTP.*|[A-Z][A-Za-z-]*: .*|)$" "$1"' sh slow.$kind
	# a sweep gives 50 again; messages of status are counted too when missed
	is "$kind: nothing is lost untold" 0 200000 sh -c \
	    'got=$(grep -c "\"ltp\":" "$1")
	    missed=$(grep -o "skipped\",\"n\":[0-9]*" "$1" | sed "s/.*://" | awk "{ n += \$1 } END { print n }")
	    [ $((got + missed)) -ge 200000 ] && [ $((got + missed)) -le $((200020 + 50 * $(grep -c "\"skipped\"" "$1"))) ] && echo 200000 || echo $got $missed' sh slow.$kind
done
kill $fast $slow 2>/dev/null; wait $fast $slow 2>/dev/null

# ---- the end ----
: >last
socat -u UNIX-CONNECT:sock - >last & last=$!
until_lines last 1 welcome
stop; wait $last
is 'the end is told' 0 '{"type":"closed","code":1001,"message":"das-cast ends"}' tail -n 1 last
else
	skip 'the Unix socket' 'no socat'
fi
done_testing
