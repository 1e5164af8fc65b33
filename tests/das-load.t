#!/bin/sh
# das-load.t - the spool goes into the store once, whatever happens meanwhile
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
fresh() { rm -rf spool das.db* && instruments 50; }
# loaded ROWS KEPT_OUT PAIRS: what the store says
loaded() {
	is "$1" 0 "$2|$3|$4" sql "SELECT rows, kept_out, (SELECT count(*)
	    FROM dailytable) FROM das_position WHERE day = '$DAY'"
}

fails 'no such day' 66 "$TICKS" das-load
fails 'no such date' 64 'not a day' das-load -d 2026-02-30
fails 'another topic' 64 'only topics ticks and ltp' das-load depth
fails 'a bad interval' 64 'not 0 to 3600' das-load -i x
segment 000001
fails 'no instruments' 66 'das-lookup makes it' das-load

# ---- what is in the row is in the table ----
fresh; segment 000001
{
	rows 1 200 50
	rows 201 201 50 | sed 's/	-	258	/	c	258	/'
	printf '202\tx\t1\t-\t256265\tNIFTY 50\t%s 09:15:03\t26000.05' "$DAY"
	printf '\t\\N%.0s' 1 2 3 4 5
	printf '\t1\t2\t3\t4\t-0.0123'
	printf '\t\\N%.0s' 1 2 3 4; printf '\t\\N%.0s' $(seq 30); echo
} >>"$TICKS/000001.tsv"
fails 'loads what is there' 0 "$DAY: 202 rows, 0 kept out, 1 batches" das-load
loaded 'rows of das_position and dailytable' 202 0 202
is 'a row, column by column' 0 \
    "258|OPT1CE|OPT1CE|optdb|$DAY 09:15:01|102.55|75|100.25|2147483699|10|20|99.5|102.0|98.05|100.0|0.5|$DAY 09:15:01|7|8|6|51|100.0|0|52|99.95|1|55|99.8|4|56|99.75|5|60|99.55|9" \
    sql "SELECT instrument_token, tradingsymbol, tablename, dbname, timestamp,
    price, qty, avgPrice, volume, bQty, sQty, open, high, low, close, changeper,
    lastTradeTime, oi, oiHigh, oiLow, bq0, bp0, bo0, bq1, bp1, bo1, bq4, bp4,
    bo4, sq0, sp0, so0, sq4, sp4, so4 FROM dailytable WHERE volume = 2147483699"
is 'an index has nulls' 0 '26000.05|-0.0123|1||1|1' \
    sql "SELECT price, changeper, qty IS NULL, qty, so4 IS NULL,
    lastTradeTime IS NULL FROM dailytable WHERE tablename = 'NIFTY'"
is 'numbers are numbers' 0 'real|integer|integer|text' \
    sql "SELECT DISTINCT typeof(close), typeof(volume), typeof(sq4),
    typeof(timestamp) FROM dailytable WHERE instrument_token = 514"
fails 'nothing is loaded twice' 0 '0 rows, 0 kept out' das-load
loaded 'and counted twice' 202 0 202

# ---- several rows a second; what is kept out ----
fresh; segment 000001
{
	rows 1 1 50; rows 2 2 50
	rows 1 1 50 | sed "s/	100.05	/	555.55	/; s/^1/3/"
	rows 51 51 50
	rows 1 1 50 | sed "s/	100.05	/	666.65	/; s/^1	/4	/; s/	-	/	o	/"
	rows 60 60 50 | sed "s/$DAY 09:15:01/\\\\N/g"
	rows 61 61 50 | sed "s/	$DAY 09:15:01/	2026-11-20 15:29:59/g"
	rows 62 62 50 | sed 's/	3074	/	999	/'
	rows 63 63 50 | sed 's/	3330	/	888	/'
} >>"$TICKS/000001.tsv"
fails 'an unknown token is told' 0 'token 999 is not in instruments.tsv' das-load
cp err told
is 'once' 0 1 grep -c 'not in instruments' told
loaded 'no time, another day, no instrument: kept out' 9 4 3
is 'the latest row of a second wins' 0 666.65 \
    sql "SELECT price FROM dailytable WHERE instrument_token = 258
    AND timestamp = '$DAY 09:15:00'"

# ---- bad rows ----
bad() {	# NAME WORDS SED-SCRIPT
	fresh; segment 000001
	rows 1 100 50 >>"$TICKS/000001.tsv"
	at=$(wc -c <"$TICKS/000001.tsv")
	rows 101 101 50 | sed "$3" >>"$TICKS/000001.tsv"
	rows 102 110 50 >>"$TICKS/000001.tsv"
	fails "$1" 65 "$TICKS/000001.tsv:$at: $2" das-load
}
bad 'too few fields' 'the number of fields' 's/	[^	]*$//'
loaded 'the rows before are loaded' 100 0 100
bad 'too many fields' 'the number of fields' 's/$/	1/'
bad 'no token' 'instrument_token is no number' 's/	258	/	25x	/'
bad 'no time' 'timestamp is no time' "s/	$DAY 09:15:02	/	$DAY 09:60:02	/"
bad 'another symbol for the token' 'tradingsymbol is not what' 's/OPT1CE/OPT9CE/'
bad 'no price' "price is 'abc'" 's/	105.05	/	abc	/'
is 'a batch is stored whole or not at all' 0 0 \
    sql "SELECT count(*) FROM sqlite_master WHERE name = 'dailytable'"
bad 'a fraction of a share' "qty is '1.5'" 's/	75	/	1.5	/'
sed '1s/	so4//' "$TICKS/000001.tsv" >x && mv x "$TICKS/000001.tsv"
fails 'a column is missing' 65 "$TICKS/000001.tsv: no column so4" das-load

# ---- segments ----
fresh; segment 000001; rows 1 100 50 >>"$TICKS/000001.tsv"
rows 101 101 50 | tr -d '\n' | cut -c1-90 | tr -d '\n' >>"$TICKS/000001.tsv"
ok 'a torn tail' das-load
loaded 'is invisible' 100 0 100
segment 000002			# other columns, in another order
{
	printf 'new\t'; printf '%s\n' "$COLS"
	rows 101 200 50 | sed 's/^/n	/'
} >"$TICKS/000002.tsv"
: >"$TICKS/000003.tsv"		# a writer was killed before its header
segment 000004; : >"$TICKS/CLOSED"
rows 201 250 50 >>"$TICKS/000004.tsv"
ok 'columns are found by name' timeout 60 das-load -f
loaded 'over segments' 250 0 250
is 'the position' 0 "$DAY|ticks|4|$(wc -c <"$TICKS/000004.tsv")" \
    sql 'SELECT day, topic, segment, "offset" FROM das_position'
ok 'big counts' sql 'UPDATE das_position SET rows = 3000000000,
    kept_out = 2999999999'
rows 251 251 50 | sed 's/	258	/	259	/' >>"$TICKS/000004.tsv"
ok 'pass 2^31' das-load
loaded 'and stay right' 3000000001 3000000000 250

# ---- following, killed again and again ----
fresh; segment 000001
(
	i=1
	while [ $i -lt 6000 ]; do
		[ $((i % 1500)) != 1 ] || { seg=00000$((i / 1500 + 2))
		    segment $seg; }
		rows $i $((i + 49)) 50 >>"$TICKS/$seg.tsv"
		i=$((i + 50))
		sleep 0.01
	done
	: >"$TICKS/CLOSED"
) &
writer=$!; mine $writer
kills=0
while kill -0 $writer 2>/dev/null; do
	das-load -f -i 0 2>>log &
	pid=$!; mine $pid
	sleep 0.0$((kills % 7 + 3))
	kill -9 $pid && kills=$((kills + 1))
	wait $pid 2>/dev/null || :
done
ok 'what is left' timeout 60 das-load -f
loaded "killed $kills times" 6000 0 6000
is 'nothing but kills happened' 1 '' grep -v ' 0 kept out' log
ok 'more than a few times' test $kills -gt 5
is 'each row is the one of the spool' 0 "$(cat "$TICKS"/*.tsv | grep -v seq |
    cut -f 5,7,11 | sort | sha256sum)" sh -c \
    "sqlite3 -separator '$TAB' das.db 'SELECT instrument_token, timestamp,
    volume FROM dailytable' | sort | sha256sum"

# ---- SIGTERM, a rival, instruments that change ----
fresh; segment 000001; rows 1 100 50 >>"$TICKS/000001.tsv"
timeout 60 das-load -f 2>log & pid=$!; mine $pid
ok 'follows' wait_for 10 sh -c \
    '[ "$(sqlite3 das.db "SELECT rows FROM das_position")" = 100 ]'
fails 'one at a time' 75 'which is still running' das-load
instruments 60
sed -i '/OPT1CE/d' lookup/instruments.tsv	# das-tick has it still
rows 101 125 60 >>"$TICKS/000001.tsv"	# options 41 to 60, 51 on are new, 1 to 5
ok 'instruments that came later' wait_for 10 sh -c \
    '[ "$(sqlite3 das.db "SELECT rows FROM das_position")" = 125 ]'
kill -TERM $pid; wait $pid && rc=0 || rc=$?
is 'asked to stop before the end' 0 75 echo "$rc"
is 'and says so' 0 1 grep -c '125 rows, 0 kept out.*stopped before the end' log
: >"$TICKS/CLOSED"; das-load 2>/dev/null
is 'one that left the list stays one of the day' 0 '3|0' sql "SELECT count(*),
    (SELECT kept_out FROM das_position) FROM dailytable WHERE tablename = 'OPT1CE'"
DAS_LOGDIR=logs das-backup >summary 2>/dev/null
is 'and the day can be filed' 0 "$DAY	61	125	125	0" \
    sh -c 'sed 1d summary | cut -f 1-5'

# ---- a store that is away ----
fresh; segment 000001; rows 1 100 50 >>"$TICKS/000001.tsv"
: >"$TICKS/CLOSED"
ok 'made' sql 'CREATE TABLE x(a); PRAGMA journal_mode = WAL'
mkfifo hold
sqlite3 das.db <hold >/dev/null & pid=$!; mine $pid
exec 3>hold
echo 'BEGIN IMMEDIATE; INSERT INTO x VALUES (1);' >&3
sleep 0.2
timeout 60 das-load -f 2>log & loader=$!; mine $loader
ok 'waits for a lock' wait_for 20 grep -q 'das.db: locked .*waiting' log
echo 'COMMIT;' >&3; exec 3>&-; wait $pid || :
ok 'and goes on' wait $loader
loaded 'behind a lock' 100 0 100
is 'says that it is back' 0 1 grep -c 'back after' log

# as_nobody COMMAND...: runs it as somebody who is not root
as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
if [ "$(id -u)" != 0 ] || setpriv --reuid=65534 true 2>/dev/null; then
	fresh; segment 000001; mkdir ro; chmod 555 ro; chmod 755 "$T"
	chmod 777 "spool/$DAY"
	[ "$(id -u)" != 0 ] || chown 65534 "$DAS_CONFIG" "spool/$DAY"
	# a copy: the checkout may be where only root can look
	install -m 755 "$(command -v das-load)" das-load
	fails 'a directory that cannot be written' 73 'ro/das.db' \
	    as_nobody env DAS_SQLITEPATH="$T/ro/das.db" ./das-load
	[ "$(id -u)" != 0 ] || chown 0 "$DAS_CONFIG"
else
	skip 'a directory that cannot be written' 'neither root nor setpriv'
fi

# ---- a spool begun anew under a store that knows the day ----
fresh; segment 000001; rows 1 50 50 >>"$TICKS/000001.tsv"
segment 000002; rows 51 100 50 >>"$TICKS/000002.tsv"
ok 'two segments' das-load
rm "$TICKS/000002.tsv"
fails 'one of them is left' 65 'in segment 000002, but the last one is 000001' \
    timeout 60 das-load -f
segment 000002; rows 51 150 50 >>"$TICKS/000002.tsv"
is 'it is back' 0 150 sh -c 'das-load && sqlite3 das.db "SELECT rows FROM
    das_position"'

mkdir full
if mount -t tmpfs -o size=600k tmpfs full 2>/dev/null; then
	fresh; segment 000001; rows 1 4000 50 >>"$TICKS/000001.tsv"
	: >"$TICKS/CLOSED"
	fails 'a full disk' 75 'full' env DAS_SQLITEPATH="$T/full/das.db" \
	    das-load -f
	rm "$TICKS/CLOSED"
	DAS_SQLITEPATH="$T/full/das.db" timeout 60 das-load -f 2>log & loader=$!
	mine $loader
	ok 'is waited for' wait_for 10 grep -q 'full.*waiting' log
	mount -o remount,size=64m full; : >"$TICKS/CLOSED"
	ok 'until there is room' wait $loader
	is 'nothing is lost' 0 '4000|4000' sqlite3 full/das.db 'SELECT rows,
	    (SELECT count(*) FROM dailytable) FROM das_position'
	umount full
else
	skip 'a full disk' 'cannot mount a small one'
fi
done_testing
