#!/bin/sh
# kill.t - das-tick killed (SIGKILL) at random moments of a day, under load
#
# What das-tick took from the socket is in a raw capture of each life (-w),
# written before its rows.
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/storm.sh"

SEED=${SEED:-1}
case $(command -v das-tick) in
*/build-san/*) : "${KILLS:=40}" ;;	# sanitizers start slowly
esac
: "${KILLS:=200}"
storm 10 5
mkdir -p "$ticks"

# The longest life, s: how long the first row takes on this machine, and a third
# of that again.
from=$(date +%s%N)
ok 'a first life' settle
longest=$(awk -v ns=$(($(date +%s%N) - from)) 'BEGIN {
    t = 0.05 + 1.3 * ns / 1e9; print (t > 0.8 ? 0.8 : t) }')

# One life after the other.  The rows of one are those of its raw capture, but
# for the last ones: a raw frame is written before its rows are made, and the
# rows of a turn of the loop together.
whole() { head -n "$1" "$2" | cut -f 2-; }	# LINES FILE, without seq
seen=$newest life=0
awk -v n="$KILLS" -v s="$SEED" -v max="$longest" 'BEGIN { srand(s)
    for (; n > 0; n--) printf "%.3f\n", 0.005 + rand() * max }' >pauses
while read -r pause <&4; do
	life=$((life + 1)) lines=0 taken=0
	das-tick -c c.json -w raw 2>>words & tick=$!
	sleep "$pause"
	kill -KILL $tick
	wait $tick 2>/dev/null && rc=0 || rc=$?
	[ "$rc" = 137 ] || echo "life $life ended with $rc"
	for last in "$ticks"/*.tsv; do :; done
	if [ -f "$last" ] && [ "$last" != "$seen" ]; then
		lines=$(wc -l <"$last") seen=$last
	fi
	das-tick -c c.json -r raw -o raw.tsv 2>/dev/null &&
		taken=$(wc -l <raw.tsv)
	if [ "$lines" -gt 1 ]; then
		whole "$lines" "$last" >spooled
		whole "$lines" raw.tsv | cmp -s - spooled ||
			echo "life $life: $last and its raw capture differ"
		[ -z "$(tail -c 1 "$last")" ] || echo "$last" >>torn
	fi
	rm -f raw raw.tsv
	echo "$lines $taken $pause" >&3
done 4<pauses >wrong 3>lives
: >>torn

is "killed $KILLS times: rows are those of the raw frames" 0 '' cat wrong
is '... each life was killed' 0 "$KILLS" grep -c '' lives
ok '... most of them with rows' awk -v n="$KILLS" '$1 > 1 { k++ }
    END { exit k < n / 8 }' lives
ok '... the next one goes on' settle
is '... every row is whole, numbered and in its place' 0 \
    "$(cat "$ticks"/*.tsv | grep -vc '^seq')" in_place
ok '... there were many dead times' awk -v n="$KILLS" \
    'END { exit NR < n / 10 }' edges
is '... the ledger has each' 0 '' dead_times
awk -v torn="$(grep -c '' torn)" -v longest="$longest" '{ d = $2 - $1; if (d > m) m = d; r += $1 - ($1 > 0) }
    END { print "# " NR " lives of at most " longest " s, " r " rows, " torn " torn tails; at most " m \
    " rows were taken from the socket and not written" }' lives
ok '... at most a turn of the loop was not yet written' \
    awk '$1 > 0 && $2 - $1 > 20000 { exit 1 }' lives
done_testing
