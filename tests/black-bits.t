#!/bin/sh
# black-bits.t - volatilities and greeks have the same bits whoever compiles them,
# with AVX2 and without it
. "$(dirname "$0")/tap.sh"

flags=$(sed -n 's/^\$(addprefix .*black%.o.*STD += //p' "$SRC/Makefile")
# bits PROGRAM COMPILER FLAG...: what it prints into PROGRAM.out
bits() {
	to=$1; shift
	# shellcheck disable=SC2086 # words
	"$@" -std=c11 -D_GNU_SOURCE $flags -iquote "$SRC/src/base" \
	    -iquote "$SRC/src/market" -o "$to" "$SRC/tests/blackbits.c" \
	    "$SRC"/src/market/black*.c "$SRC/src/market/normal.c" -lm &&
	    "./$to" >"$to.out"
}

is 'the Makefile forbids to contract' 0 '-ffp-contract=off -fno-math-errno' \
    echo "$flags"
ok 'as gcc makes it' bits first gcc -O2
is 'most rows have a volatility' 0 1 awk '{ print ($1 > 10000) }' first.out
ok 'gcc -O0' bits again gcc -O0
ok '... the same bits' cmp again.out first.out
ok 'gcc -O3' bits again gcc -O3
ok '... the same bits' cmp again.out first.out
# without AVX2, as another machine would have it
sed 's/__x86_64__/NO_AVX2/' "$SRC/src/market/black_avx2.c" >black_avx2.c
mkdir plain
cp "$SRC"/src/market/black*.c plain
mv black_avx2.c plain
# shellcheck disable=SC2086 # words
ok 'one lane alone' gcc -O2 -std=c11 -D_GNU_SOURCE $flags -iquote \
    "$SRC/src/base" -iquote "$SRC/src/market" -o plain/again \
    "$SRC/tests/blackbits.c" plain/black*.c "$SRC/src/market/normal.c" -lm
ok '... the same bits' sh -c 'plain/again | cmp - first.out'
if command -v clang >clang.path; then
	ok 'clang -O2' bits again clang -O2
	ok '... the same bits' cmp again.out first.out
else
	skip 'clang' 'no clang'
fi
done_testing
