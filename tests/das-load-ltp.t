#!/bin/sh
# das-load-ltp.t - topic ltp goes into ltp_ticks and oi_snapshots, once, whatever
# happens meanwhile; and beside topic ticks
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
fresh() { rm -rf spool ./*.db*; ltp_segment 000001; }
ltp() { sqlite3 -cmd '.timeout 10000' ltp.db "$@"; }
# loaded NAME ROWS TICKS MINUTES: what the store says
loaded() {
	is "$1" 0 "$2|0|$3|$4" ltp "SELECT rows, kept_out, (SELECT count(*)
	    FROM ltp_ticks), (SELECT count(*) FROM oi_snapshots)
	    FROM das_position WHERE day = '$DAY' AND topic = 'ltp'"
}

fails 'no such topic today' 66 "$LTP" das-load ltp

# ---- what is in the row is in the table ----
fresh
{
	ltp_rows 1 650 50		# 13 snapshots: a minute and a second one
	printf 'NIFTY 50\t256265\t%sT03:45:00.250+00:00\t26000.05' "$DAY"
	printf '\t\\N\t\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n'
	printf 'NIFTY26NOVFUT\t300\t%sT03:45:00.123456+00:00\t26010\t26009.9' "$DAY"
	printf '\t26010.1\t3000000000\t4000000000\t\\N\t\\N\t\\N\t\\N\t\\N\tapi\n'
} >>"$LTP/000001.tsv"
fails 'loads what is there, without instruments' 0 \
    "$DAY: 652 rows of ltp, 0 kept out, 1 batches" das-load ltp
loaded 'counted' 652 652 101
is 'a row, column by column' 0 \
    "SYM1CE|258|${DAY}T03:45:05+00:00|102.55|99.95|100.05|2147483699|3825|0.51234567|0.0001234567|-10.123456|12.654321|13.5|ws" \
    ltp "SELECT symbol, token, ts, ltp, bid, ask, volume, oi, delta, gamma,
    theta, vega, iv, source FROM ltp_ticks WHERE volume = 2147483699"
is 'an index has nulls' 0 "26000.05|0|1|1|1|${DAY}T03:45:00.250+00:00" \
    ltp "SELECT ltp, volume, bid IS NULL, oi IS NULL, iv IS NULL, ts
    FROM ltp_ticks WHERE symbol = 'NIFTY 50'"
is 'and no open interest to remember' 0 0 \
    ltp "SELECT count(*) FROM oi_snapshots WHERE symbol = 'NIFTY 50'"
is 'the latest of a minute, at the minute' 0 \
    "SYM1CE|258|${DAY}T03:45:00+00:00|41325|2147484199|0.51234567
SYM1CE|258|${DAY}T03:46:00+00:00|45075|2147484249|0.51234567" \
    ltp "SELECT symbol, token, ts, oi, volume, delta FROM oi_snapshots
    WHERE symbol = 'SYM1CE' ORDER BY ts"
is 'a fraction of a second too' 0 "${DAY}T03:45:00+00:00|4000000000|1|${DAY}T03:45:00.123456+00:00" \
    ltp "SELECT o.ts, o.oi, o.delta IS NULL, l.ts FROM oi_snapshots o,
    ltp_ticks l WHERE o.symbol = 'NIFTY26NOVFUT' AND l.symbol = o.symbol"
is 'numbers are numbers, a token is text' 0 'text|real|integer|real|text' \
    ltp "SELECT DISTINCT typeof(token), typeof(ltp), typeof(oi), typeof(gamma),
    typeof(ts) FROM ltp_ticks WHERE oi IS NOT NULL AND iv IS NOT NULL"
is 'ids of a symbol count up with its times' 0 '652|652|0' ltp "SELECT
    count(DISTINCT id), max(id), (SELECT count(*) FROM ltp_ticks a JOIN
    ltp_ticks b USING (symbol) WHERE b.id > a.id AND b.ts <= a.ts)
    FROM ltp_ticks"
fails 'nothing is loaded twice' 0 '0 rows of ltp' das-load ltp
loaded 'and counted twice' 652 652 101
is 'das.db has nothing of it' 1 '' test -e das.db
ok 'sqlite has one' sql 'CREATE TABLE x(a)'
is 'das-query finds it' 0 'n
652' das-query sql 'SELECT count(*) AS n FROM ltp_ticks'

# ---- the latest row wins ----
at="symbol = 'SYM1CE' AND ts LIKE '%T03:45:00+00:00'"
id=$(ltp "SELECT id FROM ltp_ticks WHERE $at")
ltp_rows 1 50 50 | sed 's/	100.05	2147/	777.25	2147/; s/ws$/api/' >>"$LTP/000001.tsv"
{ ltp_rows 601 601 50; ltp_rows 601 601 50 | sed 's/45075/99/'; } \
    >>"$LTP/000001.tsv"
ok 'again' das-load ltp
loaded 'in the place of the older' 704 652 101
is 'with the id that it had' 0 "$id|777.25|api" ltp \
    "SELECT id, ask, source FROM ltp_ticks WHERE $at"
is 'of a minute too: what came last' 0 '75|99' ltp "SELECT (SELECT oi
    FROM oi_snapshots WHERE symbol = 'SYM1CE' AND ts LIKE '%T03:45:00+00:00'),
    (SELECT oi FROM oi_snapshots WHERE symbol = 'SYM1CE'
    AND ts LIKE '%T03:46:00+00:00')"

# ---- columns by name, more of them, extended rows ----
fresh
awk -F '\t' -v OFS='\t' '{ print "more", $14, $13, $12, $11, $10, $9, $8, $7, $6,
    $5, $4, $3, $2, $1, 7 }' "$LTP/000001.tsv" >x
ltp_rows 1 50 50 | awk -F '\t' -v OFS='\t' '{ print "x", $14, $13, $12, $11, $10,
    "0.51234567891234567", $8, $7, $6, $5, $4, $3, $2, $1, "y" }' >>x
mv x "$LTP/000001.tsv"
ok 'columns are found by name' das-load ltp
is 'and 17 digits are the same number' 0 '1' ltp "SELECT delta =
    0.51234567891234567 AND ltp = 100.05 FROM ltp_ticks WHERE symbol = 'SYM1CE'"

# ---- bad rows ----
bad() {	# NAME WORDS SED-SCRIPT
	fresh
	ltp_rows 1 100 50 >>"$LTP/000001.tsv"
	at=$(wc -c <"$LTP/000001.tsv")
	ltp_rows 101 101 50 | sed "$3" >>"$LTP/000001.tsv"
	ltp_rows 102 110 50 >>"$LTP/000001.tsv"
	fails "$1" 65 "$LTP/000001.tsv:$at: $2" das-load ltp
}
bad 'too few fields' 'the number of fields' 's/	[^	]*$//'
loaded 'the rows before are loaded' 100 100 50
bad 'too many fields' 'the number of fields' 's/$/	1/'
bad 'no symbol' 'symbol is no name' 's/^[^	]*//'
bad 'null for a symbol' 'symbol is no name' 's/^[^	]*/\\N/'
bad 'a symbol of 64 bytes' 'symbol is no name' \
    's/^[^	]*/1234567812345678123456781234567812345678123456781234567812345678/'
bad 'no token' 'token is no number' 's/	258	/	x	/'
for t in '2026-11-23T03:45:10' '2026-11-23T03:45:10Z' '2026-11-23 03:45:10+00:00' \
    '2026-11-23T03:45:10+05:30' '2026-02-30T03:45:10+00:00' '\\N' \
    '2026-11-23T24:45:10+00:00' '2026-11-23T03:60:10+00:00' \
    '2026-11-23T03:45:1x+00:00' '2026-11-23T03:45:10.12+00:00'; do
	bad "no time: $t" 'ts is no time of UTC' "s/	2026[^	]*	/	$t	/"
done
bad 'no price' "bid is 'abc'" 's/	99.95	/	abc	/'
is 'a batch is stored whole or not at all' 0 0 \
    ltp "SELECT count(*) FROM sqlite_master WHERE name = 'ltp_ticks'"
bad 'a fraction of a contract' "oi is '1.5'" 's/	7575	/	1.5	/'
bad 'no number for a greek' "gamma is 'nan'" 's/	0.0001234567	/	nan	/'
bad 'an escaped source' 'source is no word' 's/ws$/a\\tb/'
sed -i '1s/	iv//' "$LTP/000001.tsv"
fails 'a column is missing' 65 "$LTP/000001.tsv: no column iv" das-load ltp

# ---- tables of others ----
fresh; ltp_rows 1 10 5 >>"$LTP/000001.tsv"
ltp "CREATE TABLE ltp_ticks (id INTEGER PRIMARY KEY AUTOINCREMENT, symbol TEXT
    NOT NULL, token TEXT NOT NULL, ts TEXT NOT NULL, ltp DOUBLE, bid DOUBLE, ask
    DOUBLE, volume BIGINT, oi BIGINT, delta DOUBLE, gamma DOUBLE, theta DOUBLE,
    vega DOUBLE, iv DOUBLE, source VARCHAR(16) DEFAULT 'ws', UNIQUE(symbol, ts));
    CREATE INDEX idx_ts ON ltp_ticks(ts);
    INSERT INTO ltp_ticks (symbol, token, ts) VALUES ('old', '1',
    '2026-01-02T08:00:00+00:00')"
ok "the original's table" das-load ltp
loaded 'is taken as it is' 10 11 5
is 'and goes on counting' 0 11 ltp "SELECT max(id) FROM ltp_ticks"
fresh; ltp_rows 1 10 5 >>"$LTP/000001.tsv"
ltp 'CREATE TABLE ltp_ticks (symbol, ts, UNIQUE(symbol, ts))'
fails 'one with other columns' 65 'table ltp_ticks: no column token' das-load ltp
fresh; ltp_rows 1 10 5 >>"$LTP/000001.tsv"
ltp "CREATE TABLE oi_snapshots (symbol, token, ts, oi, volume, delta, gamma,
    theta, vega, iv)"
fails 'one that is not unique' 65 '(symbol,ts) is not unique' das-load ltp

# ---- beside the ticks of the day, killed again and again ----
fresh; instruments 50; segment 000001; rows 1 60000 50 >>"$TICKS/000001.tsv"
: >"$TICKS/CLOSED"
(
	i=1
	while [ $i -lt 6000 ]; do
		[ $((i % 1500)) != 1 ] || { seg=00000$((i / 1500 + 2))
		    ltp_segment $seg; }
		ltp_rows $i $((i + 49)) 50 >>"$LTP/$seg.tsv"
		i=$((i + 50))
		sleep 0.01
	done
	: >"$LTP/CLOSED"
) &
writer=$!; mine $writer
das-load 2>ticks.log & ticks=$!; mine $ticks
kills=0
while kill -0 $writer 2>/dev/null; do
	das-load -f -i 0 ltp 2>>log &
	pid=$!; mine $pid
	sleep 0.0$((kills % 7 + 3))
	kill -9 $pid && kills=$((kills + 1))
	wait $pid 2>/dev/null || :
done
ok 'what is left' timeout 60 das-load -f ltp
loaded "killed $kills times" 6000 6000 500
is 'nothing but kills happened' 1 '' grep -v ' 0 kept out' log
ok 'more than a few times' test $kills -gt 5
is 'each row is the one of the spool' 0 "$(cat "$LTP"/*.tsv | grep -v symbol |
    cut -f 1,3,7 | sort | sha256sum)" sh -c \
    "sqlite3 -separator '$TAB' ltp.db 'SELECT symbol, ts, volume FROM ltp_ticks' |
    sort | sha256sum"
ok 'the ticks went in meanwhile' wait $ticks
is 'without a wait' 1 0 grep -c locked ticks.log
is 'all of them' 0 60000 sql 'SELECT rows FROM das_position'

# ---- a rival, a lock, a stop ----
fresh; ltp_rows 1 100 50 >>"$LTP/000001.tsv"
timeout 60 das-load -f ltp 2>log & pid=$!; mine $pid
ok 'follows' wait_for 10 sh -c \
    '[ "$(sqlite3 ltp.db "SELECT rows FROM das_position")" = 100 ]'
fails 'one at a time' 75 'which is still running' das-load ltp
mkfifo hold
sqlite3 ltp.db <hold >/dev/null & holder=$!; mine $holder
exec 3>hold
echo 'BEGIN IMMEDIATE; DELETE FROM oi_snapshots;' >&3
sleep 0.2
ltp_rows 101 200 50 >>"$LTP/000001.tsv"
ok 'waits for a lock' wait_for 20 grep -q 'ltp.db: locked .*waiting' log
echo 'ROLLBACK;' >&3; exec 3>&-; wait $holder || :
ok 'and goes on' wait_for 20 sh -c \
    '[ "$(sqlite3 ltp.db "SELECT rows FROM das_position")" = 200 ]'
kill -TERM $pid; wait $pid && rc=0 || rc=$?
is 'asked to stop before the end' 0 75 echo "$rc"
done_testing
