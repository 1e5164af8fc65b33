#!/bin/sh
# real-day.t - the whole chain on real dumps, a real list, real holidays
#
# The broker's dump of 8 May 2026 (NSE of 8 March, BSE's indices of July 2025:
# their tokens rarely change), NSE's list of November 2024 and the holidays of Upstox's own sample;
# the simulator serves them byte for byte and lets the listed instruments move.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
export LC_ALL=C
real=$SHARED/instruments
if [ ! -d "$real" ] || ! command -v sqlite3 >/dev/null; then
	echo '1..0 # SKIP no shared data, or no sqlite3'
	exit 0
fi
day=2026-05-11
zcat "$real/kite-NSE-raw-2026-03-08.csv.gz" >dump
zcat "$real/kite-NSE+BSE-EQ-2025-07-04.csv.gz" | grep ',INDICES,BSE' >>dump
for f in NFO BFO; do zcat "$real/kite-$f-2026-05-08.csv.gz" | sed 1d >>dump; done

value() { awk -F '\t' -v key="$1" '$1 == key { print $2 }' "$2"; }
DAS_CLOCK=${day}T07:15:00+05:30@1500/$(date +%s.%N)
DAS_CONFIG=$T/etc/dasConfig.json DAS_MARKETCLOSEHOUR=17 DAS_MARKETCLOSEMINUTE=0
export DAS_CLOCK DAS_CONFIG DAS_MARKETCLOSEHOUR DAS_MARKETCLOSEMINUTE
mkdir etc mail
das-sim -p 0 --smtp 0 --port-file ports --write-config "$DAS_CONFIG" \
    --data-dir "$T" --stats sim.tsv --mail-dir mail --rate 0.2 \
    --instruments dump \
    --nifty500 "$SHARED/lists/ind_nifty500list-2024-11-18.csv" \
    --holidays "$SHARED/holidays/upstox-market-holidays-doc-sample.json" \
    2>sim.log & mine $!
ok 'the simulator takes real files' wait_for 20 test -s ports

# The peak of resident memory of every tool, looked at ten times a second.
sample() {
	while [ ! -e over ]; do
		for p in /proc/[0-9]*; do
			[ "$(readlink "$p/cwd")" = "$T" ] || continue
			awk -v OFS='\t' '$1 == "Name:" { n = $2 } $1 == "VmHWM:" &&
			    n ~ /^das-/ { print n, $2 }' "$p/status"
		done 2>/dev/null
		sleep 0.1
	done
}
sample >peaks & mine $!
ok 'a day on real files' env DAS_CASTLISTEN=127.0.0.1:0 das-main
: >over
case $(command -v das-tick) in
*/build-san/*) skip 'every tool stays below 64 MB' 'sanitizers need more' ;;
*)
	for t in das-tick das-load das-backup das-lookup das-sim; do
		peak=$(awk -v t="$t" '$1 == t && $2 > m { m = $2 } END { print m + 0 }' peaks)
		ok "$t stays below 64 MB ($peak KB)" \
		    sh -c "[ $peak -gt 0 ] && [ $peak -lt 65536 ]"
	done
	;;
esac

# What must have been chosen, from the dump by awk alone.
spot() { printf '%s\n' 'NIFTY 50' 'NIFTY BANK' SENSEX; }
options() {	# NAME SEGMENT: tokens of the two nearest expiries
	awk -F , -v name="$1" -v seg="$2" -v today=$day '{ gsub(/"/, "") }
	    $4 == name && $11 == seg && $6 >= today { print $6, $1 }' dump |
	    sort | awk '$1 != e { e = $1; n++ } n <= 2 { print $2 }' | sort
}
inst() { sed 1d lookup/instruments.tsv; }
while read -r index segment stem; do
	ok "$index has options" test "$(options "$index" "$segment" | wc -l)" -gt 100
	is "$index: two expiries, all strikes" 0 "$(options "$index" "$segment")" \
	    sh -c "sed 1d lookup/${stem}TokenList.csv | sort"
done <<'END'
NIFTY NFO-OPT niftyOptions
BANKNIFTY NFO-OPT bankNiftyOptions
SENSEX BFO-OPT sensexOptions
END
is 'the spots' 0 "$(spot | sort)" sh -c \
    "awk -F '\t' '\$7 == \"index\" || \$3 == \"INDICES\" { print \$4 }' lookup/instruments.tsv | sort"
chosen=$(inst | wc -l)
ok "as many as one expects ($chosen)" test "$chosen" -gt 1500
is 'all of them subscribed' 0 "$chosen" value subscribed_most sim.tsv
is 'each has a tick' 0 "$chosen" sh -c \
    "DAS_SPOOLDIR=none das-follow -n -d $day ticks | cut -f 5 | grep -v instrument | sort -u | wc -l"
sent=$(value ticks_sent sim.tsv)
ok "a real number of ticks ($sent)" test "$sent" -gt 20000
is 'received' 0 "$sent" value ticks "spool/$day/status.tsv"
is 'spooled' 0 "$sent" sh -c \
    "DAS_SPOOLDIR=none das-follow -n -d $day ticks | grep -vc ^seq"
is 'loaded' 0 "$sent" sqlite3 das.db 'SELECT rows FROM das_position'
is 'filed: one row a second' 0 "$(value pairs sim.tsv)" sqlite3 das.db \
    'SELECT filed FROM das_filed'
done_testing
