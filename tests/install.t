#!/bin/sh
# install.t - make install puts everything where it is found again, make
# uninstall takes it all away
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
if ! command -v make >/dev/null; then
	echo '1..0 # SKIP no make'
	exit 0
fi
unset MAKEFLAGS MAKELEVEL MFLAGS
ok 'make install' make -C "$SRC" -s install DESTDIR="$T/root" PREFIX=/opt/das
for t in "$SRC"/src/das-*.c $(sed -n 's/^SHELL_TOOLS *= *//p' "$SRC/Makefile"); do
	t=${t##*/} t=${t%.c}
	ok "$t" test -x "root/opt/das/bin/$t"
	ok "$t.1" test -f "root/opt/das/share/man/man1/$t.1"
done
ok 'das.7' test -f root/opt/das/share/man/man7/das.7
ok 'the client in Python' test -f root/opt/das/share/das/python/das_client/feed.py
ok 'and in JavaScript' test -f root/opt/das/share/das/js/das-client.js

# Installed programs find what is shipped beside them.
mkdir -p home/etc home/lookup
printf '%s\n' Date 2026-11-25 >home/lookup/tradingHolidays.csv
root/opt/das/bin/das-config init home/etc/dasConfig.json >/dev/null 2>&1
is 'an installed program finds the sessions: a Saturday that trades' 1 '' env \
    DAS_UPSTOXHOLIDAYURL=http://127.0.0.1:1 DAS_NSEHOLIDAYURL=http://127.0.0.1:1 \
    DAS_RETRYCOUNT=1 DAS_RETRYDELAYSECONDS=0 root/opt/das/bin/das-holiday \
    -c home/etc/dasConfig.json 2024-03-02
is 'an installed shell program finds its own' 1 'service	state	process	seconds
cast	down	\N	\N' root/opt/das/bin/das-ctl -c home/etc/dasConfig.json status cast
is 'the units start what was installed' 0 4 sh -c \
    "cat root/opt/das/lib/systemd/system/*.service | grep -c '^ExecStart=/opt/das/bin/das-'"
ok 'make uninstall' make -C "$SRC" -s uninstall DESTDIR="$T/root" PREFIX=/opt/das
is '... leaves no file' 0 '' find root -type f
done_testing
