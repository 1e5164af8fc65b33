#!/bin/sh
# das-verify.t - a das-cast over rows made here, sound ones and each kind of
# unsound ones; das-verify listens as a client does
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/bin/das.sh"

DAS_CLOCK=${DAY}T11:00:00+05:30/$(date +%s.%N)
DAS_CASTLISTEN=127.0.0.1:$(free_ports 1)
DAS_CASTURL=ws://$DAS_CASTLISTEN
DAS_CASTINTERVALSECONDS=1
export DAS_CASTLISTEN DAS_CASTURL DAS_CASTINTERVALSECONDS DAS_CLOCK
mkdir lookup
printf 'Date\n2026-11-25\n' >lookup/tradingHolidays.csv

# chain [AWK]: a row for each of spot, future and options of NIFTY, as of now;
# the awk program may change what it likes, or set s to nothing
chain() {
	awk -v OFS='\t' -v ts="$(TZ=UTC0 date -d "@$(now +%s)" +%FT%T+00:00)" 'BEGIN {
	none = "\\N"; n = split("NIFTY 50,NIFTY24NOV26FUT", one, ",")
	for (i = 1; i <= 2; i++) put(one[i], none, none, none, none, none)
	for (k = 24900; k <= 25100; k += 50) {
		put("NIFTY24NOV26" k "CE", 0.5, 0.001, -10, 9, 12)
		put("NIFTY24NOV26" k "PE", -0.5, 0.001, -10, 9, 12)
	}
	} function put(s, d, g, t, v, iv,   p, at) {
		p = s ~ /E$/ ? 100 : 25000; at = ts
		'"${1:-}"'
		if (s != "") print s, 1, at, p, p, p, 5, 6, d, g, t, v, iv, "ws"
	}' >>"$LTP/000001.tsv"
}
# live [AWK]: so twice a second, in the background, until dead
live() {
	dead
	kill "${cast:-$$x}" 2>/dev/null && wait "$cast" 2>/dev/null
	rm -rf "$LTP"
	ltp_segment 000001
	chain "${1:-}"
	das-cast 2>cast.log & cast=$!; mine $cast
	wait_for 20 grep -q listens cast.log
	(while [ -d "$LTP" ]; do chain "${1:-}"; sleep 0.5; done) & feeder=$!
	mine $feeder
}
dead() { [ -z "${feeder:-}" ] || { kill "$feeder"; wait "$feeder" 2>/dev/null; feeder=; }; }
# bad NAME LINE WORDS: of das-verify's lines, this one and no other is bad
bad() {
	is "$1" 1 "$2" sh -c 'das-verify -s 5 >said; rc=$?
	    sed -n "s/^BAD \(.\{18\}\) .*/\1/p" said | sed "s/ *$//"; exit $rc'
	ok "... said: $3" grep -q "$3" said
	grep -q "$3" said || sed 's/^/# /' said
}

fails 'an argument' 64 usage das-verify x
fails 'no seconds' 64 'want 1 to 999' das-verify -s 0
is 'version' 0 "das-verify $(das-config -V | cut -d' ' -f2)" das-verify -V
export DAS_UNDERLYINGS=NIFTY LC_ALL=C

live
is 'a sound feed' 0 '' sh -c 'das-verify -s 5 >said; rc=$?; grep ^BAD said; exit $rc'
sed 's/^/# /' said
is 'each thing' 0 'connection feed NIFTY 50 NIFTY futures NIFTY options NIFTY IV NIFTY greeks freshness rate' \
    sh -c "cut -c 5-22 said | sed 's/ *$//' | paste -sd' '"
ok 'what was counted' grep -q 'options *5 calls, 5 puts, 100 % with a price' said
if locale -a 2>/dev/null | grep -qix 'C\.utf-\{0,1\}8'; then
	is 'ticks where they can be shown' 0 9 sh -c 'LC_ALL=C.UTF-8 das-verify -s 5 | grep -c "^✓"'
else
	skip 'ticks where they can be shown' 'no UTF-8 locale'
fi

live 'if (s == "NIFTY 50") p = "\\N"'
bad 'no spot price' 'NIFTY 50' '^BAD NIFTY 50 *0'
live 'if (s == "NIFTY 50") s = ""'
bad 'no spot' 'NIFTY 50' 'NIFTY 50 *no row came'
live 'if (s ~ /FUT$/) s = ""'
bad 'no future' 'NIFTY futures' 'none came'
live 'if (s ~ /FUT$/) p = 20000'
bad 'a future far off' 'NIFTY futures' 'NIFTY24NOV26FUT is 20000'
live 'if (s ~ /PE$/) s = ""'
bad 'no puts' 'NIFTY options' '5 calls, 0 puts'
live 'if (iv != none) iv = none'
bad 'no volatility' 'NIFTY IV' '0 % of the options'
live 'd = g = t = v = none'
bad 'no greeks' 'NIFTY greeks' '0 % of the options'
live 'if (s ~ /25000CE$/) d = 1.5'
bad 'a delta that cannot be' 'NIFTY greeks' 'NIFTY24NOV2625000CE has delta 1.5'
live 'if (s ~ /25000PE$/) g = -0.1'
bad 'a gamma that cannot be' 'NIFTY greeks' 'gamma -0.1'
live 'at = "2026-11-23T05:00:00+00:00"'
bad 'rows from half an hour ago' freshness 'not older than 20 s'
live
dead
bad 'nothing new comes' rate '0 % of the symbols came again'
live 's = ""'
bad 'no rows at all' 'connection
feed' 'no row within 5 s'
dead
kill $cast
wait $cast
bad 'nobody listens' 'connection
feed' 'Connection refused'
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => shift,
    Listen => 5, ReuseAddr => 1) or die; $| = 1; print "up\n"; sleep 100' "$DAS_CASTLISTEN" >up & mine $!
wait_for 10 grep -q up up
bad 'a port that says nothing' 'connection
feed' '^BAD connection'
kill_all
# behind the close only what is there is judged
DAS_CLOCK=${DAY}T18:00:00+05:30/$(date +%s.%N)
DAS_CASTLISTEN=127.0.0.1:$(free_ports 1) DAS_CASTURL=
export DAS_CASTLISTEN DAS_CLOCK
cast='' feeder=''
live 'at = "2026-11-23T10:00:00+00:00"'
dead
is 'after the close' 0 '' sh -c 'das-verify -s 4 -u "ws://$DAS_CASTLISTEN" >said; rc=$?; grep ^BAD said; exit $rc'
is 'time is not judged' 0 '-- freshness
-- rate' sh -c "sed -n 's/^\\(--\\)  \\([a-z]*\\).*/\\1 \\2/p' said"
done_testing
