#!/bin/sh
# das-backup.t - a day is filed whole and verified, or nothing is taken away
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
LOGS=log/${DAY}_DAS_Logs
ARCHIVE=archive/$DAY/ticks
fresh() {
	rm -rf spool ./*.db* log archive lookup
	instruments 50; segment 000001
}
# filed NAME ROWS KEPT_OUT PAIRS FILED BLANK: what a good run prints
filed() {
	das-backup >summary 2>told && rc=0 || rc=$?
	cut -f 1-9 summary >nine
	is "$1" 0 "0
$DAY	${7:-51}	$2	$2	$3	$4	$5	$6	0" sh -c "echo $rc; sed 1d nine"
	[ "$rc" = 0 ] || sed 's/^/# /' told
}
# stays NAME ROWS: nothing was taken away
stays() {
	is "$1: dailytable stays" 0 "$2" sql 'SELECT count(*) FROM dailytable'
	is "$1: no archive" 2 '' sh -c "ls $ARCHIVE 2>/dev/null"
	is "$1: not filed" 0 0 sql 'SELECT count(*) FROM das_filed'
}

fails 'no such day' 66 "$TICKS" das-backup
fails 'no such date' 64 'not a day' das-backup -d 23-11-2026
fails 'too many words' 64 'usage: das-backup' das-backup "$DAY"
fresh; rows 1 100 50 >>"$TICKS/000001.tsv"
fails 'the day is being written' 75 "touch $T/$TICKS/CLOSED" das-backup

# ---- a day ----
fresh
echo what was missed >"spool/$DAY/gaps.tsv"
{
	rows 1 1000 50
	rows 1 1 50 | sed 's/	100.05	/	555.55	/'	# latest of a second
	rows 901 901 50 | sed "s/ 09:15:18/ 09:14:59/g"	# steps back
	rows 5 5 50 | sed "s/$DAY 09:15:00/\\\\N/g"	# no time
	rows 6 6 50 | sed 's/	1538	/	999	/'	# nobody knows it
	printf '1\tx\t1\t-\t256265\tNIFTY 50\t%s 09:15:03\t26000.05' "$DAY"
	printf '\t\\N%.0s' $(seq 44); echo
} >>"$TICKS/000001.tsv"
segment 000002; rows 1001 2000 50 >>"$TICKS/000002.tsv"; : >"$TICKS/CLOSED"
cat >lookup/lookupTables_Nifty500.csv <<'END'
Symbol,TableName
ABC,ABC
ABC-BE,ABC
NIFTY 50,NIFTY
OPT1CE,OPT1CE
XYZ,XYZ
END
filed 'files a day that was never loaded' 2005 2 2002 2002 2
is 'says what it loaded' 0 1 grep -c '2005 rows were not loaded yet' told
is 'a table per instrument' 0 '41|555.55' options "SELECT count(*),
    max(price) FROM OPT1CE"
is 'the row that stepped back' 0 145.05 options "SELECT price FROM OPT1CE
    WHERE timestamp = '$DAY 09:14:59'"
is 'every column' 0 \
    "$DAY 09:15:01|102.6|75|100.25|2147483700|10|20|99.5|102.0|98.05|100.0|0.5|$DAY 09:15:01|7|8|6|52|100.0|0|61|99.55|9" \
    options "SELECT timestamp, price, qty, avgPrice, volume, bQty, sQty, open, high,
    low, close, changeper, lastTradeTime, oi, oiHigh, oiLow, bq0, bp0, bo0, sq4,
    sp4, so4 FROM OPT2CE WHERE timestamp = '$DAY 09:15:01'"
is 'an index has time and price' 0 "$DAY 09:15:03|26000.05" \
    nse 'SELECT * FROM NIFTY'
is 'dailytable is empty' 0 0 sql 'SELECT count(*) FROM dailytable'
is 'blank tables with all their symbols' 0 'TableName,TradingSymbols
ABC,"ABC,ABC-BE"
XYZ,XYZ' cat "$LOGS/blankNifty500Instruments_$DAY.csv"
is 'instruments that nobody knows' 0 'instrument_token,rows
999,1' cat "$LOGS/DAS_unsubscribedInstrumentTokens_$DAY.csv"
is 'none failed' 2 '' ls "$LOGS/backupsFailed_$DAY.csv"
is 'sums' 0 '000001.tsv.pack: OK
000002.tsv.pack: OK' sh -c "cd $ARCHIVE && sha256sum -c SHA256SUMS"
cat $TICKS/*.tsv >all
ok 'the archive is the spool' sh -c "DAS_SPOOLDIR=none das-follow -n ticks |
    cmp - \"\$(sed '1n; /^seq/d' all >one; echo one)\""
ok 'the instruments are in it' sh -c "zstd -dcq archive/$DAY/instr*.zst |
    cmp - lookup/instruments.tsv"
is 'and the ledger' 0 'what was missed' zstd -dcq "archive/$DAY/gaps.tsv.zst"
is 'bytes' 0 "$(cat $ARCHIVE/*.pack | wc -c) $(wc -c <all)" \
    sh -c "sed 1d summary | cut -f 10- | tr '\t' ' '"
filed 'the same again' 2005 2 2002 2002 2
is 'says so' 0 1 grep -c "$DAY was filed at $DAY 16:00" told
ok 'new instruments do not matter then' instruments 3
filed 'nor does what is not asked' 2005 2 2002 2002 2


# ---- -t: the main tables of a filed day ----
is '-t finds nothing' 0 "$(sed 1d summary)" sh -c 'das-backup -t 2>/dev/null | sed 1d'
options "UPDATE OPT3CE SET bo4 = bo4 + 1 WHERE timestamp = '$DAY 09:15:04';
    DELETE FROM OPT4CE WHERE timestamp = '$DAY 09:15:04'"
filed 'a second run does not look at them' 2005 2 2002 2002 2
fails 'a value changed since' 1 'OPT3CE: 40 rows as in the spool, but' das-backup -t
fails '... a row that is gone' 1 'OPT4CE: 40 seconds in the spool, 39 rows' das-backup -t
is '... and no others' 0 2 sh -c "sed 1d $LOGS/backupsFailed_$DAY.csv | wc -l"
is '... it stays filed' 0 1 sql 'SELECT count(*) FROM das_filed'
sql "DELETE FROM das_position WHERE day = '$DAY'"; das-load 2>/dev/null
filed 'loaded again, it is filed again' 2005 2 2002 2002 2
ok '... and -t finds nothing' das-backup -t

# ---- without the raw spool ----
is '-p' 0 "$DAY" sh -c 'das-backup -p | sed 1d | cut -f 1'
is 'takes the segments away' 0 'CLOSED' ls "$TICKS"
ok 'das-load has nothing to do' timeout 60 das-load -f
filed 'the archive is still checked' 2005 2 2002 2002 2
is 'and its bytes known' 0 "$(cat $ARCHIVE/*.pack | wc -c) $(wc -c <all)" \
    sh -c "sed 1d summary | cut -f 10- | tr '\t' ' '"
ok '-t reads the archive' das-backup -t
cp $ARCHIVE/000002.tsv.pack good
cp $ARCHIVE/000001.tsv.pack first
cp good $ARCHIVE/000001.tsv.pack
fails 'another file' 65 '000001.tsv.pack: its SHA-256' das-backup
mv first $ARCHIVE/000001.tsv.pack
head -c 9000 good >$ARCHIVE/000002.tsv.pack
fails 'a file cut short' 65 '000002.tsv.pack: cut short' das-backup
rm $ARCHIVE/000002.tsv.pack
fails 'a file that is gone' 66 '000002.tsv.pack' das-backup

# ---- a past day, when spool and database are gone ----
# as das-tick writes them
normal() {
	awk -F '\t' -v OFS='\t' '{
		$14 = "99.50"; $15 = "102.00"; $17 = "100.00"
		$18 = sprintf("%.4f", $8 - 100)
		print
	}'
}
dump() { for d in das optdb-2026-11 nsedb; do sqlite3 $d.db .dump; done; }
tables() {	# what must be the same again: all but when it was filed
	dump | grep -v "INTO das_filed"
}
fresh; rows 1 9000 50 | normal >>"$TICKS/000001.tsv"
segment 000002; rows 9001 12000 50 | normal >>"$TICKS/000002.tsv"
: >"$TICKS/CLOSED"
filed 'a day of rows as they come' 12000 0 12000 12000 0
cp "$ARCHIVE/SHA256SUMS" sums
end=$(wc -c <"$TICKS/000002.tsv")
tables >before
ok 'a row takes less than a fifth' sh -c \
    "[ \$((\$(cat $ARCHIVE/*.pack | wc -c) * 5)) -lt \$(cat $TICKS/0*.tsv | wc -c) ]"
is 'one segment pruned' 0 '' rm "$TICKS/000001.tsv"
rm -f ./*.db*
filed 'is read from the archive, the other from the spool' 12000 0 12000 12000 0
tables >after
ok '... into the same tables' cmp before after
rm -rf spool log lookup/*; rm -f ./*.db*
filed 'all of it from the archive' 12000 0 12000 12000 0
tables >after
ok '... into the same tables' cmp before after
ok '... and it is as it was' cmp sums "$ARCHIVE/SHA256SUMS"
filed '... and again' 12000 0 12000 12000 0
rm -rf spool; rm -f ./*.db*
is 'das-load alone' 0 "12000|2|$end" sh -c 'timeout 60 das-load -f 2>/dev/null
    sqlite3 das.db "SELECT rows, segment, offset FROM das_position"'
rm -rf spool; rm -f ./*.db*
kills=0 delay=1
while :; do
	das-backup >log.out 2>log.kill & pid=$!; mine $pid
	sleep "$(awk "BEGIN { print $delay / 30 }")"
	delay=$((delay + 1))
	kill -9 "$pid" 2>/dev/null || break
	kills=$((kills + 1))
	wait "$pid" 2>/dev/null || :
done
ok "killed $kills times over the archive, it ends well" wait "$pid"
tables >after
ok '... with the same tables' cmp before after
rm -f ./*.db*; head -c 30000 "$ARCHIVE/000001.tsv.pack" >short
mv short "$ARCHIVE/000001.tsv.pack"
fails 'an archive cut short is not filed' 65 'cut short' das-backup
is '... what could be read was not filed' 0 '' sh -c 'ls optdb* 2>/dev/null || :'

# ---- what is whole in the archive is not overwritten ----
fresh; rows 1 100 50 | normal >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
das-backup >/dev/null 2>&1
cp "$ARCHIVE/000001.tsv.pack" good
segment 000001; rows 1 99 50 | normal >>"$TICKS/000001.tsv"
rm -f ./*.db*
fails 'another segment of that number' 65 "$ARCHIVE/000001.tsv.pack is another segment" \
    das-backup
ok '... the archive stays' cmp good "$ARCHIVE/000001.tsv.pack"
echo damaged >"$ARCHIVE/000001.tsv.pack"
filed '... but for a damaged one' 99 0 99 99 0

# ---- an archive of the versions before ----
fresh; rows 1 100 50 | normal >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
mkdir -p "$ARCHIVE"
if zstd -q "$TICKS/000001.tsv" -o "$ARCHIVE/000001.tsv.zst" 2>/dev/null; then
	filed 'is taken as it is' 100 0 100 100 0
	is '... with its sum' 0 '000001.tsv.zst: OK' \
	    sh -c "cd $ARCHIVE && sha256sum -c SHA256SUMS"
	rm "$TICKS/000001.tsv" ./*.db*
	filed '... and read' 100 0 100 100 0
else
	skip 'an archive of the versions before' 'no zstd'
fi
# ---- rows that das-tick does not write ----
fresh; rows 1 9000 50 >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
filed 'other rows' 9000 0 9000 9000 0
is '... go to zstd' 0 '000001.tsv.zst: OK' \
    sh -c "cd $ARCHIVE && sha256sum -c SHA256SUMS"

# ---- a day that is loaded again ----
fresh; rows 1 100 50 >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
das-backup >/dev/null 2>&1
options 'DELETE FROM OPT1CE'; sql 'DELETE FROM das_position'
das-load 2>/dev/null
filed 'is filed again' 100 0 100 100 0
is '... what was missing is there' 0 2 options 'SELECT count(*) FROM OPT1CE'
is '... and dailytable is empty' 0 0 sql 'SELECT count(*) FROM dailytable'
das-backup >/dev/null 2>told
is '... once' 0 1 grep -c 'was filed at' told

# ---- a segment that is gone ----
three() {
	fresh; rows 1 100 50 >>"$TICKS/000001.tsv"
	segment 000002; rows 101 200 50 >>"$TICKS/000002.tsv"
	segment 000003; rows 201 300 50 >>"$TICKS/000003.tsv"
	: >"$TICKS/CLOSED"
}
three
echo garbage | tee "$TICKS/7.tsv" "$TICKS/notes" >"$TICKS/0000009.tsv"
mkdir "$TICKS/copy.tsv"
filed 'other files in the directory are left alone' 300 0 300 300 0
three; mv "$TICKS/000002.tsv" away
fails 'a hole in the spool' 65 "$TICKS/000002.tsv is missing" das-backup
is '... and das-load does not pass it in silence' 0 65 sh -c \
    'timeout 20 das-load -f 2>/dev/null; echo $?'
mv away "$TICKS/000002.tsv"; das-load 2>/dev/null; mv "$TICKS/000002.tsv" away
fails '... made after the load' 65 "$TICKS/000002.tsv is missing" das-backup
is '... takes nothing away' 0 300 sql 'SELECT count(*) FROM dailytable'
mv away "$TICKS/000002.tsv"
filed '... filled again' 300 0 300 300 0
rm "$ARCHIVE/000002.tsv.pack" "$ARCHIVE/SHA256SUMS" "$TICKS/000002.tsv"
fails 'a hole in the archive' 65 "$TICKS/000002.tsv is missing, and is not in" \
    das-backup -p
is '... nothing is pruned' 0 2 sh -c "ls $TICKS/00000*.tsv | grep -c '/00000[0-9].tsv'"

# ---- what does not verify ----
begin() { fresh; rows 1 500 50 >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"; das-load 2>/dev/null; }
begin
ok 'a row is lost' sql "DELETE FROM dailytable WHERE instrument_token = 514 AND
    timestamp = '$DAY 09:15:02'"
fails 'is found' 1 'OPT2CE: 10 seconds in the spool, 9 rows' das-backup
is 'and reported' 0 'instrument_token,tradingsymbol,tablename
514,OPT2CE,OPT2CE' cat "$LOGS/backupsFailed_$DAY.csv"
stays 'a lost row' 499
is 'the others are filed' 0 10 options 'SELECT count(*) FROM OPT3CE'
sql "DELETE FROM das_position WHERE day = '$DAY'"
filed 'load it again and it is whole' 500 0 500 500 0
is 'the report is gone' 2 '' ls "$LOGS/backupsFailed_$DAY.csv"
begin
options "ATTACH 'das.db' AS das;
    CREATE TABLE OPT4CE AS SELECT * FROM das.dailytable LIMIT 0;
    CREATE UNIQUE INDEX u ON OPT4CE (timestamp);
    INSERT INTO OPT4CE (timestamp, price) VALUES ('$DAY 15:29:59', 1)"
fails 'a main table with a row of its own' 1 'OPT4CE: 10 seconds in the spool, 11' \
    das-backup
stays 'a row too many' 500
options 'DELETE FROM OPT4CE; CREATE TRIGGER t AFTER INSERT ON OPT4CE BEGIN
    UPDATE OPT4CE SET so4 = 77 WHERE timestamp = new.timestamp; END'
fails 'a value that changes on its way' 1 \
    'OPT4CE: 10 rows as in the spool, but they do not say the same' das-backup
stays 'another value' 500
options 'DROP TABLE OPT4CE; CREATE TABLE OPT4CE (timestamp TEXT UNIQUE, price REAL)'
fails 'a main table with other columns' 1 \
    'optdb-2026-11.db: table OPT4CE: no column qty' das-backup
stays 'other columns' 500
options 'DROP TABLE OPT4CE'
# changes EXPRESSION: SQL that changes each column of a main table, the k-th in the
# k-th instrument, in the row of one second; @ is the column
columns=$(echo "$COLS" | tr "$TAB" '\n' | sed 1,6d)
changes() {
	echo "$columns" | awk -v e="$1" -v day="$DAY" '{
		x = e
		if (/[tT]ime/)
			x = "datetime(@, \"+20 seconds\")"
		gsub(/@/, $1, x)
		printf "UPDATE dailytable SET %s = %s WHERE instrument_token = %d " \
		    "AND timestamp = \"%s 09:15:03\";\n", $1, x, NR * 256 + 2, day
	}'
}
seq 46 | awk '{ printf "%d,OPT%dCE,OPT%dCE\n", $1 * 256 + 2, $1, $1 }' >each
for x in '@ + 1' '@ + 0.000001' 'NULL' "'x' || @" '@ + 4294967296'; do
	begin; changes "$x" >change
	ok "every column is changed: $x" sql <change
	fails '... one is another value' 1 'OPT10CE: 10 rows as in the spool' das-backup
	is '... all are found' 0 "$(sort each)" sh -c \
	    "sed 1d $LOGS/backupsFailed_$DAY.csv | sort"
	stays "$x" 500
done
begin
ok 'a row is added to dailytable' sql "INSERT INTO dailytable SELECT instrument_token,
    tradingsymbol, tablename, dbname, '$DAY 15:00:00', price, qty, avgPrice,
    $(echo "$columns" | sed 1,4d | paste -sd,) FROM dailytable WHERE
    instrument_token = 514 LIMIT 1"
fails '... is found' 1 'OPT2CE: 10 seconds in the spool, 11 rows' das-backup
stays 'a row too many in dailytable' 501
begin
sql "UPDATE dailytable SET price = CAST(price AS TEXT), volume = volume + 0.0"
filed 'the same value in other clothes is the same' 500 0 500 500 0
begin
sql "UPDATE das_position SET rows = rows + 3000000000"
fails 'the counts differ' 1 \
    'the spool has 500 rows, 0 to be kept out; the store counted 3000000500' \
    das-backup
stays 'counts' 500

# ---- instruments ----
begin
sed -i '/OPT50CE/d' lookup/instruments.tsv "spool/$DAY/instruments.tsv"
filed 'an instrument that only dailytable has' 500 0 500 500 0
is 'has its table, in the file without a month' 0 10 \
    sqlite3 optdb.db 'SELECT count(*) FROM OPT50CE'
fresh
sed -i 's/OPT2CE\toptdb/OPT1CE\toptdb/' lookup/instruments.tsv
{
	rows 1 100 50
	rows 103 150 50
} >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
filed 'two instruments, one table' 148 0 148 146 0
is 'one row a second' 0 2 options 'SELECT count(*) FROM OPT1CE'
begin
sql "UPDATE dailytable SET timestamp = replace(timestamp, '-23', '-20') WHERE
    instrument_token > 9000"
sql "DELETE FROM das_position"
filed 'rows of another day' 500 0 500 500 0
is 'stay' 0 "150|150" sql "SELECT count(*), sum(timestamp LIKE '2026-11-20%')
    FROM dailytable"

# ---- rivals, signals, no room ----
begin
( exec 9>>"spool/$DAY/.load"; flock 9; exec sleep 60 ) & pid=$!; mine $pid
wait_for 5 sh -c "! flock -n spool/$DAY/.load true"
fails 'das-load is at work' 75 'spool/2026-11-23/.load: held' das-backup
kill $pid; wait $pid 2>/dev/null || :
mkdir full
if mount -t tmpfs -o size=8k tmpfs full 2>/dev/null; then
	fails 'no room for the archive' 75 'No space left' \
	    env DAS_ARCHIVEDIR="$T/full" das-backup
	is 'nothing half done there' 0 '' sh -c \
	    'find full -name "*.zst*" -o -name "*.pack*" -o -name "SHA*"'
	mount -o remount,size=8m full
	is 'with room it goes on' 0 500 sh -c \
	    "DAS_ARCHIVEDIR=$T/full das-backup | sed 1d | cut -f 7"
	umount full
else
	skip 'no room for the archive' 'cannot mount a small one'
fi

# ---- killed at any moment ----
fresh
rows 1 20000 50 >>"$TICKS/000001.tsv"
segment 000002; rows 20001 30000 50 >>"$TICKS/000002.tsv"; : >"$TICKS/CLOSED"
kills=0 delay=1
while :; do
	das-backup >log.out 2>log.kill & pid=$!; mine $pid
	sleep "$(awk "BEGIN { print $delay / 40 }")"
	delay=$((delay + 1))
	kill -9 $pid 2>/dev/null || break
	kills=$((kills + 1))
	wait $pid 2>/dev/null || :
done
ok "killed $kills times, it ends well" wait $pid
ok 'more than a few times' test $kills -gt 5
filed 'and is whole' 30000 0 30000 30000 0
is 'every row once' 0 "$(for i in $(seq 50); do echo 600; done)" options \
    "$(for i in $(seq 50); do echo "SELECT count(*) FROM OPT${i}CE;"; done)"
ok 'sums of it' sh -c "cd $ARCHIVE && sha256sum -c SHA256SUMS"
is 'nothing half done is left' 0 '' find archive -name '.*'
fresh; rows 1 20000 50 >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
das-backup >log.out 2>log.term & pid=$!; mine $pid
sleep 0.1; kill $pid; wait $pid && rc=0 || rc=$?
is 'SIGTERM' 0 75 echo "$rc"
filed 'goes on' 20000 0 20000 20000 0
done_testing
