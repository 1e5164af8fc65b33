#!/bin/sh
# kill.t - das-tick killed (SIGKILL) at random moments of a day, under load
#
# Every packet that the ticker sends says by oi which connection it was sent on
# and by volume which packet of it it is, so that each row has one place where it
# belongs.  What das-tick took from the socket is in a raw capture of
# each life (-w), written before its rows.
. "$(dirname "$0")/tap.sh"

SEED=${SEED:-1} longest=0.25		# s of a life
case $(command -v das-tick) in
*/build-san/*) : "${KILLS:=30}"; longest=2 ;;	# sanitizers start slowly
esac
: "${KILLS:=200}"
TOKENS=50			# packets of a message
day=2026-11-25
ticks=spool/$day/ticks
DAS_CLOCK="${day}T09:15:00+05:30@1/$(date +%s.%N)"
export DAS_CLOCK

mkdir lookup spool
awk -v n=$TOKENS 'BEGIN {
	print "instrument_token\texchange\tsegment\ttradingsymbol\tsymbol\tname\t" \
	    "kind\texpiry\tstrike\tlot_size\ttick_size\tdivisor\tTableName\tdbName"
	for (i = 1; i <= n; i++)
		printf "%d\tNSE\tNSE\tS%d\tS%d\tS%d\tEQ\t\\N\t\\N\t1\t0.05\t" \
		    "100\tS%d\tdb\n", i * 256 + 1, i, i, i, i
}' >lookup/instruments.tsv
printf 'timestamp\tuser_id\taccess_token\n%s 08:40:00\tAB1234\tx\n' $day \
    >spool/access_token
{
	echo 'wait 2'
	echo "storm 20 5 $(cut -f 1 lookup/instruments.tsv | sed 1d | paste -sd ' ')"
} >script
badticker port script log & mine $!
wait_for 5 test -f port || exit 99
cat >c.json <<-END
	{"apiKey": "key", "kiteTickerUrl": "ws://127.0.0.1:$(cut -f 2 port)",
	 "marketCloseHour": 15, "marketCloseMinute": 35, "dataDir": "$T"}
	END
chmod 600 c.json

# Are all rows in their places?
cat >look.awk <<'EOF'
FNR == 1 { first = 1; next }		# a header
first { if (seq > 0) print was "\t" $2 >"edges"; first = 0 }
{ was = $2 }
{ seq++ }
NF != 52 || $52 != "0" || $8 != "157.37" {
	print FILENAME ":" FNR ": is torn: " $0
	exit
}
$1 != seq {
	print FILENAME ":" FNR ": number " $1 ", wanted " seq
	exit
}
$20 != conn {				# another connection: its first packet
	if ($20 < conn) {
		print FILENAME ":" FNR ": connection " $20 " behind " conn
		exit
	}
	conn = $20
	place = 0
}
$11 != 1000 + place || $5 != (place % tokens + 1) * 256 + 1 {
	print FILENAME ":" FNR ": packet " $11 - 1000 " of connection " conn \
	    ", wanted " place
	exit
}
{ place++ }
END { print seq }
EOF

# One life after the other.  The rows of one are those of its raw capture, but
# for the last ones: a raw frame is written before its rows are made, and the
# rows of a turn of the loop together.
whole() { head -n "$1" "$2" | cut -f 2-; }	# LINES FILE, without seq
seen=none life=0
awk -v n="$KILLS" -v s="$SEED" -v max=$longest 'BEGIN { srand(s)
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
    END { exit k < n / 4 }' lives
das-tick -c c.json 2>>words & tick=$!	# cuts off what the last one left
mine $tick
wait_for 9 sh -c "tail -n 2 words | grep -q 'is open'"
kill -KILL $tick; wait $tick 2>/dev/null
last=$(cat "$ticks"/*.tsv | grep -vc '^seq')
is '... every row is whole, numbered and in its place' 0 "$last" \
    awk -F '\t' -v tokens=$TOKENS -f look.awk "$ticks"/*.tsv
# From the last row of one life to the first of the next: a gap that covers it.
cat >gaps.awk <<'EOF'
FNR == 1 && NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
NR == FNR {
	if ($col["cause"] == "killed") {
		from[++n] = $col["from"]
		to[n] = $col["to"]
	}
	next
}
{
	for (i = 1; i <= n && !(from[i] <= $1 && to[i] >= $2); i++)
		;
	if (i > n)
		print "no gap from " $1 " to " $2
}
EOF
ok '... there were many dead times' awk -v n="$KILLS" \
    'END { exit NR < n / 8 }' edges
is '... the ledger has each' 0 '' \
    awk -F '\t' -f gaps.awk "spool/$day/gaps.tsv" edges
awk -v torn="$(grep -c '' torn)" '{ d = $2 - $1; if (d > m) m = d; r += $1 - ($1 > 0) }
    END { print "# " NR " lives, " r " rows, " torn " torn tails; at most " m \
    " rows were taken from the socket and not written" }' lives
ok '... at most a turn of the loop was not yet written' \
    awk '$1 > 0 && $2 - $1 > 20000 { exit 1 }' lives
done_testing
