#!/bin/sh
# fuzz.t - the short run of the fuzz targets: seeds, prefixes of each, and
# mutations that are the same every time (tests/fuzz/README)
. "$(dirname "$0")/tap.sh"

for f in "$SRC"/tests/fuzz/*.c; do
	f=${f##*/} f=${f%.c}
	runs=${FUZZ_RUNS:-20000}
	case $f in
	driver | seed) continue ;;
	pack) runs=$((runs / 20)) ;;	# has the tables of all its contexts
	greek) runs=$((runs / 10)) ;;	# a minute's market in each
	esac
	ok "$f" "$SRC/build/fuzz/fuzz-$f" -n "$runs"
done
is 'leaves no input that fails' 1 '' sh -c 'ls | grep crash'
done_testing
