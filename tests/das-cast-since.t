#!/bin/sh
# das-cast-since.t - every tick, and what a client has missed: from the spool, then
# live, without a seam
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/cast.sh"

LIVE=spool/$DAY/live
# ticks FIRST LAST: rows of topic live, 50 symbols in turn; ltp is their number
ticks() {
	awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i <= to; i++)
	    printf "SYM%d\t%d\t2026-11-23T10:30:05.%06d+00:00\t%d\t1\t2\t3\t4\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n",
		i % 50, i % 50, i % 1000000, i }'
}
live() {	# SEGMENT
	mkdir -p "$LIVE"
	printf '%s\n' "$HEAD" >"$LIVE/$1.tsv"
}
# sub MESSAGES MEMBERS: what a subscription in mode tick brings
sub() {
	count=$1; shift
	wsclient "ws://127.0.0.1:$port/" 60 texts=1 \
	    "{\"type\":\"subscribe\",\"mode\":\"tick\",\"seq\":true$1}" texts="$count" end | cut -f 2
}
field() { sed -n "s/.*\"$1\":\"*\([^\",}]*\).*/\1/p"; }

config '"castMaxClients": 99'
sed -i 's/"castIntervalSeconds": 1/"castIntervalSeconds": 3600/' "$DAS_CONFIG"
begin 000001
{ index 25000.5; row SYM1 1 0.5; } | put
live 000001
ticks 1 60 >>"$LIVE/000001.tsv"
start

# ---- topic live ----
sub 3 ',"symbols":"SYM?","fields":["ltp"]' >heard & hear=$!
wait_for 10 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "das_cast_requests_total 1"' sh "$port"
ticks 61 70 | grep SYM1. >>"$LIVE/000001.tsv"
row SYM2 2 77 6 | put
ticks 102 102 >>"$LIVE/000001.tsv"
wait $hear
is 'mode tick is of topic live, where there is one' 0 'live 10' sh -c \
    'sed -n "2s/.*\"symbols\":\([0-9]*\),.*\"topic\":\"\([a-z]*\)\".*/\2 \1/p" heard'
is 'every row of it' 0 '102' sh -c 'sed 1,2d heard | sed "s/.*\"ltp\":\([0-9]*\),.*/\1/"'
is 'mode snapshot is of ltp' 0 "$(json SYM2 2 77 6)" \
    sh -c 'sed "s/,\"seq\":[0-9]*//; 1,2d"' <<X
$(wsclient "ws://127.0.0.1:$port/" 20 texts=1 '{"type":"subscribe","symbols":"SYM2","snapshot":true}' texts=3 end | cut -f 2)
X
is 'the latest row: the newer of both' 0 '77 44 51' sh -c 'echo $(for s in SYM2 SYM44 SYM1; do
    wsclient "ws://127.0.0.1:$1/" 9 texts=1 "{\"type\":\"get_latest\",\"symbol\":\"$s\"}" texts=2 end |
	sed -n "2s/.*\"ltp\":\([0-9.]*\),.*/\1/p"; done)' sh "$port"
is 'symbols of both' 0 51 sh -c 'echo "$1" | tr "," "\n" | grep -c "SYM\|NIFTY"' sh "$(one '{"type":"get_symbols"}')"
is 'and their rows' 0 51 sh -c 'echo "$1" | grep -o "\"symbol\"" | grep -c ""' sh "$(one '{"type":"get_latest_all"}')"

# ---- since ----
sub 2 ',"symbols":"*","since":0' | field seq | sed -n 1p >first
is 'from the beginning of the day' 0 536870912 cat first
sub 72 ',"symbols":"*","since":0' >all
is 'all rows of before' 0 70 sh -c 'grep -c "\"symbol\"" all'
cut -f 4 "$LIVE/000001.tsv" | sed 1d >want.ltp
is 'in their order' 0 '' sh -c 'sed -n "s/.*\"ltp\":\([0-9]*\),.*/\1/p" all | cmp - want.ltp'
at=$(sed -n '42p' all | field seq)
is 'behind one of them' 0 "$(sed -n '43,$p' all)" sh -c 'sed 1,2d' <<X
$(sub 32 ",\"symbols\":\"*\",\"since\":$at")
X
is 'of another day: from the beginning' 0 "$(sed -n '3,$p' all)" sh -c 'sed 1,2d' <<X
$(sub 72 ",\"symbols\":\"*\",\"since\":$at,\"day\":\"2026-11-20\"")
X
is 'of the same day' 0 "$at" field seq <<X
$(sub 2 ",\"symbols\":\"*\",\"since\":$at,\"day\":\"$DAY\"" | sed -n 2p)
X
is 'filters and fields' 0 '{"symbol":"SYM2","ltp":52,"seq":N}
{"symbol":"SYM2","ltp":102,"seq":N}' sh -c 'sed "1,2d; s/\"seq\":[0-9]*/\"seq\":N/"' <<X
$(sub 4 ",\"symbols\":\"SYM2\",\"fields\":[\"ltp\"],\"since\":$at")
X
end=$(sub 2 ',"symbols":"*"' | field seq)
is 'beyond the end: nothing is missing' 0 "$end" field seq <<X
$(sub 2 ',"symbols":"*","since":9007199254740991')
X
for s in "$((at + 1))" '"x"' -1 1.5 null; do
	error "since $s" bad_request "{\"type\":\"subscribe\",\"mode\":\"tick\",\"since\":$s}"
done
error 'a day alone' bad_request "{\"type\":\"subscribe\",\"day\":\"$DAY\"}"
error 'a day that is none' bad_request "{\"type\":\"subscribe\",\"mode\":\"tick\",\"since\":0,\"day\":\"$DAY \"}"
error 'of shape batch' bad_request '{"type":"subscribe","shape":"batch","since":0}'
is 'in mode snapshot the rows of ltp' 0 'NIFTY 50
SYM1
SYM2' field symbol <<X
$(wsclient "ws://127.0.0.1:$port/" 20 texts=1 '{"type":"subscribe","symbols":["SYM*","NIFTY*"],"since":0}' texts=5 end | cut -f 2 | sed 1,2d)
X

# ---- several segments, and no seam ----
live 000002
live 000003
ticks 103 50000 >>"$LIVE/000003.tsv"
live 000005
printf '103\t' >>"$LIVE/000002.tsv"	# torn
rm -f "$LIVE/000005.tsv"
wait_for 20 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "live_rows_total 49968"' sh "$port"
(
	i=50001
	while [ $i -lt 150000 ]; do
		ticks $i $((i + 999)) >>"$LIVE/000003.tsv"
		i=$((i + 1000))
	done
) & writer=$!
seams=''
for i in 1 2 3; do
	castpoke "$port" 12 upgrade wait=300 "frame={\"type\":\"subscribe\",\"mode\":\"tick\",\"symbols\":\"*\",\"fields\":[\"ltp\"],\"since\":$at}" wait=2000 >seam.$i &
	seams="$seams $!"
done
wsclient "ws://127.0.0.1:$port/" 90 texts=1 \
    "{\"type\":\"subscribe\",\"mode\":\"tick\",\"symbols\":\"*\",\"fields\":[\"ltp\"],\"since\":$at}" \
    texts=$((150000 - 70)) wait=2000 end >seam
# shellcheck disable=SC2086 # several
wait $writer $seams
is 'rows of before and of now: each once, in order' 0 "$(cat "$LIVE"/*.tsv | cut -f 4 | grep -x '[0-9]*' | sed 1,40d | cksum)" \
    sh -c 'sed -n "s/.*\"ltp\":\([0-9]*\)}.*/\1/p" seam | cksum'
is 'rows from the spool are counted' 0 1 sh -c \
    'curl -s "http://127.0.0.1:$1/metrics" | awk "\$1 == \"das_cast_filled_rows_total\" { print (\$2 > 49000) }"' sh "$port"

# ---- one that reads slowly, one that goes ----
castpoke "$port" 3 upgrade wait=300 'frame={"type":"subscribe","mode":"tick","symbols":"*","since":0}' mute=3000 >/dev/null & mute=$!
castpoke "$port" 0 upgrade wait=300 'frame={"type":"subscribe","mode":"tick","symbols":"*","since":0}' >/dev/null
wait_for 10 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "das_cast_filling 1"' sh "$port"
is 'the others are answered meanwhile' 0 '{"type":"pong","timestamp":T}' one '{"type":"ping"}'
is 'what waits for it is bounded' 0 1 sh -c \
    'curl -s "http://127.0.0.1:$1/metrics" | awk "\$1 == \"das_cast_pending_bytes\" { print (\$2 < 1000000) }"' sh "$port"
wait $mute
ok 'nobody is left' wait_for 20 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "das_cast_filling 0"' sh "$port"
is 'another subscription meanwhile ends it' 0 'subscribed pong' sh -c \
    'echo $(sed -n "s/.*\"type\":\"\(subscribed\|pong\)\".*/\1/p" | tail -n 2)' <<X
$(hear / 30 texts=1 '{"type":"subscribe","mode":"tick","symbols":"*","since":0}' texts=20 '{"type":"subscribe","mode":"snapshot"}' '{"type":"ping"}' wait=2000 end)
X
is 'a segment that no number of 32 bits has' 0 "$(sub 2 ',"symbols":"*"' | field seq)" field seq <<X
$(sub 2 ',"symbols":"*","since":2305843009213693952')
X
stop

# ---- a segment that is gone ----
mv "$LIVE/000002.tsv" kept
start
is 'healthz tells of topic live too' 0 "503 $T/$LIVE/000002.tsv is missing" sh -c \
    'curl -s -w "%{http_code}\n" "http://127.0.0.1:$1/healthz" | sed "\$!{s/, and later.*//;h;d}; G; s/\n/ /"' sh "$port"
stop
mv kept "$LIVE/000002.tsv"

# ---- topic ltp begins while rows of live are given again ----
mv "$LTP" ltp.kept
start
castpoke "$port" 90 upgrade wait=300 'frame={"type":"subscribe","mode":"tick","symbols":"*","since":0}' "until=$PWD/go" >heard & hear=$!
ok 'one that does not read' wait_for 10 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "das_cast_filling 1"' sh "$port"
begin 000001
index 25000.5 | put
wait_for 10 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "das_cast_rows_total 1"' sh "$port"
touch go
wait_for 60 sh -c 'curl -s "http://127.0.0.1:$1/metrics" | grep -q "das_cast_filling 0"' sh "$port"
stop
wait $hear
is 'gets every one of them' 0 "$(cat "$LIVE"/*.tsv | cut -f 4 | grep -x '[0-9]*' | cksum)" \
    sh -c 'grep -o "\"ltp\":[0-9]*," heard | tr -dc "0-9\n" | awk "!seen[\$1]++" | cksum'
rm -rf "$LTP"
mv ltp.kept "$LTP"

# ---- a start in the middle of the day, the next day ----
start
is 'das-cast was away: the same rows' 0 "$(sed -n '43,60p' all)" sh -c 'sed 1,2d' <<X
$(sub 20 ",\"symbols\":\"*\",\"since\":$at" | head -n 20)
X
stop
old=$DAS_CLOCK
DAS_CLOCK=${DAY}T23:59:58+05:30
start
sleep 2.5
next=spool/2026-11-24
mkdir -p $next/ltp
{ printf '%s\n' "$HEAD"; row NEW 5 1; } >$next/ltp/000001.tsv
sleep 1.5
is 'the next day has no topic live yet' 0 'ltp 1' sh -c \
    'sed -n "2s/.*\"symbols\":\([0-9]*\),.*\"topic\":\"\([a-z]*\)\".*/\2 \1/p"' <<X
$(sub 2 ',"symbols":"*"')
X
sub 4 ',"symbols":"*","fields":["ltp"]' >heard & hear=$!
sleep 1
mkdir -p $next/live
{ printf '%s\n' "$HEAD"; ticks 1 2; } >$next/live/000001.tsv
wait $hear
is 'and changes over when it begins' 0 '1 2' sh -c 'echo $(sed -n "s/.*\"ltp\":\([0-9]*\),.*/\1/p" heard)'
stop
DAS_CLOCK=$old
done_testing
