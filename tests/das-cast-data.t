#!/bin/sh
# das-cast-data.t - what a client of das-cast can ask beside the rows it is sent:
# instruments, depth, how the capture goes
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/cast.sh"

config '"tokenFile": "token.tsv"'
instruments 3
printf '738561\tNSE\tNSE\tRELIANCE\tRELIANCE\tRELIANCE\tEQ\t\\N\t0\t1\t0.05\t100\tRELIANCE\tnsedb\n' \
    >>lookup/instruments.tsv
segment 000001
rows 1 7 2 >>"$TICKS/000001.tsv"
begin 000001
row SYM1CE 258 101.5 | put
start

# ---- the id of a request ----
is 'a string comes back' 0 '{"type":"pong","timestamp":T,"id":"a\"\u0007b"}' \
    one '{"type":"ping","id":"a\"\u0007b"}'
is 'a number' 0 '{"type":"symbols","data":["SYM1CE"],"id":9007199254740993}' \
    one '{"type":"get_symbols","id":9007199254740993}'
is 'one with decimals' 0 '{"type":"pong","timestamp":T,"id":-0.5}' \
    one '{"type":"ping","id":-5e-1}'
is 'in a row' 0 "$(json SYM1CE 258 101.5 | sed 's/}$/,"type":"latest","id":7}/')" \
    one '{"type":"get_latest","symbol":"SYM1CE","id":7}'
is 'in an error' 0 '{"type":"error","code":"unknown_type","message":"no such request","id":7}' \
    one '{"type":"x","id":7}'
is 'in the answer to a subscription' 0 \
    '{"type":"subscribed","symbols":0,"mode":"snapshot","shape":"flat","patterns":1,"day":"2026-11-23","topic":"ltp","seq":S,"id":""}' \
    sh -c 'echo "$1" | sed "s/\"id\":\"s\"/\"id\":\"\"/"' sh \
    "$(one '{"type":"subscribe","symbols":"X","id":"s"}')"
is 'null is none' 0 '{"type":"pong","timestamp":T}' one '{"type":"ping","id":null}'
error 'a list is none' bad_request '{"type":"ping","id":[1]}'
error 'an empty one' bad_request '{"type":"ping","id":""}'
error 'one of 65 bytes' bad_request "{\"type\":\"ping\",\"id\":\"$(printf '%065d' 0)\"}"
is 'the next request has its own' 0 '{"type":"pong","timestamp":T,"id":1}
{"type":"pong","timestamp":T}' sh -c 'sed -n 2,3p' <<X
$(hear / 9 texts=1 '{"type":"ping","id":1}' '{"type":"ping"}' texts=3 end)
X

# ---- instruments ----
I1='{"symbol":"SYM1CE","tradingsymbol":"OPT1CE","token":"258","index":"NIFTY","kind":"CE","expiry":"2026-11-24","strike":101,"lot_size":75}'
NIFTY='{"symbol":"NIFTY 50","tradingsymbol":"NIFTY 50","token":"256265","index":"NIFTY","kind":"index","expiry":null,"strike":null,"lot_size":0}'
is 'one by its name' 0 "{\"type\":\"instruments\",\"data\":[$I1],\"truncated\":false}" \
    one '{"type":"get_instruments","symbols":"SYM1CE"}'
is "by the exchange's, and others of the index" 0 "{\"type\":\"instruments\",\"data\":[$I1,$NIFTY],\"truncated\":false,\"id\":1}" \
    one '{"type":"get_instruments","symbols":["OPT1*","NIF??*50"],"index":"NIFTY","id":1}'
is 'some of all' 0 "{\"type\":\"instruments\",\"data\":[$I1],\"truncated\":true}" \
    one '{"type":"get_instruments","limit":1}'
is 'of a day' 0 3 sh -c 'echo "$1" | grep -o strike | grep -c ""' sh \
    "$(one '{"type":"get_instruments","expiry":"2026-11-24"}')"
is 'a share, of which no row has come' 0 \
    '{"type":"instruments","data":[{"symbol":"RELIANCE","tradingsymbol":"RELIANCE","token":"738561","index":null,"kind":"EQ","expiry":null,"strike":null,"lot_size":1}],"truncated":false}' \
    one '{"type":"get_instruments","symbols":"RELIANCE"}'
is 'none' 0 '{"type":"instruments","data":[],"truncated":false}' \
    one '{"type":"get_instruments","symbols":"X*"}'
error 'a limit that is none' bad_request '{"type":"get_instruments","limit":-1}'
error 'a pattern that is none' bad_request '{"type":"get_instruments","symbols":{}}'

# ---- depth ----
# raw REQUEST: as one(), its times too
raw() {
	wsclient "ws://127.0.0.1:$port/" 9 texts=1 "$1" texts=2 end |
	    sed -n '2s/[^\t]*\t//p'
}
depth() {	# I: of row I of rows()
	awk -v i="$1" 'BEGIN {
		printf "{\"type\":\"depth\",\"symbol\":\"SYM1CE\",\"token\":\"258\"," \
		    "\"timestamp\":\"2026-11-23T03:45:%02d+00:00\",\"price\":%.2f," \
		    "\"volume\":%.0f,\"oi\":7,\"open\":99.5,\"high\":102," \
		    "\"low\":98.05,\"close\":100,", (i - 1) / 2, 100 + i / 20,
		    2147483648 + i
		for (j = 0; j < 10; j++)
			printf "%s{\"quantity\":%d,\"price\":%.2f,\"orders\":%d}", \
			    (j == 0 ? "\"bids\":[" : j == 5 ? "],\"asks\":[" : ","),
			    i + j, 100 - j / 20, j
		print "]}"
	}'
}
is 'depth: five levels a side' 0 "$(depth 7)" raw '{"type":"get_depth","symbol":"SYM1CE"}'
is "by the exchange's name, under the broadcaster's" 0 "$(depth 7)" \
    raw '{"type":"get_depth","symbol":"OPT1CE"}'
rows 8 9 2 >>"$TICKS/000001.tsv"
is 'a tick that has just come' 0 "$(depth 9)" raw '{"type":"get_depth","symbol":"SYM1CE"}'
awk -F '\t' -v OFS='\t' '{ $5 = 256265; for (i = 9; i <= 13; i++) $i = "\\N"
    for (i = 19; i <= NF; i++) $i = "\\N"; print }' <<X >index.tsv
$(rows 10 10 2)
X
cat index.tsv >>"$TICKS/000001.tsv"
is 'an index has none' 0 \
    '{"type":"depth","symbol":"NIFTY 50","token":"256265","timestamp":"2026-11-23T03:45:04+00:00","price":100.50,"volume":null,"oi":null,"open":99.5,"high":102,"low":98.05,"close":100,"bids":[],"asks":[]}' \
    raw '{"type":"get_depth","symbol":"NIFTY 50"}'
error 'no tick of it' no_data '{"type":"get_depth","symbol":"SYM3CE"}'
error 'no such instrument' no_data '{"type":"get_depth","symbol":"X"}'
error 'of nothing' bad_request '{"type":"get_depth"}'
printf '%s\n' "$COLS" >"$TICKS/000002.tsv"
{ rows 11 11 2; printf '12\tx\t1\t-\t258\tx\n'; } >>"$TICKS/000002.tsv"
error 'a row that is none' no_data '{"type":"get_depth","symbol":"SYM1CE"}'
rows 13 13 2 >>"$TICKS/000002.tsv"
is 'the next one' 0 "$(depth 13)" raw '{"type":"get_depth","symbol":"SYM1CE"}'
stop
# 60,000 rows behind the only ones of SYM1CE and SYM2CE: 13 MB, more than is
# read before the first client comes
rows 1 120000 2 | awk -F '\t' -v OFS='\t' 'NR > 3 { $5 = 770 } { print }' \
    >>"$TICKS/000002.tsv"
start
ok 'a start in the middle of the day: what came before is found' wait_for 60 \
    sh -c 'wsclient "ws://127.0.0.1:$1/" 9 texts=1 "{\"type\":\"get_depth\",\"symbol\":\"SYM2CE\"}" texts=2 end |
	grep -q "\"price\":100.10"' sh "$port"
ok 'and the newest stays' sh -c 'echo "$1" | grep -q "\"volume\":2147603648,"' sh \
    "$(raw '{"type":"get_depth","symbol":"SYM3CE"}')"
is 'instruments with a row' 0 'das_cast_depth_instruments 4' sh -c \
    'curl -s "http://127.0.0.1:$1/metrics" | grep ^das_cast_depth_instruments' sh "$port"

# ---- the capture ----
status() {	# the members named, of upstream in a message of status
	wsclient "ws://127.0.0.1:$port/" 9 texts=1 \
	    '{"type":"subscribe","symbols":"X","status":true}' texts=3 end |
	    sed -n '3s/.*"upstream"://p' | sed 's/"disk_[a-z]*":[1-9][0-9]*/D/g; s/"token_age":[1-9][0-9]*/"token_age":A/'
}
is 'nothing is known of it' 0 '{"state":null,"connections":null,"ticks":null,"ticks_per_second":null,"last_tick":null,"lag":null,"reconnects":null,"rejects":null,"gaps":null,"last_gap":null,"token_age":null,D,D}}' \
    status
capture() {	# STATE CONNECTIONS UPDATED
	printf 'key\tvalue\nstate\t%s\nupdated\t%s %s\nlast_tick\t%s 16:00:00.500000\nlag_ms\t-120\nconnections\t%s\nticks_per_second\t812\nticks\t5000000\nrejects\t1\nreconnects\t2\nx\ty\n' \
	    "$1" "$DAY" "$3" "$DAY" "$2" >"spool/$DAY/.status"
	mv "spool/$DAY/.status" "spool/$DAY/status.tsv"
}
{
	printf 'from\tto\tseconds\tconn\tcause\tinstruments\tresolved\treason\n'
	printf '%s 09:15:00.000000\t%s 09:15:02.250000\t2.250\t1\treset\t5\tyes\tgone\n' "$DAY" "$DAY"
	printf '%s 10:15:00.000000\t\\N\t\\N\t1\treset\t5\tno\tsaid "no"\n' "$DAY"
} >"spool/$DAY/gaps.tsv"
(umask 077; printf 'timestamp\tuser_id\taccess_token\n%s 08:00:00\tAB1234\tsecretsecretsecretsecretsecret12\n' "$DAY" >token.tsv)
capture connected 1 23:59:59
KNOWN='"ticks":5000000,"ticks_per_second":812,"last_tick":"2026-11-23T10:30:00.500+00:00","lag":-0.120,"reconnects":2,"rejects":1,"gaps":2,"last_gap":{"from":"2026-11-23T04:45:00.000+00:00","to":null,"reason":"said \"no\""},"token_age":A,D,D}}'
seen() { [ "$(status)" = "$1" ] || { status; return 1; }; }
says() { wait_for 20 seen "{\"state\":\"$1\",\"connections\":$2,$KNOWN"; }
ok 'what the capture says' says connected 1
wsclient "ws://127.0.0.1:$port/" 30 texts=1 '{"type":"subscribe","symbols":"X","status":true}' \
    texts=40 end >heard & hear=$!
wait_for 10 grep -q subscribed heard
capture reconnecting 0 23:59:59
ok 'a change is told' wait_for 20 grep -q '"state":"reconnecting","connections":0,' heard
capture connected 1 15:00:00
ok 'one that no longer renews it' wait_for 20 grep -q '"state":"gone"' heard
kill $hear; wait $hear 2>/dev/null
capture closed 0 15:00:00
ok 'and is not missed behind the close' says closed 0
stop
done_testing
