#!/bin/sh
# fuzz.t - the short run of the fuzz targets: seeds, prefixes of each, and
# mutations that are the same every time (tests/fuzz/README)
. "$(dirname "$0")/tap.sh"

for f in "$SRC"/tests/fuzz/*.c; do
	f=${f##*/} f=${f%.c}
	case $f in driver | seed) continue ;; esac
	ok "$f" "$SRC/build/fuzz/fuzz-$f" -n "${FUZZ_RUNS:-20000}"
done
is 'leaves no input that fails' 1 '' sh -c 'ls | grep crash'
done_testing
