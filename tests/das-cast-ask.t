#!/bin/sh
# das-cast-ask.t - questions to the store through das-cast: rows of before, any
# SELECT, and what a question must not do
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/cast.sh"

# ask REQUEST: its answer
ask() {
	wsclient "ws://127.0.0.1:$port/" 60 texts=1 '{"type":"unsubscribe"}' \
	    texts=2 "$1" texts=3 end | cut -f 2 | sed -n 3p
}
slowly() { sed -i 's/"castIntervalSeconds": 1/"castIntervalSeconds": 3600/' "$DAS_CONFIG"; }
wrong() {	# NAME CODE WORD REQUEST
	name=$1 code=$2 word=$3
	ok "$name" sh -c 'case $1 in "{\"type\":\"error\",\"code\":\"$2\",\"message\":\""*"$3"*) ;; *) echo "$1"; exit 1 ;; esac' \
	    sh "$(ask "$4")" "$code" "$word"
}

config '"castQuery": true'; slowly
start
wrong 'no store yet' no_data '' '{"type":"get_historical","symbol":"SYM1CE"}'
stop
instruments 2
segment 000001
rows 1 2 2 >>"$TICKS/000001.tsv"
das-load 2>/dev/null
ltp_segment 000001
ltp_rows 1 20 2 >>"$LTP/000001.tsv"
das-load ltp 2>/dev/null
start

# ---- get_historical ----
R1="{\"symbol\":\"SYM1CE\",\"token\":\"258\",\"ts\":\"${DAY}T03:45:00+00:00\",\"ltp\":100.05,\"bid\":99.95,\"ask\":100.05,\"volume\":2147483649,\"oi\":75,\"delta\":0.51234567,\"gamma\":0.0001234567,\"theta\":-10.123456,\"vega\":12.654321,\"iv\":13.5,\"source\":\"ws\"}"
moments() { sed -n 's/"ts":"/\n/gp' | sed -n 's/^[0-9-]*T\([0-9:]*\)+00:00".*/\1/p' | paste -sd ' '; }
is 'the first row of a symbol' 0 "{\"type\":\"historical\",\"symbol\":\"SYM1CE\",\"data\":[$R1],\"truncated\":false,\"id\":\"h\"}" \
    ask "{\"type\":\"get_historical\",\"symbol\":\"SYM1CE\",\"end_ts\":\"${DAY}T03:45:04+00:00\",\"id\":\"h\"}"
is 'rows of a time, oldest first' 0 '03:45:05 03:45:10 03:45:15' moments <<X
$(ask "{\"type\":\"get_historical\",\"symbol\":\"SYM2CE\",\"start_ts\":\"${DAY}T03:45:05+00:00\",\"end_ts\":\"${DAY}T03:45:15+00:00\"}")
X
is 'the newest of them' 0 '03:45:40 03:45:45' moments <<X
$(ask '{"type":"get_historical","symbol":"SYM2CE","limit":2}')
X
is 'a symbol without rows' 0 '{"type":"historical","symbol":"it'"'"'s \" %","data":[],"truncated":false}' \
    ask '{"type":"get_historical","symbol":"it'"'"'s \" %"}'
wrong 'no symbol' bad_request 'wants a symbol' '{"type":"get_historical"}'
wrong 'a time that is none' bad_request 'wants a symbol' '{"type":"get_historical","symbol":"X","start_ts":"yesterday"}'

# ---- query ----
q() { printf '{"type":"query","sql":"%s"%s}' "$1" "${2:+,$2}"; }
is 'a question' 0 '{"type":"query_result","columns":["symbol","n"],"rows":[["SYM1CE",10],["SYM2CE",10]],"truncated":false,"id":3}' \
    ask "$(q 'SELECT symbol, count(*) AS n FROM ltp_ticks GROUP BY symbol ORDER BY symbol' '"id":3')"
is 'values' 0 '{"type":"query_result","columns":["a","b","c"],"rows":[["x\"y",7,null]],"truncated":false}' \
    ask "$(q 'SELECT ? AS a, ? AS b, ? AS c' '"params":["x\"y",7,null]')"
is 'no rows' 0 '{"type":"query_result","columns":["ts"],"rows":[],"truncated":false}' \
    ask "$(q 'SELECT ts FROM ltp_ticks WHERE volume < 0')"
for s in 'DELETE FROM ltp_ticks' 'ATTACH x AS y' 'PRAGMA journal_mode = DELETE' \
    'SELECT load_extension(?)' 'SELECT 1; DELETE FROM ltp_ticks' 'INSERT INTO ltp_ticks(symbol) VALUES(1)' \
    'SELECT * FROM nothing' 'WITH x AS (SELECT 1) DELETE FROM ltp_ticks' 'VACUUM INTO x' ''; do
	wrong "refused: $s" bad_request '' "$(q "$s")"
done
wrong 'params that are none' bad_request 'array' "$(q 'SELECT 1' '"params":[[1]]')"
wrong 'no sql' bad_request 'wants sql' '{"type":"query"}'
is 'text that is no UTF-8, numbers that are none' 0 '{"type":"query_result","columns":["a","b","c"],"rows":[["???","Inf","é"]],"truncated":false}' \
    ask "$(q "SELECT x'ff80fe' AS a, 1e999 AS b, 'é' AS c")"
is 'a large answer is cut off' 0 'true 10000' sh -c 'echo "$(echo "$1" | sed "s/.*truncated\":\([a-z]*\).*/\1/") $(echo "$1" | grep -o "\[[0-9][0-9]*\]" | wc -l)"' sh \
    "$(ask "$(q 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n')")"
is 'one of many bytes too' 0 'true' sh -c 'tail -c 30 | sed -n "s/.*truncated\":\([a-z]*\)}$/\1/p"' <<X
$(ask "$(q 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT hex(zeroblob(50000)) FROM n')")
X
is 'so is a row that is larger than an answer may be' 0 '{"type":"query_result","columns":["a"],"rows":[],"truncated":true}' \
    ask "$(q 'SELECT hex(zeroblob(8000000)) AS a')"

# ---- one question of a client at a time ----
# The other's question has the first place when ours begins.
LONG="$(q 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n')"
children() { ps -o pid= --ppid "$cast" | wc -l; }
has() { [ "$(children)" -eq "$1" ]; }
castpoke "$port" 20 upgrade wait=300 "frame=$LONG" "until=$PWD/go" >/dev/null & other=$!
wait_for 10 has 1
castpoke "$port" 2 upgrade wait=300 "frame=$LONG" "until=$PWD/gone" \
    "frame=$(q 'SELECT 1' '"id":"second"')" wait=1500 >heard & ours=$!
wait_for 10 has 2
kill $other
ok 'whose client has gone is ended' wait_for 10 has 1
touch gone
wait $ours
is 'a second one meanwhile is busy' 0 1 sh -c 'grep -c "\"code\":\"busy\".*\"id\":\"second\"" heard'
ok 'nobody is left' wait_for 10 has 0
stop
config; slowly
start
wrong 'off, unless it is allowed' unknown_type castQuery "$(q 'SELECT 1')"
is 'get_historical is not' 0 '03:45:45' moments <<X
$(ask '{"type":"get_historical","symbol":"SYM2CE","limit":1}')
X
stop
done_testing
