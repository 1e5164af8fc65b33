#!/bin/sh
# das-sub.t - the command-line client: what it prints of a das-cast, and what it
# does when the connection breaks; against a server that does as a script says, too
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/clients.sh"
. "$SRC/tests/page.sh"

HEAD=$(echo symbol token ts ltp bid ask volume oi delta gamma theta vega iv \
    source | tr ' ' "$TAB")
config() {	# [KEY-VALUES]
	rm -f "$DAS_CONFIG"
	echo "{\"store\": \"sqlite\", \"castListen\": \"127.0.0.1:0\",
	    \"castIntervalSeconds\": 1, \"retryCount\": 3,
	    \"retryDelaySeconds\": 1${1:+, $1}}" >"$DAS_CONFIG"
	chmod 600 "$DAS_CONFIG"
}
cast() {	# [ADDRESS]: das-cast in the background; $cast, $DAS_CASTURL
	rm -f log
	DAS_CASTLISTEN=${1:-127.0.0.1:0} das-cast 2>log & cast=$!
	mine $cast
	wait_for 30 grep -q '^das-cast: listens' log || cat log >&2
	port=$(sed -n 's/.*listens on 127.0.0.1:\([0-9]*\).*/\1/p' log)
	DAS_CASTURL=ws://127.0.0.1:$port
	export DAS_CASTURL
}
uncast() { kill $cast; wait $cast; }
sub() {	# ARGUMENT...: das-sub in the background, into out.sub and err.sub; $sub
	: >out.sub
	das-sub "$@" >out.sub 2>err.sub & sub=$!
	mine $sub
}
lines() { wait_for 30 sh -c '[ $(wc -l <out.sub) -ge '"$1"' ]'; }

# ---- a das-cast ----
config
ltp_segment 000001
{
	printf 'NIFTY 50\t256265\t%sT03:45:00+00:00\t25000.50\t\\N\t\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n' "$DAY"
	ltp_rows 1 3 3
} >>"$LTP/000001.tsv"
cast
tail -n 4 "$LTP/000001.tsv" >rows
is 'the rows, as they are in the spool' 0 "$HEAD
$(cat rows)" das-sub -n 4
is 'a pattern, and columns' 0 "ltp${TAB}symbol
100.10${TAB}SYM2CE" das-sub -n 1 -f ltp,symbol 'SYM2*'
is 'JSON lines' 0 'SYM3CE 100.15 false' sh -c 'das-sub -j -n 1 SYM3CE |
    jq -r "[.symbol, .ltp, (.seq == null)] | join(\" \")" 2>/dev/null ||
    das-sub -j -n 1 SYM3CE | sed "s/.*:\"\(SYM3CE\)\".*\"ltp\":\([0-9.]*\),.*\"seq\":[0-9]*}$/\1 \2 false/"'
is 'a reader that has seen enough ends it' 0 "$HEAD" sh -c 'das-sub | head -n 1'
sub -f symbol,ltp
lines 5
sleep 2.5		# the snapshot is repeated meanwhile
is 'what a server repeats is not printed again' 0 5 sh -c 'wc -l <out.sub'
ltp_rows 1004 1004 3 >>"$LTP/000001.tsv"
lines 6
is 'what is new is' 0 "SYM2CE${TAB}100.20" sed -n '6,$p' out.sub
kill -INT $sub; wait $sub; rc=$?
is 'stopped by a signal: 75' 0 75 echo $rc
is 'without a word in the rows' 0 6 sh -c 'wc -l <out.sub'

sub -t -f symbol,ltp,volume
lines 1
ltp_rows 10 30 3 >>"$LTP/000001.tsv"
lines 22
ltp_rows 10 30 3 | cut -f 1,4,7 >wanted
is 'every row with -t' 0 '' sh -c 'grep -vF -f wanted out.sub | tail -n +5'
kill $sub; wait $sub

# A das-cast that is started again, and has what came meanwhile.
if wsclient "$DAS_CASTURL/" 9 texts=1 '{"type":"subscribe"}' texts=2 end |
    grep -q '"subscribed".*"seq":'; then
	sub -t -f symbol,volume
	lines 1
	ltp_rows 2001 2003 3 >>"$LTP/000001.tsv"
	lines 4
	uncast
	ltp_rows 2004 2103 3 >>"$LTP/000001.tsv"
	cast "127.0.0.1:$port"
	lines 104
	ltp_rows 2104 2106 3 >>"$LTP/000001.tsv"
	lines 107
	ltp_rows 2001 2106 3 | cut -f 1,7 >wanted
	ok 'with -t nothing is missing' sh -c 'tail -n +2 out.sub | cmp - wanted'
	ok 'and there is no gap' sh -c '! grep gap err.sub'
	kill $sub; wait $sub
else
	skip 'with -t nothing is missing' 'a das-cast without since'
fi
mv "$LTP/000001.tsv" all.tsv
grep -v "T04:[34]" all.tsv >"$LTP/000001.tsv"
uncast
cast

# A das-cast that is started again.
sub -f symbol,ltp 'SYM?CE'
lines 4
uncast
ltp_rows 1031 1032 3 >>"$LTP/000001.tsv"
cast "127.0.0.1:$port"
lines 6
is 'a das-cast that is started again: only what is new' 0 'SYM2CE 101.55
SYM3CE 101.60' sh -c 'sed -n "5,\$p" out.sub | tr "\t" " "'
ok 'with a word on it' grep -q 'trying again' err.sub
uncast
wait $sub; rc=$?
is 'one that said goodbye and does not come back: 0' 0 0 echo $rc
fails 'no das-cast: 69' 69 'Connection refused; gave up after 3 tries' das-sub

# The examples of the page, as they are printed there.
printf 'BIG\t1\t%sT03:45:00+00:00\t1\t1\t1\t10000001\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n' "$DAY" >>"$LTP/000001.tsv"
cast
example() {	# SECTION LINES: its literal text, until it has printed so many
	page das-sub.1 "$1" 1 | sed 's/\\e/\\/g' >example
	: >shown			# not that of the one before
	# a new process group, so that all of the pipe goes
	perl -e 'setpgrp; exec @ARGV' sh ./example >shown 2>shown.err & e=$!
	wait_for 30 sh -c '[ $(wc -l <shown) -ge '"$2"' ]'
	kill -- -$e; wait $e 2>/dev/null
	LC_ALL=C sort -u shown
}
is 'a price monitor' 0 'BIG: 1
NIFTY 50: 25000.50
SYM1CE: 101.40
SYM2CE: 101.55
SYM3CE: 101.60' example 'A price monitor' 5
is 'a greeks monitor' 0 '  Delta: 0.5123, Gamma: 0.000123
  IV: 13.50%
  Theta: -10.12, Vega: 12.65
SYM1CE:
SYM2CE:
SYM3CE:' example 'A greeks monitor' 12
is 'a volume alert' 0 'ALERT: BIG 10000001
ALERT: SYM1CE 2147483676
ALERT: SYM2CE 2147484679
ALERT: SYM3CE 2147484680' example 'A volume alert' 4
uncast

# ---- the token ----
config '"castToken": "hush"'
cast
is 'with the token of the configuration' 0 'symbol
BIG' das-sub -n 1 -f symbol BIG
DAS_CASTTOKEN=other fails 'a token that is refused: 77' 77 'refuses the credentials' das-sub
cp err words
is 'neither of them is told' 1 '' grep -E 'hush|other' words
uncast

# ---- TLS, and a Unix socket ----
certificate
config '"castCert": "cert.pem", "castKey": "key.pem", "castSocket": "sock"'
cast
is 'over TLS' 0 'symbol
BIG' env DAS_CAFILE="$PWD/cert.pem" das-sub -u "wss://localhost:$port" -n 1 -f symbol BIG
fails 'a certificate that does not verify: 69' 69 'does not verify' \
    das-sub -u "wss://localhost:$port"
fails 'nor for another name' 69 'does not verify' \
    env DAS_CAFILE="$PWD/cert.pem" das-sub -u "wss://127.0.0.1:$port"
is 'a Unix socket' 0 'symbol
BIG' das-sub -u ./sock -n 1 -f symbol BIG
sub -u ./sock -f symbol BIG
lines 2
uncast
wait $sub; rc=$?
is 'whose das-cast said goodbye: 0' 0 0 echo $rc
ok 'and what it said' grep -q 'sock: closed by the server, which said so; trying again' err.sub
fails 'nobody there: 69' 69 'gave up after 3 tries' das-sub -u ./sock
fails 'a path that is too long: 78' 78 'too long' das-sub -u "./$(printf '%0120d' 0)"

# ---- no configuration at all ----
is 'none is needed' 0 '69 1' env -u DAS_CONFIG DAS_RETRYCOUNT=1 \
    sh -c 'das-sub -u ws://127.0.0.1:1 2>err; echo $? $(grep -c refused err)'

# ---- a server by script ----
here="\"day\":\"$DAY\",\"seq\":7"

server <<X
text {"type":"welcome","message":"x","timestamp":"t","subscribers":1}
$(row EARLY 5)
$(subscribed "$here")
$(row A 8)
$(row B 9)
sleep 300
drop
next
$(subscribed "$here")
$(row B 9)
$(row A 10)
close 1000
X
is 'a break: goes on behind the last row, nothing twice' 0 'A 8
B 9
A 10' sh -c 'das-sub -t -f symbol,seq 2>words | tail -n +2 | tr "\t" " "'
is 'what it asks for at first' 0 '{"type":"subscribe","mode":"tick","shape":"flat","seq":true,"fields":["ts","symbol"]}' asked 1
is 'and then' 0 "{\"type\":\"subscribe\",\"mode\":\"tick\",\"shape\":\"flat\",\"seq\":true,\"fields\":[\"ts\",\"symbol\"],\"since\":9,\"day\":\"$DAY\"}" asked 2
is 'and no gap is said' 1 0 grep -c gap words
unserver

server <<X
$(subscribed "$here")
sleep 100
drop
next
$(subscribed "$here")
close 1000
X
das-sub -t 2>/dev/null >rows
ok 'a break before the first row: behind where it came in' \
    sh -c 'grep -q "\"since\":7,\"day\"" asked && ! grep -q gap words'
unserver

server <<X
$(subscribed)
$(row A 8)
drop
next
$(subscribed)
$(row A 12)
close 1000
X
is 'a server that cannot: rows go on' 0 'A A' sh -c 'das-sub -t -f symbol 2>words | tail -n +2 | paste -sd " "'
ok 'and the gap is said' grep -q 'gap: rows of the last [0-9]* s may be missing' words
unserver

server <<X
$(subscribed "$here")
$(row A 8)
drop
next
$(subscribed '"day":"2026-11-24","seq":3')
$(row A 1 2026-11-24)
$(row B 2 2026-11-24)
close 1000
X
is 'another day has begun meanwhile: its rows' 0 'A8 A1 B2' sh -c 'das-sub -t -f symbol,seq 2>words | tail -n +2 | tr -d "\t" | paste -sd " "'
ok 'and what is missing of the first' grep -q "gap: the server is at 2026-11-24, rows of $DAY after number 8" words
unserver

server <<X
$(subscribed "$here")
$(row A 8)
text {"type":"skipped","n":4}
$(row A 13)
wait 2
$(subscribed "$here")
$(row B 9)
$(row A 13)
close 1000
X
is 'skipped: had again from the server' 0 'A8 B9 A13' sh -c 'das-sub -t -f symbol,seq 2>words | tail -n +2 | tr -d "\t" | paste -sd " "'
ok 'without a gap' sh -c '! grep gap words'
unserver

server <<X
$(subscribed "$here")
$(row A 8)
$(row A 1 2026-11-24)
$(row A 1 2026-11-24)
close 1000
X
is 'midnight: numbers that begin anew' 0 'A8 A1' sh -c 'das-sub -t -f symbol,seq 2>words | tail -n +2 | tr -d "\t" | paste -sd " "'
unserver

server <<X
$(subscribed "$here")
$(row A 7)
$(row A 8)
drop
next
wait 1
text {"type":"error","code":"bad_request","message":"no such row"}
wait 2
$(subscribed '"day":"2026-11-23","seq":2')
$(row A 3)
close 1000
X
is 'a server with another spool: rows go on; and none of before' 0 'A8 A3' sh -c 'das-sub -t -f symbol,seq 2>words | tail -n +2 | tr -d "\t" | paste -sd " "'
ok 'with a gap' grep -q 'gap:' words
unserver

server <<X
wait 1
text {"type":"error","code":"bad_request","message":"no such thing"}
hold
X
fails 'refused: 76' 76 'refuses the subscription: no such thing' das-sub
unserver
for t in '{"hello":1}' '{"symbol":"A","ltp":}' '{"symbol":"A","x":{}}' 'nonsense' '{"symbol":null,"ltp":1}'; do
	server <<X
$(subscribed)
text $t
hold
X
	fails "sent $t: 76" 76 "127.0.0.1" das-sub
	unserver
done
server <<X
$(subscribed)
text {"symbol":"A\\tB\\u00e9\\n\\\\","ltp":1e5,"bid":null,"new":7}
close 1000
X
is 'what is in a text stays in its column' 0 'A\tBé\n\\	1e5	\N' \
    sh -c 'das-sub -f symbol,ltp,bid | tail -n 1'
unserver
server <<X
$(subscribed "$here")
$(row A 8)
hold
X
sub -t
lines 2
kill $sub; wait $sub; rc=$?
is 'stopped: where to go on' 0 75 echo $rc
ok 'as -s' grep -q -- "-s $DAY:8 goes on here" err.sub
das-sub -s "$DAY:5" -n 1 >/dev/null
ok 'and -s asks for that' sh -c 'grep -q "\"since\":5,\"day\":\"$1\"" asked' sh "$DAY"
unserver

# A reader that takes nothing, and a stop meanwhile: what it gets are whole rows.
{
	subscribed "$here"
	awk -v day="$DAY" 'BEGIN { for (i = 8; i < 4000; i++)
		printf "text {\"symbol\":\"A\",\"ts\":\"%sT04:00:00+00:00\",\"ltp\":1.5,\"seq\":%d}\n", day, i }'
	echo hold
} >flood
server <flood
mkfifo pipe
{ wait_for 30 test -e stopped; cat; } <pipe >out.sub & reader=$!
mine $reader
das-sub -t >pipe 2>err.sub & sub=$!
mine $sub
wait_for 30 sh -c 'grep -q subscribe asked'
sleep 2
kill -INT $sub
sleep 0.3
: >stopped
wait $sub; rc=$?
wait $reader
is 'stopped while nobody reads: 75' 0 75 echo $rc
is 'whole rows only, none left out' 0 1 awk -F '\t' 'NR == 1 { n = NF; next }
    NF != n { print "torn", NR; exit } { rows++ } END { print (rows > 100) }' out.sub
is 'to the last byte' 0 1 sh -c 'tail -c 1 out.sub | wc -l'
fails 'a full disk: 74' 74 'standard output' sh -c 'das-sub -t -n 5 >/dev/full'
unserver

# ---- usage ----
for a in '-e x' '-f x' '-f ltp,ltp' '-n 0' '-s x' '-s 2026-02-30:1' '-x'; do
	# shellcheck disable=SC2086 # two words
	fails "$a" 64 '' das-sub $a
done
fails 'plain beyond this machine' 78 'use wss' das-sub -u ws://192.0.2.1:8765
fails 'no URL' 78 'no URL' das-sub -u localhost
fails '65 patterns' 64 'more than 64' sh -c 'das-sub $(seq 65)'
done_testing
