#!/bin/sh
# das-demo.t - a whole day with the real tools, small and fast: every figure
# agrees, and what the demo suggests works
#
# The day is the Saturday of 2 March 2024, on which the exchanges traded from
# 09:15 to 10:00 and from 11:30 to 12:30.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
export LC_ALL=C
if ! command -v sqlite3 >/dev/null; then
	echo '1..0 # SKIP no sqlite3'
	exit 0
fi
day=2024-03-02
export DAS_ZERODHAPASS=leaks DAS_STORE=mysql	# not for the simulator

das-demo -d demo -D $day -x 2000 -r 0.3 >said 2>words && status=0 || status=$?
is 'a day' 0 0 echo "$status"
[ "$status" = 0 ] || cat said words demo/main.err | sed 's/^/# /'
is 'nothing to complain about' 0 '' cat words
value() { awk -F '\t' -v key="$1" '$1 == key { print $2 }' "$2"; }
figure() { sed -n "s/^  $1  *\\([0-9-]*\\) .*/\\1/p" said; }

# The rows of the archive, into a file; the spool is out of sight.
read_archive() {
	DAS_CONFIG=demo/etc/dasConfig.json DAS_SPOOLDIR=$T/none \
	    das-follow -n -d "$day" ticks >archived
}
ok 'the archive is read' read_archive

# the figures, looked up here by other ways than the demo's
chosen=$(sed 1d demo/lookup/instruments.tsv | wc -l)
sent=$(value ticks_sent demo/sim.tsv)
ok 'a real number of instruments' test "$chosen" -ge 1000
ok 'a real number of ticks' test "$sent" -ge 10000
is 'instruments subscribed' 0 "$chosen" figure 'instruments subscribed'
for f in sent received spooled loaded; do
	is "ticks $f" 0 "$sent" figure "ticks $f"
done
is 'lost' 0 0 figure 'ticks lost'
is 'spooled: sequence without holes' 0 "1 $sent" sh -c "sed 1d archived | cut -f 1 |
    awk 'NR == 1 { a = \$1 } \$1 != a + NR - 1 { print \"hole\", \$1 } END { print a, \$1 }'"
# pairs of what was captured, from the rows themselves, the cached ones left out
is 'rows filed are the pairs in the archive' 0 "$(figure 'rows filed')" sh -c "
    awk -F '\t' '\$1 != \"seq\" && index(\$7, \"$day\") == 1 { print \$5, \$7 }' archived |
    sort -u | wc -l"
is 'rows filed are the pairs sent' 0 "$(value pairs demo/sim.tsv)" figure 'rows filed'
is 'dailytable is gone, or empty' 0 0 sh -c "sqlite3 demo/das.db \
    'SELECT count(*) FROM dailytable' 2>/dev/null || echo 0"

# the last row of a second wins: one instrument, row by row
awk -F '\t' -v day=$day '
    $6 == "NIFTY 50" && index($7, day) == 1 { last[$7] = $8 }
    END { for (t in last) print t "|" last[t] + 0 }' archived | sort >want
sqlite3 demo/aws_das_nse.db 'SELECT timestamp, price + 0.0 FROM NIFTY ORDER BY timestamp' |
    awk -F '|' '{ print $1 "|" $2 + 0 }' | sort >got
ok 'NIFTY has rows' test -s want
ok 'and they are the last ticks of their seconds' cmp want got

# the mails and logs
is 'the mails' 0 "Subject: DAS $day - Done for the day. All activities completed successfully
Subject: DAS $day - Ticker started" sh -c "cat demo/mail/*.eml | tr -d '\r' |
    grep ^Subject | sort"
is 'nothing waits in the outbox' 0 0 sh -c 'ls demo/spool/outbox/*.eml 2>/dev/null | wc -l'
is 'no errors of the day' 1 '' test -e "demo/log/${day}_DAS_Logs/DAS_Errors_$day.log"
ok 'das-cast was there' grep -q 'das-cast: listens on' \
    "demo/log/${day}_DAS_Logs/cast.log"
is 'every line of a log has its time' 1 '' sh -c \
    "cat demo/log/${day}_DAS_Logs/*.log | grep -a 'das-[a-z0-9]*: ' |
    grep -v '^2024-03-0[23] [0-2][0-9]:'"
secrets='simulated mail password|simulatedapisecret|open & shut|GEZDGNBVGY'
is 'no secret in logs, mails, status' 1 '' grep -rEla "$secrets" demo/log \
    demo/mail demo/spool said words
is 'the access token neither' 1 '' sh -c 'grep -rFl "$(sed 1d demo/spool/access_token |
    cut -f3)" demo/log demo/mail said words'

# what it suggests works when pasted
sed -n '/things to try/,$s/^  //p' said >commands
is 'five commands' 0 5 sh -c 'grep -c . commands'
while read -r command; do
	printf '%s\n' "$command" >try
	ok "try: ${command%% *}" sh -c 'out=$(sh ./try) && [ "$(echo "$out" | wc -l)" -ge 3 ]'
done <commands

ok 'the day is healthy' sh -c 'grep das-status commands | sh | grep -q ": healthy"'
(eval "export DAS_CASTLISTEN=127.0.0.1:0; exec timeout 300 $(sed -n 's/^	DAS_CLOCK/env DAS_CLOCK/p' said)") 2>cast.log & mine $!
ok 'das-cast on the day' wait_for 20 grep -q 'listens on' cast.log
page=http://127.0.0.1:$(sed -n 's/.*listens on 127.0.0.1://p' cast.log)
if command -v curl >/dev/null; then
	is 'serves the page' 0 200 curl -s -o page.html -w '%{http_code}' "$page/"
	ok 'which is HTML' grep -qi '<!doctype html' page.html
else
	skip 'serves the page' 'no curl'
fi

# a directory that is not its own, a second one in the same directory
mkdir other && echo precious >other/file
fails 'a directory with something in it' 73 'not of an earlier das-demo' das-demo -d other
is 'is left alone' 0 'precious' cat other/file
fails 'a day without trading' 64 'no exchange trades' das-demo -d d2 -D 2026-11-21
fails 'no day' 64 'want YYYY-MM-DD' das-demo -d d2 -D 2026-11-31
fails 'a speed of 0' 64 'want 1 to 9999' das-demo -d d2 -x 0

# interrupted in the middle of the day
das-demo -d demo -D $day -x 100 -r 0.3 >said 2>words & pid=$!; mine $pid
wait_for 30 grep -q '^state	connected' demo/spool/$day/status.tsv
fails 'a second das-demo there' 75 'another das-demo' das-demo -d demo
kill -TERM $pid
wait $pid && status=0 || status=$?
is 'interrupted' 0 75 echo "$status"
is 'nothing is left running' 1 '' sh -c "grep -al '^DAS_CONFIG=$T/' \
    /proc/[0-9]*/environ 2>/dev/null | grep -q ."
first=$(cat demo/spool/$day/ticks/*.tsv | wc -l)
ok 'what was received is in the spool' test "$first" -gt 1000

# das-main goes on in the afternoon of that day, and is stopped once more
unset DAS_ZERODHAPASS DAS_STORE
export DAS_CONFIG="$T/demo/etc/dasConfig.json" DAS_MARKETCLOSEHOUR=12 \
    DAS_MARKETCLOSEMINUTE=45 DAS_CASTLISTEN=127.0.0.1:0
afternoon() {	# START SPEED: the simulator's clock and ours
	DAS_CLOCK="${day}T$1+05:30@$2/$(date +%s.%N)"
	export DAS_CLOCK
	rm -f sim.ports
	das-sim -p 0 --smtp 0 --port-file sim.ports --data-dir demo \
	    --write-config "$DAS_CONFIG" --stats demo/sim.tsv --mail-dir demo/mail \
	    --day $day --rate 2 >sim.log 2>&1 & sim=$!; mine $sim
	wait_for 10 test -s sim.ports
}
afternoon 11:40:00 60
das-main >said 2>words & pid=$!; mine $pid
wait_for 30 sh -c "[ \$(cat demo/spool/$day/ticks/*.tsv | wc -l) -gt $((first + 2000)) ]"
kill -TERM $pid
wait $pid && status=0 || status=$?
is 'das-main stopped' 0 75 echo "$status"
kill $sim; wait $sim
ok 'the day is not closed' test ! -e demo/spool/$day/ticks/CLOSED
second=$(cat demo/spool/$day/ticks/*.tsv | wc -l)

afternoon 12:10:00 150
is 'the third part of the day' 0 '' das-main
kill $sim; wait $sim
ok 'the archive is read' read_archive
rows=$(grep -vc ^seq archived)
ok 'has all parts' test "$rows" -gt "$second"
is 'no row twice, none missing' 0 "1 $rows $rows" sh -c "awk '
    \$1 != \"seq\" { n++; last = \$1 } \$1 == 1 { first = 1 }
    END { print first, last, n }' archived"
is 'all of them loaded' 0 "$rows" sqlite3 demo/das.db \
    "SELECT rows FROM das_position WHERE day = '$day'"
pairs=$(awk -F '\t' -v day=$day 'index($7, day) == 1 { print $5, $7 }' archived | sort -u | wc -l)
for f in demo/aws_das_*.db; do
	sqlite3 "$f" .tables | xargs -n 1 | sed 's/.*/SELECT count(*) FROM "&";/' |
	    sqlite3 "$f"
done >counts
is 'all of them filed' 0 "$pairs" awk '{ n += $1 } END { print n }' counts
done_testing
