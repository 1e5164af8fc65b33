#!/bin/sh
# das-tick-disk.t - das-tick when the disk is nearly full, full, or broken
. "$(dirname "$0")/tap.sh"

day=2026-11-25
ticks=spool/$day/ticks
preload=$SRC/build/tests/baddisk.so
[ -e "$preload" ] || preload=$SRC/build-san/tests/baddisk.so
export ASAN_OPTIONS=verify_asan_link_order=0

clock() { DAS_CLOCK="${day}T$1+05:30@$2/$(date +%s.%N)"; export DAS_CLOCK; }
config() {	# HOLD RESERVE FLOOR, in MB
	cat >c.json <<-END
	{"apiKey": "key", "kiteTickerUrl": "ws://127.0.0.1:$port", "mail": "spool",
	 "holdMegabytes": $1, "diskReserveMegabytes": $2, "diskFloorMegabytes": $3,
	 "dataDir": "$T"}
	END
	chmod 600 c.json
}
status() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' spool/$day/status.tsv; }
is_state() { [ "$(status state)" = "$1" ]; }
has_ticks() { [ "$(status pid)" = $tick ] && [ "$(status ticks)" -ge "$1" ]; }
used() { find "$T/spool" -type f -exec stat -c %s {} + |
    awk '{ n += $1 } END { print n }'; }
room() { echo "room $(($(used) + $1))" >rule.new; mv rule.new rule; }
mails() { grep -h '^Subject:' spool/outbox/*.eml | sed 's/.* - //' | sort; }
last() { tail -qn 1 $ticks/*.tsv | grep -v '^seq' | tail -n 1 | cut -f 1; }
whole() {	# every row there, in order, up to what the status says
	cat $ticks/*.tsv | grep -v '^seq' |
	    awk -F '\t' '$1 != NR { print NR, $1; exit } END { print NR }'
}
das_tick() { LD_PRELOAD=$preload BADDISK=$T/spool BADDISK_RULE=$T/rule das-tick "$@"; }
begin() {	# LOG: in the background
	LD_PRELOAD=$preload BADDISK=$T/spool BADDISK_RULE=$T/rule \
	    das-tick -c c.json 2>"$1" & tick=$!
	mine $tick
}
end() { kill "-$1" "$2"; wait "$2" && rc=0 || rc=$?; }

mkdir lookup spool
{
	printf 'instrument_token\texchange\tsegment\ttradingsymbol\tsymbol\tname\t'
	printf 'kind\texpiry\tstrike\tlot_size\ttick_size\tdivisor\tTableName\t'
	printf 'dbName\n'
	printf '408065\tNSE\tNSE\tINFY\tINFY\tINFOSYS\tEQ\t\\N\t\\N\t1\t0.05\t'
	printf '100\tINFY\tdb\n'
} >lookup/instruments.tsv
printf 'timestamp\tuser_id\taccess_token\n2026-11-25 08:41:00\tAB1\ttoken\n' \
    >spool/access_token
# 100 rows, some 28 KB, every 50 ms, on each connection
seq 1000 | sed '1i wait 2
s/.*/ticks 100 408065\nsleep 50/' >script
badticker port script log & mine $!
wait_for 5 test -f port
port=$(cut -f 2 port)

# ---- before the open ----
mb=1048576
mkdir -p spool/2026-11-24/ticks archive/2026-11-23/ticks
truncate -s $((40 * mb)) spool/2026-11-24/ticks/000001.tsv
truncate -s $((10 * mb)) archive/2026-11-23/ticks/000001.tsv.zst
config 1 1 100
clock 08:45:00 1
room $((90 * mb))
fails 'below the floor before the open: refused' 75 \
    '90 MB are free, diskFloorMegabytes is 100: make room' das_tick -c c.json
is '... the reserve is not made then' 0 0 stat -c %s spool/.reserve
ok '... nor the day begun' test ! -e spool/$day
room $((190 * mb))
begin log1
ok 'enough: goes on' wait_for 5 has_ticks 100
end TERM $tick
is '... with the reserve' 0 $mb stat -c %s spool/.reserve
is '... warns of few days' 0 1 \
    grep -c 'room for 3.1 days like the last ones (0.1 GB each)' log1
is '... status.tsv has it' 0 '189 3.1 1' echo "$(status disk_free_mb)" \
    "$(status disk_days_left)" "$(status disk_reserve)"
room $((2000 * mb))
begin log1
ok 'plenty' wait_for 5 has_ticks 100
end TERM $tick
is '... says nothing' 1 '' grep 'days like' log1
rm -r spool/$day
clock 09:20:00 1
room $((90 * mb))
begin log1
ok 'below the floor while the market trades: goes on' wait_for 5 has_ticks 100
wait_for 5 test -e spool/outbox
end TERM $tick
is '... and says so' 0 1 grep -c '; going on' log1
is '... by mail too' 0 'the disk is nearly full' mails
rm -r spool/outbox
clock 09:11:00 1
room $((90 * mb))
begin log1
ok 'so it does shortly before the open' wait_for 5 has_ticks 100
end TERM $tick
rm -rf spool/$day spool/2026-11-24 spool/outbox archive

# ---- full ----
clock 09:20:00 1
config 1 1 0
room $((50 * mb))
begin log2
wait_for 5 has_ticks 500
room 60000
ok 'a full disk: on with the reserve' wait_for 5 grep -q 'reserve is given up' log2
ok '... the rows go on' sh -c "[ -s spool/$day/ticks/000001.tsv ] &&
    [ \$(wc -c <spool/.reserve) = 0 ] && ! grep -q 'are held' log2"
ok '... for as long as that lasts; then they are held' \
    wait_for 10 grep -q 'rows are held and written later, at most 1 MB' log2
ok '... which status.tsv says' wait_for 5 is_state 'disk full'
ok '... until that is too much' wait_for 10 grep -q 'disconnected until' log2
ok '... three mails' wait_for 5 sh -c '[ $(ls spool/outbox/*.eml | wc -l) = 3 ]'
is '... that say what it is' 0 'the disk is full, on with the reserve
the disk takes no rows
the disk takes no rows, DISCONNECTED' mails
is '... and what there is to do' 0 3 sh -c \
    'cat spool/outbox/*.eml | grep -c "Make room there"'
room 0
sleep 1.2
is '... nothing is lost so far' 0 "$(last)" whole
room $((50 * mb))
ok 'room again: all that was held is written' wait_for 10 grep -q 'none is lost' log2
ok '... it is connected again' wait_for 10 is_state connected
ok '... the reserve is made again' wait_for 15 test -s spool/.reserve
# the same once more: no second mail within the hour
room 0
ok 'full again' wait_for 10 sh -c '[ $(grep -c "disconnected until" log2) = 2 ]'
room $((50 * mb))
ok '... and over' wait_for 10 sh -c '[ $(grep -c "none is lost" log2) = 2 ]'
wait_for 5 is_state connected
end TERM $tick
is '... ended' 0 75 echo "$rc"
is '... no row was lost or came twice' 0 "$(status seq)" whole
is '... the ledger has both times' 0 2 grep -c disk spool/$day/gaps.tsv
is '... no more mails' 0 3 sh -c 'ls spool/outbox/*.eml | wc -l'

# Disconnected inside of the third of messages with 2,500 ticks each, half a
# megabyte of rows.
rm -r spool/$day spool/outbox
sed 1q script >half.script
{
	printf 'ticks 1 408065\nsleep 2500\nticks 20'
	yes ' 408065' | sed 2500q | tr -d '\n'
	printf '\nnext\nhold\n'
} >>half.script
badticker port.half half.script log.half & mine $!
wait_for 5 test -f port.half
clock 09:20:00 1
room $((50 * mb))
config 1 0 0
sed "s/$port/$(cut -f 2 port.half)/" c.json >half.json
chmod 600 half.json
LD_PRELOAD=$preload BADDISK=$T/spool BADDISK_RULE=$T/rule \
    das-tick -c half.json 2>half.words & tick=$!
mine $tick
wait_for 5 has_ticks 1
echo 'errno 28' >rule
ok 'full inside of a message' wait_for 9 grep -q 'disconnected until' half.words
room $((50 * mb))
ok '... and over' wait_for 9 grep -q 'none is lost' half.words
end TERM $tick
is '... and ends no gap' 0 1 \
    sh -c "cut -f 2,5 spool/$day/gaps.tsv | grep -c '^.N	disk'"

# ---- broken ----
rm -rf spool/$day spool/outbox
clock 09:20:00 1
config 1 1 0
# EIO, EROFS, EDQUOT; and rows that the system took and the disk did not
for e in 'errno 5' 'errno 30' 'errno 122' 'sync 5'; do
	rm -f rule
	begin log3
	wait_for 5 has_ticks 300
	echo "$e" >rule
	ok "$e: rows are held" wait_for 5 grep -q 'rows are held' log3
	wait_for 3 is_state 'disk full'
	rm rule
	ok '... and written' wait_for 9 grep -q 'none is lost' log3
	end TERM $tick
	is '... all of them' 0 "$(status seq)" whole
done
ok '... one mail each' wait_for 5 sh -c '[ $(ls spool/outbox/*.eml | wc -l) = 5 ]'
ok '... with the reason' grep -q 'Input/output error' spool/outbox/*.eml

# ---- full at the start ----
rm -rf rule spool/$day
config 1 1 0
begin log4
wait_for 5 has_ticks 100
end TERM $tick
room 0
begin log4
ok 'full at the start: the reserve is given up and it goes on' \
    wait_for 5 has_ticks 100
is '... and says so' 0 1 grep -c 'given up' log4
end TERM $tick
room 0
: >spool/.reserve
room 0
fails 'full, and no reserve: ends' 75 'No space left' das_tick -c c.json
done_testing
