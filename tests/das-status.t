#!/bin/sh
# das-status.t - a day at work and each thing that can be wrong with it
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
command -v curl >/dev/null || { echo '1..0 # SKIP no curl'; exit 0; }

at() { export DAS_CLOCK="${1}+05:30"; }
DAS_CASTLISTEN=127.0.0.1:$(free_ports 1)
export DAS_CASTLISTEN
mkdir lookup
printf 'Date\n2026-11-25\n' >lookup/tradingHolidays.csv

# hold LOCK-FILE: somebody who holds it; $held
hold() {
	mkdir -p "${1%/*}"
	F=$1 sh -c 'exec 9>>"$F"; flock 9; echo $$ >"$F"; exec sleep 300' & held=$!
	mine $held
	wait_for 10 grep -qx "$held" "$1"
}
drop() {	# LOCK-FILE
	kill "$(cat "$1")"
	wait "$(cat "$1")" 2>/dev/null || true
}
# feed KEY VALUE...: status.tsv of 11:00, some of it otherwise
feed() {
	printf '%s\t%s\n' key value state connected updated "$DAY 10:59:59.100000" \
	    last_tick "$DAY 10:59:58.500000" lag_ms 400 connections 1 \
	    connections_wanted 1 subscribed 6 seen 6 ticks 500 seq 500 \
	    ticks_per_second 50 rejects 0 reconnects 0 disk_days_left '\N' >st
	while [ $# -gt 0 ]; do
		V=$2 awk -F '\t' -v OFS='\t' -v k="$1" '$1 == k { $2 = ENVIRON["V"] } { print }' st >st2
		mv st2 st
		shift 2
	done
	mv st "spool/$DAY/status.tsv"
}
# mark NAME: what das-status says of it, and its own status
mark() {
	das-status >screen && rc=0 || rc=$?
	awk -v name="$1" '$2 == name { print $1 }' screen
	return "$rc"
}
bad() {	# NAME LINE WORDS: that line, and no other, is bad
	is "$1" 1 BAD mark "$2"
	is "... and nothing else" 0 "$2" sh -c "sed -n 's/^BAD \\([a-z]*\\).*/\\1/p' screen"
	ok "... said: $3" grep -q "^BAD $2 .*$3" screen
	ok "... by -1 too" sh -c '! das-status -1 >one'
	ok "... with the reason" grep -q "^unhealthy .*$2: .*$3" one
}

# ---- usage ----
fails 'no spool' 66 'nothing was ever captured' das-status
fails 'an argument' 64 usage das-status x
fails 'an option' 64 usage das-status -z
is 'version' 0 "das-status $(das-config -V | cut -d' ' -f2)" das-status -V
fails 'no configuration' 78 none.json das-status -c none.json

# ---- a day at work ----
instruments 5
segment 000001
rows 1 500 5 >>"$TICKS/000001.tsv"
ok 'rows are loaded' das-load
ltp_segment 000001
at "${DAY}T11:00:00"
printf 'SYM1CE\t258\t%sT05:29:55+00:00\t1\t1\t1\t1\t1\t0.5\t0.1\t-1\t1\t12\tws\n' "$DAY" >>"$LTP/000001.tsv"
feed
TICK=$TICKS/.lock LOAD=spool/$DAY/.load LOADLTP=spool/$DAY/.load-ltp GREEKS=$LTP/.lock LIVE=spool/$DAY/live/.lock
for lock in "$TICK" "$LOAD" "$LOADLTP" "$GREEKS" "$LIVE"; do hold "$lock"; done
das-cast 2>cast.log & cast=$!; mine $cast
wait_for 20 test -s "spool/.das-cast-${DAS_CASTLISTEN#*:}.lock"
is 'a day at work' 0 ok mark day
[ "$rc" = 0 ] || sed 's/^/# /' screen
is 'all is well' 0 '' sh -c '! grep ^BAD screen'
ok 'it says healthy' grep -q "^DAS, $DAY 11:00:0[0-9]: healthy" screen
ok 'one screen' test "$(wc -l <screen)" -lt 24
is 'each service' 0 'tick load ltp greeks live cast' sh -c \
    "awk '\$1 == \"ok\" && \$3 == \"process\" { print \$2 }' screen | paste -sd' '"
ok 'how far the store is' grep -q 'load .*500 rows stored, 0 behind' screen
ok 'das-cast answers' grep -q 'cast .*: ok' screen
is 'one line' 0 1 sh -c 'das-status -1 >one; rc=$?; grep -c "^healthy .* open ticks=500" one; exit $rc'

# ---- each thing that can be wrong ----
drop "$TICK"
bad 'das-tick does not run' tick 'does not run'
hold "$TICK"
feed state reconnecting
bad 'das-tick is not connected' tick reconnecting
feed last_tick "$DAY 10:58:30.000000"
bad 'no ticks' feed 'last [0-9]* s ago'
feed last_tick '\N'
bad 'none ever' feed 'no tick yet'
feed updated "$DAY 10:55:00.000000"
bad 'das-tick hangs' feed 'no word from das-tick'
feed lag_ms 20000
bad 'ticks are late' feed 'lag 20000 ms'
feed
printf 'from\tto\tseconds\tconn\tcause\tinstruments\tresolved\treason\n%s 10:59:30\t\\N\t\\N\t1\treset\t9\tno\tx\n' \
    "$DAY" >"spool/$DAY/gaps.tsv"
bad 'a gap is open' gaps '1 gaps.*reset, 1 open'
sed -i "s/\\\\N\t\\\\N/$DAY 10:59:40\t10/" "spool/$DAY/gaps.tsv"
is 'a gap that has ended is none' 0 ok mark gaps
feed seq 500000
bad 'the store is behind' load '499500 behind'
feed
mv das.db away.db
bad 'the store is not there' load 'the store: '
mv away.db das.db
for s in load ltp greeks live; do
	case $s in load) l=$LOAD ;; ltp) l=$LOADLTP ;; live) l=$LIVE ;; *) l=$GREEKS ;; esac
	drop "$l"
	bad "$s does not run" $s "das-ctl start $s"
	hold "$l"
done
mv "$LTP/000001.tsv" away.tsv
bad 'greeks are missing' greeks 'no row yet'
mv away.tsv "$LTP/000001.tsv"
at "${DAY}T11:02:00"
feed updated "$DAY 11:02:00.0" last_tick "$DAY 11:02:00.0"
bad 'greeks are stale' greeks 'last row 2 min ago'
at "${DAY}T11:00:00"
feed
kill -STOP $cast
bad 'das-cast is silent' cast 'no answer'
kill -CONT $cast
kill $cast; wait $cast
bad 'das-cast does not run' cast 'das-ctl start cast'
: >"spool/$DAY/.stopped-cast"
bad 'das-cast was stopped' cast 'stopped; das-ctl start cast'
rm "spool/$DAY/.stopped-cast"
is 'no broadcast is wanted' 0 -- env DAS_CONFIG="$T/nocast.json" sh -c '
    echo "{\"castListen\": \"\"}" >nocast.json; chmod 600 nocast.json; unset DAS_CASTLISTEN
    das-status >screen; rc=$?; awk "\$2 == \"cast\" { print \$1 }" screen; exit $rc'
das-cast 2>cast.log & cast=$!; mine $cast
wait_for 20 sh -c 'das-status >/dev/null'
feed disk_days_left 2.5
bad 'the disk has room for few days' disk 'room for 2.5 days'
feed
export DAS_DISKFLOORMEGABYTES=1048576
bad 'the disk is nearly full' disk 'less than 1048576'
unset DAS_DISKFLOORMEGABYTES
feed state 'disk full'
bad 'das-tick says so' tick 'disk full'
for odd in abc 1e3 08 99999999999999999999 '$(id)'; do
	feed seq "$odd" ticks_per_second "$odd"
	is "seq is $odd: the rest is said" 0 ok mark disk
	is "and nothing else ($odd)" 0 '' sh -c 'das-status 2>&1 >/dev/null'
done
feed

# ---- other hours ----
at "${DAY}T09:15:30"
feed state connecting last_tick '\N' updated "$DAY 09:15:30.0"
is 'just opened: it has some time' 0 -- mark feed
kill $cast; wait $cast
for l in "$TICK" "$LOAD" "$LOADLTP" "$GREEKS" "$LIVE"; do drop "$l"; done
at "${DAY}T08:00:00"
rm "spool/$DAY/status.tsv"
is 'before the open nothing need run' 0 ok mark day
ok 'it tells when' grep -q 'opens at 09:15' screen
at "${DAY}T16:00:00"
is 'after the close, not captured' 1 BAD mark day
: >"$TICKS/CLOSED"
is 'captured, not filed' 1 BAD mark day
ok 'says so' grep -q 'captured but not filed' screen
hold spool/.das-main.lock
is 'das-main does that' 0 ok mark day
drop spool/.das-main.lock
mkdir -p "archive/$DAY/ticks" && : >"archive/$DAY/ticks/SHA256SUMS"
is 'filed' 0 ok mark day
at 2026-11-25T12:00:00
is 'a holiday' 0 ok mark day
is '... behind a day that ended well' 0 ok mark last
rm -r archive
is '... and one that did not' 1 BAD mark last
at 2026-11-28T12:00:00
is 'a Saturday behind it' 1 BAD mark last
done_testing
