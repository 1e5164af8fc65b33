#!/bin/sh
# das-main.t - the driver's decisions, with stand-ins for the tools
#
# Every tool is a script that writes its name into calls and then does what
# stage/NAME says (nothing: exit 0), so that a test makes any of them fail, hang or
# die.  The chain with the real tools is in das-demo.t.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir bin stage
cp "$SRC/bin/das-main" "$SRC/bin/das.sh" bin/
cat >bin/das-stand-in <<'EOS'
#!/bin/sh
name=${0##*/das-}
if [ "$name" = config ]; then
	case "$*" in
	'get spoolDir') echo "$STAGE/spool"; exit ;;
	'get logDir') echo "$STAGE/log"; exit ;;
	'get lookupDir') echo "$STAGE/lookup"; exit ;;
	'get archiveDir') echo "$STAGE/archive"; exit ;;
	'get castListen') cat "$STAGE/listen"; exit ;;
	'get castTicks') cat "$STAGE/stage/ticks"; exit ;;
	-V) echo 'das-config 7.5'; exit ;;
	esac
fi
case "$name $*" in
'load '*ltp) name=load-ltp ;;
'greeks -l '*) name=live ;;
esac
echo "$name${*:+ $*}" >>"$STAGE/calls"
if [ "$name" = mail ]; then
	case $1 in
	-q) cat >"$STAGE/mails/$(ls "$STAGE/mails" | wc -l) $3" ;;
	esac
fi
[ ! -f "$STAGE/stage/$name" ] || . "$STAGE/stage/$name"
EOS
chmod +x bin/das-stand-in
for t in config holiday token n500 lookup tick load greeks cast backup report mail; do
	ln -s das-stand-in bin/das-$t
done
export STAGE="$T" DAS_CLOCK=2026-11-18T08:50:00+05:30@60
day=2026-11-18 log=log/2026-11-18_DAS_Logs

# fresh [TOOL COMMANDS]...: a clean stage; holiday answers no, load waits for
# tick's CLOSED
fresh() {
	rm -rf spool log stage mails calls
	mkdir stage mails
	echo 'exit 1' >stage/holiday
	printf '127.0.0.1:8765\n[::1]:8765\n' >listen
	cat >stage/cast <<-'EOD'
	trap 'echo "cast: asked to stop" >>"$STAGE/calls"; exit 0' TERM
	while [ -d "$STAGE/stage" ]; do sleep 0.05; done
	EOD
	cat >stage/tick <<-'EOD'
	mkdir -p "$STAGE/spool/2026-11-18/ticks"
	printf 'key\tvalue\nstate\tconnected\nticks\t5\n' >"$STAGE/spool/2026-11-18/status.tsv"
	i=0	# das-main looks, however busy the machine
	until grep -qs 'Ticker started' "$STAGE/log/2026-11-18_DAS_Logs/main.log" || [ "$i" -ge 50 ]; do
		sleep 0.1; i=$((i + 1))
	done
	sleep 0.2
	: >"$STAGE/spool/2026-11-18/ticks/CLOSED"
	EOD
	cat >stage/load <<-'EOD'
	trap 'echo "load: asked to stop" >>"$STAGE/calls"; exit 0' TERM
	until [ -e "$STAGE/spool/2026-11-18/ticks/CLOSED" ]; do sleep 0.05; done
	EOD
	cat >stage/greeks <<-'EOD'
	until [ -e "$STAGE/spool/2026-11-18/ticks/CLOSED" ]; do sleep 0.05; done
	mkdir -p "$STAGE/spool/2026-11-18/ltp"
	: >"$STAGE/spool/2026-11-18/ltp/CLOSED"
	EOD
	echo true >stage/ticks
	cat >stage/live <<-'EOD'
	until [ -e "$STAGE/spool/2026-11-18/ticks/CLOSED" ]; do sleep 0.05; done
	mkdir -p "$STAGE/spool/2026-11-18/live"
	: >"$STAGE/spool/2026-11-18/live/CLOSED"
	EOD
	cat >stage/load-ltp <<-'EOD'
	until [ -e "$STAGE/spool/2026-11-18/ltp/CLOSED" ]; do sleep 0.05; done
	EOD
	while [ $# -gt 0 ]; do
		echo "$2" >"stage/$1"
		shift 2
	done
}
# the chain, without what goes beside it
calls() { cut -d' ' -f1 calls | grep -vxE 'mail|greeks|load-ltp|live|cast|cast:' | paste -sd' ' | sed 's,load tick,tick load,'; }
subjects() { (cd mails && printf '%s\n' * | grep -v '^\*$' | cut -d' ' -f2-); }
main() { bin/das-main "$@"; }

# the plain day
fresh
is 'a plain day' 0 '' main
is 'the chain' 0 'holiday config token n500 lookup tick load backup report' calls
is 'two mails' 0 "DAS $day - Ticker started
DAS $day - Done for the day. All activities completed successfully" subjects
ok 'the first one has the status' grep -q '^ticks	5' "mails/0 DAS $day - Ticker started"
is 'what waits in the outbox is sent at the end' 0 'mail -f -q
cast: asked to stop' tail -n 2 calls
is 'arguments' 0 'config check
load -f -d 2026-11-18
backup -d 2026-11-18' grep -E '^(config|load|backup) ' calls
is 'no errors' 1 '' test -e "$log/DAS_Errors_$day.log"
is 'das-main says when' 0 '2026-11-18 08:5x:xx das-main: das-holiday' sh -c \
    "head -n 1 $log/main.log | sed 's/:5[0-9]:[0-9][0-9]/:5x:xx/'"

fresh tick "$(cat stage/tick)
printf 'seconds\tcause\tinstruments\n1.25\treset\t9\n2\tlate\t9\n' >spool/2026-11-18/gaps.tsv
printf '9\tslept\t0\n\\\\N\treset\t9\n' >>spool/2026-11-18/gaps.tsv
printf 'key\tvalue\ngaps\t1\n' >spool/2026-11-18/status.tsv" backup 'printf "day\trows_filed\n2026-11-18\t12345\n"; echo words >&2
echo IDEA >"$STAGE/log/2026-11-18_DAS_Logs/blankNifty500Instruments_2026-11-18.csv"'
is 'the same with a report' 0 '' main
is "das-backup's figures are in the mail" 0 'rows_filed           12345' \
    grep -h rows_filed mails/1*
is "... and the gaps of the whole day, not of the last das-tick" 0 \
    'gaps                 3
gap_seconds          3.2
gap_causes           reset 2, late 1' grep -h gap mails/1*
ok 'the list of blanks is attached' grep -qE 'mail .* -a .*/blankNifty500Instruments_2026-11-18.csv$' calls
is 'words go to a log per step' 0 'words' sed -n '/words/p' $log/backup.log
is 'each tool says when' 0 1 sh -c \
    'echo "echo \$DAS_LOG_TIME" >stage/token; rm -rf spool; bin/das-main; cat '$log'/token.out'

# the page of the day is its last mail
fresh report 'echo "the page of $2" >"$STAGE/log/2026-11-18_DAS_Logs/report_$2.txt"
for f in report_$2.html ticks_$2.png iv_$2.png; do
	echo x >"$STAGE/log/2026-11-18_DAS_Logs/$f"
done'
is 'with a page of the day' 0 '' main
ok 'it is the mail' grep -qx "the page of $day" mails/1*
ok 'with page and plots' grep -qE "mail .* -a [^ ]*/report_$day.html -a [^ ]*/iv_$day.png -a [^ ]*/ticks_$day.png" calls
fresh report 'exit 74'
fails 'no page: goes on' 0 'no report of the day (das-report: 74)' main
ok 'the mail says the figures' grep -q 'The day is filed and verified' mails/1*

# holiday is a question
fresh holiday 'exit 0'
is 'a holiday is a normal end' 0 '' main
is 'and nothing else ran' 0 'holiday' calls
is 'no mail either' 0 '' subjects
for status in 69 139; do
	fresh holiday "exit $status"
	fails "holidays unknown ($status): goes on" 0 "holidays are unknown (das-holiday: $status)" main
	is "to the end ($status)" 0 'holiday config token n500 lookup tick load backup report' calls
done

# a step that fails ends the chain, with its status and a mail
for step in config=78 token=77 token=75 n500=75 lookup=65 backup=1; do
	status=${step#*=} step=${step%=*}
	fresh "$step" "echo 'das-$step: what went wrong' >&2; exit $status"
	fails "$step fails with $status" "$status" "$step failed with status $status" main
	is "nothing behind $step" 0 "$step" sh -c 'grep -vE "mail|^cast" calls | tail -n 1 | cut -d" " -f1'
	is "$step: its mail" 0 "DAS $day - FAILED: $step ($status)" sh -c 'ls mails | cut -d" " -f2- | grep FAILED'
	ok "$step: with its last words" grep -q "das-$step: what went wrong" mails/*FAILED*
	ok "$step: in the day's errors" grep -q 'what went wrong' "$log/DAS_Errors_$day.log"
done

fresh token 'exit 75'
fails 'a step that fails without a word' 75 'token failed with status 75' main
ok 'how full the disk is goes into the mail' grep -q '^Filesystem.*Avail' mails/*FAILED*

# no mail stops the chain
fresh mail 'exit 77'
fails 'mails that cannot be sent' 0 'a mail was not sent (das-mail: 77)' main
is 'the chain without mails' 0 'holiday config token n500 lookup tick load backup report' calls
fresh mail 'sleep 0.7'
is 'a slow mail server' 0 '' main
ok 'does not hold up the capture' sh -c 'grep -A1 "^mail .*started" calls |
    grep -q "^backup"'

# logs that cannot be written do not stop it either
fresh
for f in main mail tick lookup; do
	mkdir -p $log/$f.log/x
done
is 'logs that cannot be written' 0 '' main
is 'stop nothing' 0 'holiday config token n500 lookup tick load backup report' calls
fresh lookup 'exit 75'
mkdir -p $log/DAS_Errors_$day.log/x $log/main.log/x
fails 'and a failure is still told' 75 'lookup failed with status 75' main

# das-load dies while the market is open
once() { echo "n=\$(cat $1.n 2>/dev/null || echo 0); echo \$((n + 1)) >$1.n; [ \$n -ge $2 ] || exit $3; $4"; }
fresh
fresh load "cd \$STAGE; $(once load 2 74 "$(cat stage/load)")"
rm -f load.n
fails 'das-load dies twice' 0 'das-load died with status 74' main
is 'and is started again' 0 3 grep -c '^load ' calls
is 'mailed once' 0 1 sh -c 'ls mails | grep -c "das-load died"'
is 'the day ends well' 0 report sh -c 'grep -vE "mail|^cast" calls | tail -n 1 | cut -d" " -f1'
ok 'the last mail counts the deaths' grep -q 'started again 2 times' mails/*Done*

# das-load may see the end before das-tick has ended
fresh
echo 'sleep 1' >>stage/tick
is 'das-load ends before das-tick' 0 '' main
is 'and is not started again' 0 1 grep -c '^load ' calls
is 'nor is das-tick' 0 1 grep -c '^tick' calls

# das-tick dies
fresh
fresh tick "cd \$STAGE; $(once tick 1 139 "$(cat stage/tick)")"
rm -f tick.n
fails 'das-tick dies' 0 'das-tick died with status 139 (killed by signal 11)' main
is 'and is started again: das-tick' 0 2 grep -c ^tick calls
for status in 77 78 64 69 127; do
	fresh tick "exit $status" load "$(cat stage/load)"
	fails "das-tick: $status is final" $status "tick failed with status $status" main
	is "no second try ($status)" 0 1 grep -c ^tick calls
	is "no backup of half a day ($status)" 1 '' grep backup calls
done
fresh
fresh load "$(cat stage/load)" tick 'mkdir -p "$STAGE/spool/2026-11-18/ticks"
: >"$STAGE/spool/2026-11-18/ticks/CLOSED"; exit 73'
is 'das-tick fails behind the close' 0 '' main

# das-greeks and das-load of its rows go beside
fresh
is 'a day with greeks' 0 '' main
is 'what goes beside it' 0 'greeks -f -d 2026-11-18
live -l -f -d 2026-11-18
load-ltp -f -d 2026-11-18 ltp' sh -c "grep -E '^(greeks|load-ltp|live)' calls | sort"
fresh
echo false >stage/ticks
is 'a day without every tick' 0 '' main
is 'which are not made' 1 0 grep -c '^live' calls
fresh live 'exit 65'
fails 'das-greeks -l: 65 is final' 0 'das-greeks -l ended with status 65' main
is 'no second try: das-greeks -l' 0 1 grep -c '^live' calls
ok 'its mail says what does the rest' grep -q 'das-greeks -l -d 2026-11-18 does' mails/*das-greeks*
is 'the day is filed all the same: das-greeks -l' 0 1 grep -c '^backup' calls
fresh
fresh greeks "cd \$STAGE; $(once greeks 2 74 "$(cat stage/greeks)")"
rm -f greeks.n
fails 'das-greeks dies twice' 0 'das-greeks died with status 74' main
is 'and is started again: das-greeks' 0 3 grep -c '^greeks' calls
is 'mailed once: das-greeks' 0 1 sh -c 'ls mails | grep -c "das-greeks died"'
for status in 65 78 127; do
	fresh greeks "exit $status" load-ltp 'sleep 60'
	fails "das-greeks: $status is final" 0 \
	    "das-greeks ended with status $status" main
	is "no second try: das-greeks ($status)" 0 1 grep -c '^greeks' calls
	is "mailed: das-greeks ($status)" 0 1 sh -c \
	    'ls mails | grep -c "das-greeks failed"'
	is "the day is filed all the same ($status)" 0 1 grep -c '^backup' calls
done
fresh
fresh greeks "$(cat stage/greeks); exit 65"
fails 'das-greeks left out rows' 0 'das-greeks left out rows of ticks' main
is 'no second try where rows are left out' 0 1 grep -c '^greeks' calls
is 'mailed: rows left out' 0 1 sh -c 'ls mails | grep -c "das-greeks left out"'
is 'and its rows are loaded' 0 0 sh -c 'ls mails | grep -c "ltp failed" || :'
fresh load-ltp 'exit 75'
fails 'a store that does not take ltp' 0 'das-load ltp ended with status 75' main
ok 'has had several tries: ltp' test "$(grep -c ^load-ltp calls)" -ge 4
is 'the day is filed without' 0 1 grep -c '^backup' calls
fresh greeks "$(cat stage/greeks)" tick "$(cat stage/tick)"
is 'a plain day again' 0 '' main
rm -f calls
is 'das-main again, all is done' 0 '' main
is 'das-greeks looks once' 0 1 grep -c '^greeks' calls

# das-cast goes beside, and ends with the day
fresh backup 'ps -o args= -p "$(cat "$STAGE/cast.pid")" | grep -c das-cast'
sed -i '1i echo $$ >"$STAGE/cast.pid"' stage/cast
is 'a day with das-cast' 0 '' main
is 'started once' 0 1 grep -cx cast calls
is 'there until all is done' 0 1 cat "$log/backup.out"
fresh
fresh cast "cd \$STAGE; $(once cast 1 74 "$(cat stage/cast)")"
rm -f cast.n
sed -i 's/^sleep.*/sleep 3/' stage/tick
fails 'das-cast dies' 0 'das-cast died with status 74' main
is 'and is started again: das-cast' 0 2 grep -cx cast calls
is 'mailed once: das-cast' 0 1 sh -c 'ls mails | grep -c "das-cast died"'
fresh cast 'exit 78'
fails 'das-cast: 78 is final' 0 'das-cast ended with status 78' main
is 'no second try: das-cast' 0 1 grep -cx cast calls
ok 'its mail says how to go on' grep -q 'das-ctl start cast' mails/*das-cast*
is 'the day is filed without it' 0 1 grep -c '^backup' calls
fresh
: >listen
is 'nothing to listen on' 0 '' main
is 'no das-cast' 1 '' grep -x cast calls
fresh
mkdir spool
sh -c 'echo $$ >spool/.das-cast-8765.lock
    exec flock spool/.das-cast-8765.lock sleep 60' & other=$!; mine $other
wait_for 5 sh -c '! flock -n spool/.das-cast-8765.lock true'
is 'a das-cast is there already' 0 '' main
is 'it is no trouble' 1 '' grep -E 'died|failed' "$log/main.log"
is 'and no second one is started' 1 '' grep -x cast calls
ok 'nor is it ended' kill -0 $other
kill $other

# what das-ctl has stopped stays so while the market trades
fresh
sed -i 's/^sleep.*/sleep 4/' stage/tick
mkdir -p "spool/$day"
for helper in load greeks cast; do : >"spool/$day/.stopped-$helper"; done
(wait_for 20 grep -q load-ltp calls && sleep 1 && cp calls early) & mine $!
is 'helpers that are stopped' 0 '' main
is 'do not run' 1 '' grep -xE 'load .*|greeks .*|cast' early
is 'but the day is loaded and has greeks when it has closed' 0 'greeks
load' sh -c "grep -oxE 'load -.*|greeks .*|cast' calls | cut -d' ' -f1 | sort"
# behind the close
fresh
fresh tick "$(cat stage/tick)" load "cd \$STAGE; $(once load 9 75 '')"
rm -f load.n
fails 'a store that stays away' 75 'load failed with status 75' main
ok 'has had several tries' test "$(grep -c '^load ' calls)" -ge 4
is 'is no reason to file half a day' 1 '' grep backup calls
echo 'exit 0' >stage/load; rm -f calls
is 'das-main again goes on there' 0 '' main
is 'without the steps before the open' 0 'holiday config load backup report' calls

# days of earlier runs
fresh
for d in 2026-11-13 2026-11-16 2026-11-17 2026-11-19; do
	mkdir -p spool/$d/ticks
	: >spool/$d/ticks/000001.tsv
	: >spool/$d/ticks/.lock
done
mkdir spool/2026-11-12 && : >spool/2026-11-17/ticks/CLOSED
flock spool/2026-11-13/ticks/.lock sleep 3 & held=$!
is 'unfinished days' 0 '' main
kill $held 2>/dev/null
is 'are filed behind the day, and leave the spool' 0 'backup -d 2026-11-18
backup -p -d 2026-11-16
backup -p -d 2026-11-17' grep backup calls
ok 'one that was never closed is closed' test -e spool/2026-11-16/ticks/CLOSED
ok 'one that is being written is not' test ! -e spool/2026-11-13/ticks/CLOSED
fresh backup '[ "$1" != -p ] || exit 1'
mkdir -p spool/2026-11-17/ticks && : >spool/2026-11-17/ticks/000001.tsv
: >spool/2026-11-17/ticks/.lock
fails 'one that cannot be filed is told' 1 'backup failed with status 1' main

# one at a time
slow='trap "echo NAME: asked to stop >>\$STAGE/calls; exit 0" TERM; i=0
while [ \$i -lt 300 ]; do i=\$((i + 1)); sleep 0.1; done'
slow() { echo "$slow" | sed "s/NAME/$1/; s/\\\\//g"; }
fresh tick "$(slow tick)"
bin/das-main 2>/dev/null & first=$!; mine $first
wait_for 10 grep -q tick calls
fails 'a second das-main' 75 'another das-main is at work' main
kill -TERM $first
wait $first || true
fresh
is 'and one behind the first' 0 '' main

# what a killed das-main left at work is not started a second time
fresh
mkdir -p "spool/$day/ticks" "spool/$day/ltp"
for lock in "spool/$day/ticks/.lock" "spool/$day/.load" \
    "spool/$day/ltp/.lock" "spool/$day/.load-ltp"; do
	flock "$lock" sh -c "echo \$\$ >$lock; exec sleep 2" & mine $!
done
(sleep 1; : >"spool/$day/ticks/CLOSED") &
wait_for 5 test -s "spool/$day/ticks/.lock" -a -s "spool/$day/.load" \
    -a -s "spool/$day/ltp/.lock" -a -s "spool/$day/.load-ltp"
is 'an earlier das-tick and das-load go on' 0 '' main
is 'and only then a das-load of ours' 0 'holiday config token n500 lookup load backup report' calls
is 'one das-greeks and one das-load of ltp of ours too' 0 'greeks load-ltp' \
    sh -c 'cut -d" " -f1 calls | grep -xE "greeks|load-ltp" | sort | paste -sd" "'
is 'nobody has died' 1 '' grep died "$log/main.log"

# asked to stop, at every step: children end in order, nothing goes on
stopped() {	# STEP SIGNAL: das-main's status when it gets it in that step
	(trap - INT; exec bin/das-main) 2>said & pid=$!
	wait_for 10 grep -q "^$1" calls || echo 'never started'
	sleep 0.2
	kill -"$2" $pid
	rc=0; wait $pid || rc=$?
	echo $rc
}
for step in holiday config token n500 lookup backup; do
	fresh "$step" "$(slow $step)"
	is "SIGTERM in $step" 0 75 stopped $step TERM
	is "$step was asked to stop" 0 "$step: asked to stop" sh -c \
	    "grep -v ^cast calls | tail -n 1"
	ok "$step: das-main says so" grep -q 'stopped by SIGTERM' said
done
for sig in TERM HUP; do
	fresh
	fresh load "$(cat stage/load)" tick "$(slow tick)"
	is "SIG$sig in the capture" 0 75 stopped load $sig
	is "das-tick ends first, then das-load, das-cast ($sig)" 0 'tick: asked to stop
load: asked to stop
cast: asked to stop' tail -n 3 calls
	is "no process is left ($sig)" 1 '' sh -c \
	    "grep -al '^STAGE=$T' /proc/[0-9]*/environ 2>/dev/null | grep -q bin"
done

# a signal that comes between two steps does not wait for the next one
fresh holiday 'sleep 3; echo finished >>$STAGE/calls'
printf '#!/bin/sh\nsleep 0.2\nexec /bin/date "$@"\n' >bin/date
chmod +x bin/date
between() {
	rm -rf spool log
	bin/das-main 2>said & pid=$!
	wait_for 10 test "$1" "$2"
	kill -TERM $pid
	rc=0; wait $pid || rc=$?
	echo $rc
}
is 'SIGTERM before the first step' 0 75 between -f spool/.das-main.lock
is 'SIGTERM when it begins' 0 75 between -d "$log"
is 'ends that step' 1 '' sh -c 'cat calls 2>/dev/null | grep finished'
rm bin/date

# what killed programs left
fresh
old='spool/.access_token.4194303 spool/2026-11-16/ticks/.CLOSED.77
lookup/.instruments.tsv.3 archive/2026-11-16/.SHA256SUMS.12'
keep='lookup/.hidden lookup/.vimrc.old lookup/.x.1y lookup/instruments.tsv.3
spool/2026-11-16/ticks/000001.tsv spool/..4'
mkdir -p spool/2026-11-16/ticks lookup archive/2026-11-16
# shellcheck disable=SC2086
touch -d '40 hours ago' $old $keep
touch -d '35 hours ago' lookup/.instruments.tsv.4
is 'leftovers on the disk' 0 '' main
# shellcheck disable=SC2086 # lists
is 'old temporaries are swept' 2 '' ls $old
# shellcheck disable=SC2086
ok 'and nothing else' ls $keep lookup/.instruments.tsv.4
is 'das-main says which' 0 4 grep -c 'removed .*, left by' $log/main.log

# what it cannot work with
fresh
echo 'echo x >&2; exit 78' >stage/get
sed 's|.get spoolDir.) .*|"get spoolDir") echo "das-config: no configuration" >\&2; exit 78 ;;|' \
    bin/das-stand-in >bin/new && chmod +x bin/new && rm bin/das-config && mv bin/new bin/das-config
fails 'no configuration' 78 'das-config: no configuration' main
ln -sf das-stand-in bin/das-config
: >spool
fails 'a spool that cannot be made' 73 'spool: cannot be made' main
rm spool
fails 'an argument too many' 64 usage main now
fails 'an unknown option' 64 usage main -x
is 'version' 0 'das-main 7.5' main --version
is 'help' 0 'usage: das-main [-hnVv] [-c file]' main -h
is '-c reaches the tools' 0 "$T/my.json" sh -c \
    'echo "echo \$DAS_CONFIG >cf" >stage/holiday; bin/das-main -c "$PWD/my.json"; cat cf'

# the crontab's line starts at 08:50 in India and at no other minute, whatever
# the machine's zone; % is a newline in a crontab, \% a %
line=$(grep '^5,20,35,50 ' "$SRC/cron/das.crontab" | cut -d' ' -f6- | sed 's/\\%/%/g')
cat >bin/date <<'EOS'
#!/bin/sh
exec /bin/date -d "$AT" "$@"
EOS
chmod +x bin/date
printf '#!/bin/sh\necho "started at $AT in $TZ"\n' >bin/das-main
for zone in UTC0 EST5EDT,M3.2.0,M11.1.0 NPT-5:45; do
	for minute in 5 20 35 50; do
		for hour in 0 1 2 3 4 5 8 9 12 20 21 22 23; do
			AT=$(/bin/date -d "TZ=\"$zone\" 2026-07-07 $hour:$minute" +@%s)
			export AT TZ=$zone
			PATH=$T/bin:$PATH sh -c "$line" || true
		done
	done
done >starts
unset TZ AT
is 'cron: once a day in every zone' 0 'started at @1783394400 in UTC0
started at @1783480800 in EST5EDT,M3.2.0,M11.1.0
started at @1783394400 in NPT-5:45' cat starts
is 'that is 08:50 in India' 0 '08:50' env TZ=IST-5:30 /bin/date -d @1783394400 +%H:%M
done_testing
