#!/bin/sh
# repo.t - promises about the repository itself: layers, names, pages, shell
. "$(dirname "$0")/tap.sh"

# A file includes only its own layer or lower ones: base < market < io < tools.
layer() {	# DIR ALLOWED...: headers of other folders that DIR includes
	dir=$1; shift
	for f in "$SRC/src/$dir"/*.[ch]; do
		sed -n 's/^#include "\(.*\)"$/\1/p' "$f" | while read -r h; do
			for d in "$@"; do
				[ ! -f "$SRC/src/$d/$h" ] || continue 2
			done
			echo "$dir/${f##*/} includes $h"
		done
	done
}
is 'src/base stands alone' 0 '' layer base base
is 'src/market knows base only' 0 '' layer market market base
is 'src/io knows market and base' 0 '' layer io io market base

# Each library's header is known to one place.
foreign() {	# HEADER-PATTERN FILE...: files that include it and may not
	pattern=$1; shift
	grep -lE "^#include <($pattern)" "$SRC"/src/*.[ch] "$SRC"/src/*/*.[ch] |
	while read -r f; do
		case " $* " in *" ${f#"$SRC"/src/} "*) ;; *) echo "$f" ;; esac
	done
}
is 'libcurl' 0 '' foreign 'curl/' io/http.c io/smtp.c
is 'libwebsockets' 0 '' foreign 'libwebsockets' io/serve.c
is 'jansson' 0 '' foreign 'jansson' io/js.c
is 'OpenSSL' 0 '' foreign 'openssl/' io/sum.c io/tls.c io/tlss.c io/cert.c
is 'liboath' 0 '' foreign 'liboath/' io/totp.c
is 'libmariadb' 0 '' foreign 'mysql|mariadb/' io/my.c io/my_stmt.c
is 'SQLite' 0 '' foreign 'sqlite3' io/sq.c
is 'libzstd' 0 '' foreign 'zstd' io/zst.c
is 'libcsv' 0 '' foreign 'csv.h' io/csv.c

# Only msg and opt print or exit below the tools; the processes that workers and
# castask make end there.
# (1 is grep's "nothing found")
is 'modules return, they do not exit' 1 '' sh -c \
    'cd "$SRC/src" && grep -nE "(^|[^_a-z])(exit|_exit|perror|printf|puts) ?\([^)]" \
    base/*.c market/*.c io/*.c | grep -vE "base/(msg|opt)\.c:|(base/workers|io/castask)\.c:.*_exit"'
is 'tokens of clients are compared in constant time' 0 'casthttp.c:1' sh -c \
    'cd "$SRC/src/io" && grep -c "sum_equal(" casthttp.c | sed "s/^/casthttp.c:/" &&
    ! grep -nE "(strn?(case)?cmp|memcmp) ?\\([^)]*(token|secret)" cast*.c'
is 'no unsafe C string functions' 1 '' sh -c \
    'cd "$SRC/src" && grep -nE "(^|[^_a-z])(strcat|sprintf|strtok|gets|atoi|atol|atof|alloca) ?\(" \
    *.c */*.c'
is 'nothing is called util' 0 '' sh -c 'cd "$SRC" && find src -name "util*"'

# Each tool has its page, its test and its line in the tour.
for t in "$SRC"/src/das-*.c $(cd "$SRC" && sed -n 's/^SHELL_TOOLS *= *//p' Makefile); do
	t=${t##*/} t=${t%.c}
	ok "$t has a page" test -f "$SRC/man/$t.1"
	ok "$t has a test" test -f "$SRC/tests/$t.t"
	ok "$t is in das(7)" grep -q "Xr $t 1" "$SRC/man/das.7"
	ok "$t is in the README" grep -q "$t" "$SRC/README.md"
done

if command -v mandoc >/dev/null; then
	is 'manual pages are clean' 0 '' sh -c \
	    'mandoc -Tlint -Wwarning "$SRC"/man/*.[1-8] 2>&1'
else
	skip 'manual pages are clean' 'no mandoc'
fi
# A page lists the options that its tool has, and no other tool's usage.
for t in "$SRC"/man/das-*.1; do
	t=${t##*/} t=${t%.1}
	[ -x "$(command -v "$t")" ] || continue
	is "$t -h is a success" 0 "usage" sh -c "$t -h | head -n 1 | cut -c1-5"
done
if command -v shellcheck >/dev/null; then
	is 'shell is clean' 0 '' sh -c \
	    'cd "$SRC" && shellcheck -x $(sed -n "s/^SHELL_TOOLS *= *//p" Makefile | sed "s,das-,bin/&,g") etc/ensure-packages .ci/run tests/bench tests/fuzz/run tests/tap.sh &&
	    shellcheck -x -e SC1091,SC2154,SC2016 tests/*.t'
else
	skip 'shell is clean' 'no shellcheck'
fi
is 'only the agreed names at the top' 1 '' sh -c 'cd "$SRC" && ls -A |
    grep -vxE "Makefile|README.md|LICENSE|bin|src|man|etc|lookup|tests|cron|\.ci|\.git|\.gitignore|\.clang-format|build|build-san"'
done_testing
