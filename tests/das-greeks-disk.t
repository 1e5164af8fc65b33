#!/bin/sh
# das-greeks-disk.t - das-greeks while the disk is full, and while the clock is set
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"

LTP=spool/$DAY/ltp
preload=$SRC/build/tests/baddisk.so
[ -e "$preload" ] || preload=$SRC/build-san/tests/baddisk.so
export ASAN_OPTIONS=verify_asan_link_order=0

echo '{"store": "sqlite", "castSymbols": "all"}' >"$DAS_CONFIG"

clock() { DAS_CLOCK="$1T$2+05:30@1/$(date +%s.%N)"; export DAS_CLOCK; }
rows_of() { for f in "$LTP"/*.tsv; do tail -n +2 "$f"; done; }
used() { find "$T/$LTP" -type f -exec stat -c %s {} + |
    awk '{ n += $1 } END { print n + 0 }'; }
room() { echo "room $(($(used) + $1))" >rule.new; mv rule.new rule; }
follow() {	# LOG
	LD_PRELOAD=$preload BADDISK=$T/$LTP BADDISK_RULE=$T/rule \
	    das-greeks -f -e 2>"$1" & greeks=$!
	mine $greeks
}
ticks() { sed -n "$1,$2p" all.rows >>"$TICKS/000001.tsv"; }
said() { [ "$(grep -c 'waiting, nothing is lost' log)" = "$1" ]; }
# at rest: what is written has been the same for a second
at_rest() { a=$(used); sleep 1; [ "$a" -gt 0 ] && [ "$a" = "$(used)" ]; }

instruments 8
rows 1 4000 8 >all.rows
{ printf '%s\n' "$COLS"; cat all.rows; } >day.tsv
ok 'the day, from a file' sh -c 'das-greeks -e day.tsv | tail -n +2 >want.rows'
is '... has rows' 0 1 awk 'END { print (NR > 2000) }' want.rows

# ---- the disk ----
segment 000001
mkdir -p "$LTP"
room 40000
follow log
ticks 1 2000
ok 'a full disk is waited for' wait_for 30 grep -q 'waiting, nothing is lost' log
ok '... with whole rows there' sh -c "[ \$(wc -l <$LTP/000001.tsv) -gt 50 ]"
ok '... and it goes on running' kill -0 $greeks
room 60000
ticks 2001 3000
ok '... once more, and said once more' wait_for 30 said 2
ok '... when there has been room' grep -q 'there is room again' log
kill $greeks
wait $greeks && rc=0 || rc=$?
is 'stopped while it waits: not done' 0 75 echo "$rc"
ok '... no torn row is left' sh -c "tail -c 1 $LTP/000001.tsv | grep -q '^$'"
rm rule
follow log2
ticks 3001 4000
true >"$TICKS/CLOSED"
ok 'room again: it ends with the day' wait_for 60 test -e "$LTP/CLOSED"
ok '... with 0' wait $greeks
rows_of >got.rows
ok '... no row was lost, or came twice' cmp got.rows want.rows

rm -rf "$LTP" "$TICKS"
segment 000001
mkdir -p "$LTP"
echo 'errno 5' >rule
ticks 1 4000
follow log3
ok 'a broken disk ends it' wait_for 30 sh -c "! kill -0 $greeks"
wait $greeks && rc=0 || rc=$?
is '... with 74' 0 74 echo "$rc"
ok '... and a word' grep -q "$LTP" log3
rm rule

# ---- the clock ----
# Its rows are those of the ticks, whatever time the machine thinks that it is:
# only the day without -d is asked of the clock, once.
rm -rf "$LTP" "$TICKS"
segment 000001
clock "$DAY" 10:00:00
follow log4
ticks 1 1500
ok 'in the morning' wait_for 30 test -s "$LTP/000001.tsv"
kill -9 $greeks
wait $greeks 2>/dev/null
clock "$DAY" 08:00:00		# two hours back
follow log5
ticks 1501 2500
wait_for 30 at_rest
kill -9 $greeks
wait $greeks 2>/dev/null
clock 2026-11-24 00:00:30	# and past midnight
ok 'a clock of tomorrow looks for its own day' sh -c \
    'das-greeks -e; test $? = 66'
ticks 2501 4000
true >"$TICKS/CLOSED"
ok '-d has the day of the ticks' das-greeks -e -f -d "$DAY"
rows_of >got.rows
ok '... and the clock was of no matter' cmp got.rows want.rows
# ticks whose clock was set back by ten minutes: none is lost, time stands still
awk -F '\t' -v OFS='\t' 'NR > 1500 && NR <= 2000 {
    sub(/ 09:1/, " 09:0", $2) } { print }' all.rows >back.rows
ok 'recvTime goes back: rows go on' sh -c "{ printf '%s\n' '$COLS'; cat back.rows; } |
    das-greeks -e - | tail -n +2 >back.out; [ \$(wc -l <back.out) -gt 1500 ]"
ok '... and never back' sh -c 'cut -f 3 back.out | sort -c'
done_testing
