#!/bin/sh
# das-ctl.t - the real tools started, seen and stopped; ids of processes that are
# none of ours; beside das-main and systemd
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"

port=$(free_ports 1)
export DAS_CASTLISTEN="127.0.0.1:$port"
instruments 5
segment 000001
rows 1 10 5 >>"$TICKS/000001.tsv"
LOG=log/${DAY}_DAS_Logs

# the processes that hold the locks: ended with the test whatever happens
clean() {
	for f in "spool/$DAY/.load" "spool/$DAY/.load-ltp" "$LTP/.lock" "spool/$DAY/live/.lock" spool/.das-cast-*.lock; do
		[ -s "$f" ] && mine "$(cat "$f")"
	done
}
state() { das-ctl status "$@" >s; rc=$?; cut -f 1,2 s | sed 1d; return $rc; }
pid_of() { das-ctl status "$1" | awk -F '\t' 'NR == 2 { print $3 }'; }

# usage
fails 'no verb' 64 usage das-ctl
fails 'no such verb' 64 usage das-ctl begin
fails 'no such service' 64 'there are load ltp greeks live cast' das-ctl start x
fails 'das-tick is das-main'"'"'s' 64 'das-tick by das-main' das-ctl stop tick
fails 'no day' 64 'want YYYY-MM-DD' das-ctl -d 2026-11-31 status
fails 'no seconds' 64 'want 1 to 9999' das-ctl -t 0 stop
is 'version' 0 "das-ctl $(das-config -V | cut -d' ' -f2)" das-ctl -V

# nothing runs
is 'status of nothing' 1 'service	state	process	seconds
load	down	\N	\N
ltp	down	\N	\N
greeks	down	\N	\N
live	down	\N	\N
cast	down	\N	\N' das-ctl status
fails 'nothing to stop' 0 'das-load does not run' das-ctl stop

# all start
fails 'start' 0 'das-cast started' das-ctl start
clean
is 'all run' 0 'load	running
ltp	running
greeks	running
live	running
cast	running' state
is 'status says yes' 0 '' sh -c 'das-ctl status >/dev/null'
load=$(pid_of load)
is 'it is a das-load' 0 das-load cat "/proc/$load/comm"
is 'it has a session of its own' 0 "$load" sh -c "sed 's/.*) //' /proc/$load/stat | cut -d' ' -f4"
ok 'it loads' wait_for 30 sh -c '[ "$(sqlite3 -readonly das.db "SELECT count(*) FROM dailytable")" = 10 ]'
ok 'its words go to its log' wait_for 10 test -s "$LOG/cast.log"
ok 'a line begins with the time' grep -q "^$DAY 16:0.*das-cast: listens" "$LOG/cast.log"
fails 'start again' 0 "das-load runs already, process $load" das-ctl start load
is 'it is still that one' 0 "$load" pid_of load
fails 'restart' 0 "das-load, process $load, has ended" das-ctl restart load
clean
ok 'another one runs' test "$(pid_of load)" != "$load"
is 'two at once: one runs' 0 1 sh -c 'das-ctl stop greeks; das-ctl start greeks & das-ctl start greeks; wait; das-ctl status greeks | grep -c running'
clean
fails 'stop of one' 0 'das-greeks, process' das-ctl stop greeks
is 'which is down' 1 'greeks	down' state greeks
is 'the others run' 0 'load	running
cast	running' state load cast
fails 'stop of all' 0 'das-cast, process' das-ctl stop
is 'all are down' 1 '5' sh -c 'das-ctl status >s; rc=$?; grep -c down s; exit $rc'
is 'no mark is left where no das-main is' 1 '' sh -c "ls spool/$DAY/.stopped-* 2>/dev/null | grep ."

# what cannot start
mkdir -p "spool/$DAY/.stopped-load"
fails 'a mark that cannot go' 73 'cannot be removed' das-ctl start load
rmdir "spool/$DAY/.stopped-load"
mv "spool/$DAY/.load" lock; mkfifo "spool/$DAY/.load"
is 'a lock that is none is not waited for' 1 'load	down' timeout 60 sh -c \
    'das-ctl status load >s; rc=$?; sed 1d s | cut -f 1,2; exit $rc'
rm "spool/$DAY/.load"; mv lock "spool/$DAY/.load"
: >"$TICKS/CLOSED"
fails 'a day that is done' 0 'nothing is left to do' das-ctl start load
rm "$TICKS/CLOSED"
mkdir away
mv lookup/instruments.tsv away/
mv "spool/$DAY/instruments.tsv" away/kept
fails 'a tool that fails' 66 'das-load ended with status 66' das-ctl start load
mv away/instruments.tsv lookup/
fails 'any port' 78 'names no port' env DAS_CASTLISTEN=127.0.0.1:0 das-ctl start cast

# a port that another program has
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1",
    LocalPort => shift, Listen => 1) or die; $| = 1; print "up\n"; sleep 60' "$port" >up & mine $!
wait_for 10 grep -q up up
fails 'a port that is taken' 69 'the port is taken by' das-ctl start cast
kill_all

# ids that lie: of the past, of another program, no number
sleep 60 & other=$!; mine $other
for id in $other 4194303 '' x "$$"; do
	printf '%s\n' "$id" >"spool/$DAY/.load"
	is "a lock file that says '$id'" 1 'load	down' state load
	das-ctl stop load 2>/dev/null
done
ok 'nobody was killed for it' kill -0 $other
fails 'and das-load starts over it' 0 'das-load started' das-ctl start load
clean
das-ctl stop load 2>/dev/null

# a tool that does not want to end, and one that is slow
mkdir bin
cp "$SRC/bin/das-ctl" "$SRC/bin/das.sh" bin/
cat >bin/das-load <<'EOS'
#!/bin/sh
. "$T/stubborn"
exec 7>>"spool/2026-11-23/.load"
flock -n 7 || exit 75
echo $$ >"spool/2026-11-23/.load"
while :; do sleep 0.1; done
EOS
ln -s "$(command -v das-config)" bin/das-config
chmod +x bin/das-load
export T
echo 'trap "" TERM' >stubborn
fails 'one that ignores us starts' 0 started bin/das-ctl start load
clean
fails 'and is killed' 0 'did not end within 1 s, killed' bin/das-ctl -t 1 stop load
is 'it is gone' 1 'load	down' state load
echo 'trap "sleep 1; exit 0" TERM' >stubborn
fails 'one that is slow' 0 started bin/das-ctl start load
clean
fails 'is waited for' 0 'has ended' bin/das-ctl -t 20 stop load

# beside das-main: a mark says what was stopped, and start takes it away
sh -c 'echo $$ >spool/.das-main.lock; exec 9>>spool/.das-main.lock; flock -n 9; sleep 100' & mine $!
wait_for 10 sh -c 'das-ctl status main | grep -q running'
is 'das-main is seen' 0 'main	running' state main
das-ctl start load greeks 2>/dev/null
clean
fails 'stop under das-main' 0 'has ended' das-ctl stop load
is 'is remembered' 1 'load	stopped' state load
ok 'for das-main' test -e "spool/$DAY/.stopped-load"
ok 'for this one only' test ! -e "spool/$DAY/.stopped-greeks"
# a das-main that starts it, and one that does not
(wait_for 20 test ! -e "spool/$DAY/.stopped-load" && exec das-load -f 2>/dev/null) & mine $!
fails 'start: das-main does it' 0 "das-load runs already, process $!" das-ctl start load
das-ctl stop load 2>/dev/null
fails 'start: das-main has no time' 0 'das-load started' das-ctl start load
clean
das-ctl stop 2>/dev/null
kill_all
done_testing
