#!/bin/sh
# bench.t - what measures the live capture measures: short runs, no figures
. "$(dirname "$0")/tap.sh"

day=2026-11-25
mkdir -p spool/$day/ticks
segment() {	# NUMBER FROM UPTO: rows that begin with these numbers
	awk -v a="$2" -v b="$3" 'BEGIN { print "seq\tprice"
		for (i = a; i <= b; i++) print i "\t1.00" }' \
	    >spool/$day/ticks/00000"$1".tsv
}
drain() {	# ROWS: rows, holes and bytes
	benchdrain spool $day "$1" 1 >drained && rc=0 || rc=$?
	cut -f 1-3 drained
	return "$rc"
}

# ---- benchdrain ----
segment 1 1 10; segment 2 11 20; segment 3 21 30
is 'rows, holes, bytes' 0 "30	0	$((30 * 8 - 9))" drain 30
is 'a segment two behind is gone' 0 '000002.tsv 000003.tsv' \
    sh -c 'cd spool/*/ticks && ls | paste -sd " "'
segment 1 1 10
is 'rows that never come' 1 "30	0	$((30 * 8 - 9))" drain 31
segment 1 1 10; segment 2 12 20
is 'a hole' 1 "29	1	$((29 * 8 - 9))" drain 29

# ---- benchdecode: dies where a row is not the one that its plain loop writes ----
mkcapture made 40 200
is 'decoding and rows, beside plain loops' 0 '4 0' sh -c \
    'benchdecode made first | awk "{ print NF, \$1 <= 0 || \$2 <= 0 || \$3 <= 0 || \$4 <= 0 }"'
is 'the frames it decodes, for others' 0 '5600' sh -c \
    'das-tick -r first -o - 2>/dev/null | sed 1d | grep -c ""'

# ---- benchblack: dies where a status is another ----
is 'volatilities and their error, and rows for others' 0 '6 1
8' sh -c 'BLACK_ROWS=110 benchblack rows 2>/dev/null | awk "{ print NF, (\$6 > 0 && \$6 <= 1) }"
    awk "NR == 1 { print NF }" rows'

# ---- a busy day of three seconds ----
is 'the rows of a busy day' 0 'name value unit low high against ratio goal met
busy_day_cpu % max
busy_day_rss MB max' sh -c 'TMPDIR=$PWD RUNS=1 BENCH_SECONDS=3 timeout 60 \
    "$SRC/tests/bench" busy_day_cpu busy_day_rss |
    awk -F "\t" "NR == 1 { \$1 = \$1; print; next }
	NF == 9 && \$2 > 0 && \$9 ~ /^(yes|no)\$/ { print \$1, \$3, \"max\" }"'
is 'no such figure' 64 '' sh -c '"$SRC/tests/bench" nothing | sed 1d; "$SRC/tests/bench" nothing >/dev/null'
done_testing
