#!/bin/sh
# powercut.t - the power is cut while das-tick captures, and das-load loads
#
# powercut.so tells what was synced; aftercut makes of the spool what may be left
# then: only that, or of the rest some, with zeros in it.  The store has all that
# it was given, for that is the worst case.  The next das-tick goes on with what
# it finds.
. "$(dirname "$0")/tap.sh"
case $(command -v das-tick) in
*/build-san/*)
	skip 'power cuts' 'sanitizers want to be loaded first'
	done_testing
	exit
	;;
esac
. "$SRC/tests/storm.sh"

CUTS=${CUTS:-8} SEED=${SEED:-1}
PATH=$PATH:$SRC/tests
storm 2 5

# with_shim COMMAND...: as a process that powercut.so watches
with_shim() {
	exec env POWERCUT="$T/cut" POWERCUT_OF="$T/spool" \
	    LD_PRELOAD="$SRC/build/tests/powercut.so" "$@"
}
# The longest that rows may wait for the disk, s: a second between two syncs,
# and what the last two took; half a second for a machine that is busy.
allowed() {
	awk -v now="$(cut -d ' ' -f 1 /proc/uptime)" '
	/^s / { begun[$2] = 1 }
	/^[fd] / { d = $NF - $(NF - 1); delete begun[$(NF - 1)] }
	d > most { most = d }
	END {
		for (s in begun)
			if (now * 1000000 - s > most)
				most = now * 1000000 - s
		print 1.5 + 2 * most / 1000000
	}' cut/log
}
last_time() { cat "$ticks"/*.tsv 2>/dev/null | tail -n 2 |
    head -n 1 | cut -f 2 | cut -c12-; }	# the last may be torn
elapsed() { date +%s.%N | awk -v t="$began" '{ print 33300 + $1 - t }'; }

: >wrong; : >cuts
cut=0
awk -v n="$CUTS" -v s="$SEED" 'BEGIN { srand(s)
    for (; n > 0; n--) printf "%.3f\n", 1.3 + rand() * 1.3 }' >pauses
while read -r pause <&3; do
	cut=$((cut + 1)) load=
	aftercut boot "$T/spool" "$T/cut"
	start=$(elapsed)
	with_shim das-tick -c c.json 2>>words & tick=$!
	if [ $((cut % 4)) -gt 1 ]; then
		wait_for 5 test -f "$ticks/000001.tsv"
		with_shim das-load -c c.json -f -i 0 2>>loaded & load=$!
	fi
	sleep "$pause"
	# shellcheck disable=SC2086 # one or two numbers
	kill -KILL $tick $load
	wait $tick 2>/dev/null && rc=0 || rc=$?
	[ "$rc" = 137 ] || echo "life $cut ended with $rc" >>wrong
	[ -z "$load" ] || wait "$load" 2>/dev/null ||
		[ $? -eq 137 ] || echo "das-load $cut: $(tail -n 1 loaded)" >>wrong
	echo "$start $(last_time) $(allowed)" >>cuts
	case $((cut % 2)) in
	1) aftercut harsh "$T/spool" "$T/cut" ;;
	0) aftercut mixed "$T/spool" "$T/cut" $((SEED + cut)) ;;
	esac
	rm -rf spool.before
done 3<pauses

is "the power cut $CUTS times" 0 '' cat wrong
ok '... the next das-tick goes on' settle
rows=$(in_place)
is '... rows are whole, numbered and in their places' 0 \
    "$(cat "$ticks"/*.tsv | grep -vc '^seq')" echo "$rows"
is '... no zeros are left' 0 0 sh -c "cat $ticks/*.tsv | tr -dc '\\000' | wc -c"
ok '... some were cut off' grep -q 'behind the last whole row' words
# Of what was there when the power was cut, the last row that is still there.
awk '
function s(t) { split(t, p, ":"); return p[1] * 3600 + p[2] * 60 + p[3] }
FILENAME == "edges" { was[++n] = s($2); next }
{
	left = $1
	for (i = 1; i <= n; i++)
		if (was[i] <= s($2) && was[i] > left)
			left = was[i]
	lost = s($2) - left
	if (lost > most)
		most = lost
	if (lost > $3)
		print "cut " FNR ": " lost " s are lost, " $3 " are allowed"
}
END { print "# " FNR " cuts, at most " most " s lost" >"most" }' \
    edges cuts >late
is '... what was not synced in the last second is all that is lost' 0 '' cat late
cat most
is '... the ledger has each dead time' 0 '' dead_times
is '... frames that do not decode are kept all the while' 1 '' grep 'no capture' words
ok '... das-load goes on' das-load -c c.json
is '... with the rows that are there, each once' 0 "$rows" \
    sqlite3 das.db 'SELECT rows FROM das_position'
done_testing
