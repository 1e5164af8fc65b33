#!/bin/sh
# das-maria.t - the tools over MariaDB: the same day as over SQLite, and what a
# server can do to us
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/mariadb.sh"
. "$SRC/tests/query.sh"
SQLITE=$T/sqlite.json
cp "$DAS_CONFIG" "$SQLITE"
db_start --local-infile=ON
db_user
# a day of N rows, and nothing in either store
fresh() {
	rm -rf spool ./*.db log archive lookup
	msql 'DROP DATABASE IF EXISTS nsedb; DROP DATABASE IF EXISTS optdb;
	    DROP DATABASE IF EXISTS nsedb_daily;
	    DROP DATABASE IF EXISTS optdb_daily'
	instruments 50; segment 000001
	rows 1 "$1" 50 >>"$TICKS/000001.tsv"
}
# loaded NAME ROWS KEPT_OUT PAIRS: what the server says
loaded() {
	is "$1" 0 "$2|$3|$4" msql "SELECT \`rows\`, kept_out, (SELECT COUNT(*)
	    FROM dailytable) FROM das_position WHERE day = '$DAY'" nsedb
}
# what dailytable has, as text that both stores give alike
cols='instrument_token, tradingsymbol, tablename, dbname, timestamp, qty, volume,
    bQty, sQty, lastTradeTime, oi, oiHigh, oiLow, bq0, bo0, sq4, so4'
prices() {	# FUNCTION: the prices in paise, whatever the type
	for c in price avgPrice open high low close bp0 bp4 sp0 sp4; do
		printf ', %s(ROUND(%s * 100))' "$1" "$c"
	done
}
of_maria() {
	msql "SELECT $cols $(prices FLOOR), FLOOR(ROUND(changeper * 10000))
	    FROM dailytable ORDER BY instrument_token, timestamp" nsedb |
	    sed 's/NULL//g' | sha256sum
}
of_sqlite() {
	sql "SELECT $cols $(prices 'CAST(1 AS INTEGER) *' | sed 's/ \* *(/ * CAST(/g
	    s/))/) AS INTEGER)/g'), CAST(ROUND(changeper * 10000) AS INTEGER)
	    FROM dailytable ORDER BY instrument_token, timestamp" | sha256sum
}

# ---- the same day ----
fresh 2000
{
	rows 1 1 50 | sed 's/	100.05	/	555.55	/'	# latest of a second
	rows 5 5 50 | sed "s/$DAY 09:15:00/\\\\N/g"	# no time
	printf '1\tx\t1\t-\t256265\tNIFTY 50\t%s 09:15:03\t26000.05' "$DAY"
	printf '\t\\N%.0s' 1 2 3 4 5; printf '\t1\t2\t3\t4\t-0.0123'
	printf '\t\\N%.0s' $(seq 34); echo
} >>"$TICKS/000001.tsv"
fails 'loads' 0 "$DAY: 2003 rows, 1 kept out" das-load
loaded 'counts' 2003 1 2001
ok 'the same into SQLite' das-load -c "$SQLITE"
is 'both stores have the same rows' 0 "$(of_sqlite)" of_maria
is 'open interest and volume beyond 2^31' 0 1 msql "SELECT COUNT(*) FROM
    dailytable WHERE volume = 2147483648 + 77" nsedb
is 'an index has nulls' 0 '26000.05|1|1' msql "SELECT price, qty IS NULL,
    so4 IS NULL FROM dailytable WHERE tablename = 'NIFTY'" nsedb
is 'clustered, and no other index' 0 'PRIMARY|instrument_token,timestamp' msql \
    "SELECT index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM
    information_schema.statistics WHERE table_schema = 'nsedb' AND table_name =
    'dailytable' GROUP BY index_name"
fails 'nothing is loaded twice' 0 "0 rows, 0 kept out" das-load
loaded 'counts again' 2003 1 2001

# ---- filing ----
: >"$TICKS/CLOSED"
fails 'files the day' 0 'filing 51 tables' das-backup -v
cp err told
is 'whose tables are as they must be at a glance' 1 '' grep 'every value' told
is 'a table per instrument' 0 '40|555.55' msql 'SELECT COUNT(*), MAX(price) FROM
    OPT1CE' optdb
is 'an index has two columns' 0 'timestamp,price' msql "SELECT GROUP_CONCAT(
    column_name ORDER BY ordinal_position) FROM information_schema.columns WHERE
    table_schema = 'nsedb' AND table_name = 'NIFTY'"
is 'all of it' 0 2001 sh -c "mariadb --no-defaults -S $SOCK -u root -N -B -e \
    \"SELECT table_name FROM information_schema.tables WHERE table_schema =
    'optdb'\" | sed 's/.*/SELECT COUNT(*) FROM optdb.&;/' | { cat; echo \
    'SELECT COUNT(*) FROM nsedb.NIFTY;'; } | mariadb --no-defaults -S $SOCK \
    -u root -N -B | awk '{ n += \$1 } END { print n }'"
is 'dailytable is empty' 0 0 msql 'SELECT COUNT(*) FROM dailytable' nsedb
ok 'a second time does nothing' das-backup

# ---- what does not verify, against the spool ----
fresh 500; das-load 2>/dev/null; : >"$TICKS/CLOSED"
msql "UPDATE dailytable SET so4 = so4 + 1 WHERE instrument_token = 514 AND
    timestamp = '$DAY 09:15:02'" nsedb
fails 'a value that is not the spool'"'"'s' 1 \
    'OPT2CE: 10 rows as in the spool, but they do not say the same' das-backup -v
cp err told
ok 'after a look at all values of it' grep -q 'every value of 1 tables' told
is 'is reported' 0 514,OPT2CE,OPT2CE \
    tail -n 1 "log/${DAY}_DAS_Logs/backupsFailed_$DAY.csv"
is 'and dailytable left alone' 0 500 msql 'SELECT COUNT(*) FROM dailytable' nsedb
msql "UPDATE dailytable SET so4 = so4 - 1 WHERE instrument_token = 514 AND
    timestamp = '$DAY 09:15:02'; ALTER TABLE optdb.OPT2CE MODIFY price DOUBLE,
    MODIFY changeper FLOAT, MODIFY lastTradeTime DATETIME(3), MODIFY qty BIGINT" nsedb
ok 'columns of other types say the same' das-backup
is 'all is filed' 0 '0|10' msql 'SELECT (SELECT COUNT(*) FROM nsedb.dailytable),
    COUNT(*) FROM OPT2CE' optdb
ok '-t finds nothing' das-backup -t
msql "UPDATE OPT3CE SET so4 = so4 + 1 WHERE timestamp = '$DAY 09:15:02'" optdb
ok 'a second run does not look at main tables' das-backup
fails '... -t does' 1 'OPT3CE: 10 rows as in the spool, but' das-backup -t

# ---- servers that know less ----
preload=$SRC/build/tests/refuse.so
[ -e "$preload" ] || preload=$SRC/build-san/tests/refuse.so
# refused NAME STATEMENT WORDS: is not understood, the day is filed all the same
refused() {
	fresh 500; das-load 2>/dev/null; : >"$TICKS/CLOSED"
	fails "$1" 0 "$3" env LD_PRELOAD="$preload" REFUSE="$2" \
	    ASAN_OPTIONS=verify_asan_link_order=0 das-backup -v
	is '... and all is filed' 0 '500|10|1' msql "SELECT filed, (SELECT COUNT(*)
	    FROM optdb.OPT7CE), (SELECT COUNT(*) FROM
	    information_schema.statistics WHERE table_schema = 'optdb' AND
	    table_name = 'OPT7CE') FROM das_filed" nsedb
}
refused 'no table is made of a question' CREATE 'filing 51 tables'
msql 'DELETE FROM das_filed; DELETE FROM das_position' nsedb
ok 'nor where there is one' env LD_PRELOAD="$preload" REFUSE=CREATE \
    ASAN_OPTIONS=verify_asan_link_order=0 das-backup
is '... all is filed again' 0 '500|10' msql 'SELECT filed, (SELECT COUNT(*) FROM
    optdb.OPT7CE) FROM das_filed' nsedb
refused 'no CHECKSUM TABLE' CHECKSUM 'every value of 51 tables'

# ---- kills ----
# Rows come in while das-load is killed, and the server too.
fresh 20000
i=0
while [ $i -lt 12 ]; do
	das-load -f -i 0 2>load.log &
	p=$!
	sleep "0.$((i % 4 + 1))"
	if [ $((i % 4)) = 3 ]; then
		db_kill
		db_start --local-infile=ON
	fi
	kill -9 "$p" 2>/dev/null || true
	wait "$p" 2>/dev/null || true
	rows $((20001 + i * 1000)) $((21000 + i * 1000)) 50 \
	    >>"$TICKS/000001.tsv"
	i=$((i + 1))
done
ok 'loads the rest' das-load
loaded 'no row lost, none twice' 32000 0 32000
rm -f das.db*
ok 'the same into SQLite' das-load -c "$SQLITE"
is 'and the rows are the same' 0 "$(of_sqlite)" of_maria
: >"$TICKS/CLOSED"
das-backup >summary 2>told & p=$!
sleep 0.7; kill -9 $p 2>/dev/null; wait $p 2>/dev/null
is 'killed, the day is not taken away half' 0 1 msql "SELECT (SELECT COUNT(*)
    FROM dailytable) IN (0, 32000)" nsedb
ok 'and files it again' das-backup
is 'every row' 0 640 msql 'SELECT COUNT(*) FROM OPT7CE' optdb

# ---- a server that comes and goes while following ----
fresh 1000
das-load -f -i 0 2>load.log &
p=$!
mine $p
db_kill
rows 1001 3000 50 >>"$TICKS/000001.tsv"
sleep 1
db_start --local-infile=OFF
rows 3001 4000 50 >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
wait $p && rc=0 || rc=$?
is 'follows through a restart' 0 0 echo "$rc"
loaded 'with nothing lost' 4000 0 4000
is 'says that LOAD DATA is not allowed, once' 0 1 grep -c 'local_infile = ON' \
    load.log
db_stop; db_start --local-infile=OFF --max-allowed-packet=1M --sql-mode= \
    --character-set-server=utf8mb3 --default-time-zone=-05:00
fresh 5000
ok 'without LOAD DATA, small packets, lax, utf8mb3, another zone' das-load
loaded 'has the same counts' 5000 0 5000
rm -f das.db*; ok 'the same into SQLite' das-load -c "$SQLITE"
is 'and the same rows' 0 "$(of_sqlite)" of_maria
# bad rows are named by file and byte, with and without LOAD DATA
fresh 10; rows 11 11 50 | sed 's/	75	/	-7	/' >>"$TICKS/000001.tsv"
fails 'a value that does not fit' 65 "$TICKS/000001.tsv:" das-load
is 'the batch is all or nothing' 0 0 msql 'SELECT COUNT(*) FROM dailytable' nsedb
db_stop; db_start --local-infile=ON
fails 'the same with LOAD DATA' 65 "$TICKS/000001.tsv:" das-load
is 'all or nothing' 0 0 msql 'SELECT COUNT(*) FROM dailytable' nsedb

# ---- an installation of the original ----
fresh 500
rows 501 501 50 | sed 's/	7	8	6	/	3000000000	8	6	/' >>"$TICKS/000001.tsv"
msql "CREATE DATABASE nsedb; CREATE TABLE nsedb.dailytable (instrument_token
    BIGINT(20), tradingsymbol VARCHAR(100), tablename VARCHAR(100), dbname
    VARCHAR(100), timestamp DATETIME, price DECIMAL(19,2), qty INT UNSIGNED,
    avgPrice DECIMAL(19,2), volume BIGINT, bQty INT UNSIGNED, sQty INT UNSIGNED,
    open DECIMAL(19,2), high DECIMAL(19,2), low DECIMAL(19,2), close
    DECIMAL(19,2), changeper DECIMAL(60,10), lastTradeTime DATETIME, oi INT,
    oiHigh INT, oiLow INT $(for s in b s; do for i in 0 1 2 3 4; do
    echo ", ${s}q$i INT UNSIGNED, ${s}p$i DECIMAL(19,2), ${s}o$i INT UNSIGNED"
    done; done), UNIQUE (instrument_token, timestamp), INDEX (tablename), INDEX
    (tradingsymbol), INDEX (instrument_token), INDEX (timestamp));
    CREATE DATABASE optdb; CREATE TABLE optdb.OPT1CE AS SELECT timestamp, price,
    qty, avgPrice, volume, bQty, sQty, open, high, low, close, changeper,
    lastTradeTime, oi, oiHigh, oiLow $(for s in b s; do for i in 0 1 2 3 4; do
    echo ", ${s}q$i, ${s}p$i, ${s}o$i"; done; done) FROM nsedb.dailytable;
    ALTER TABLE optdb.OPT1CE ADD UNIQUE (timestamp);
    INSERT INTO optdb.OPT1CE (timestamp, price) VALUES ('2026-11-20 10:00:00', 5);
    CREATE DATABASE optdb_daily; CREATE TABLE optdb_daily.OPT2CE (x INT)"
msql 'SHOW CREATE TABLE nsedb.dailytable' >before
fails 'loads into its dailytable' 0 'cut' das-load
loaded 'all of it' 501 0 501
is 'a value that is too large for it' 0 2147483647 msql 'SELECT MAX(oi) FROM
    dailytable' nsedb
: >"$TICKS/CLOSED"
ok 'files into its tables' das-backup
is 'behind what was there' 0 '12|5.00' msql 'SELECT COUNT(*), MIN(price) FROM
    OPT1CE' optdb
ok 'dailytable is as it was made' sh -c "mariadb --no-defaults -S $SOCK -u root \
    -N -B -e 'SHOW CREATE TABLE nsedb.dailytable' | tr '\\t' '|' | cmp - before"

# ---- trouble ----
fresh 100
msql 'CREATE DATABASE nsedb; CREATE TABLE nsedb.dailytable (x INT)'
fails 'another dailytable' 65 'no column instrument_token' das-load
fresh 100
msql "CREATE USER IF NOT EXISTS poor@'%' IDENTIFIED BY 'secret'"
fails 'a user without rights' 77 'denied' env DAS_MYSQLUSER=poor das-load
fails 'a wrong password' 77 'Access denied' env DAS_MYSQLPASS=wrong das-load
cp err told
is 'no password in the words' 1 '' grep wrong told
fails 'no server' 75 'given up after 2 tries' env DAS_MYSQLPORT=1 das-load
fails 'no such node' 78 'mysqlHost' env DAS_MYSQLHOST=host:0 das-load
ok 'the second of two nodes' env DAS_MYSQLHOST=127.0.0.1:1,127.0.0.1 das-load
loaded 'loads' 100 0 100
fresh 100; ok 'by its socket' env DAS_MYSQLHOST="$SOCK" das-load
loaded 'loads too' 100 0 100
fresh 100; das-load 2>/dev/null; rows 101 200 50 >>"$TICKS/000001.tsv"
msql 'SET GLOBAL read_only = 1'
fails 'read only' 75 'read-only' das-load
msql 'SET GLOBAL read_only = 0'
msql 'SET GLOBAL innodb_lock_wait_timeout = 1'
(msql "START TRANSACTION; SELECT * FROM nsedb.das_position FOR UPDATE;
    SELECT SLEEP(4)" >/dev/null &)
sleep 0.5
fails 'a lock held by somebody else' 75 'Lock wait timeout' das-load
sleep 4; ok 'and when it is gone' das-load
loaded 'all is well' 200 0 200

# ---- questions ----
fresh 500
ok 'a day to ask about' das-load
questions
: >"$TICKS/CLOSED"
ok 'filed' das-backup
filed_questions
is 'a database' 0 'n
10' das-query sql 'SELECT COUNT(*) AS n FROM optdb.OPT1CE'
msql "GRANT FILE ON *.* TO das@'%'; GRANT FILE ON *.* TO das@localhost"
fails 'no file of the server' 65 'may only read' das-query sql \
    "SELECT 1 INTO OUTFILE '$T/outfile'"
msql 'CREATE SEQUENCE s' nsedb
for s in 'NEXTVAL(s)' 'COUNT(*) FROM dailytable FOR UPDATE'; do
	fails "no question: $s" 65 'READ ONLY' das-query sql "SELECT $s"
done
msql 'DROP SEQUENCE s' nsedb
fails 'what takes too long' 75 'max_statement_time' das-query -s 1 sql \
    "SELECT COUNT(*) FROM dailytable a, dailytable b, dailytable c, dailytable d,
    (SELECT SLEEP(3)) e"
loaded 'the store is as it was' 550 0 50

# ---- TLS ----
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 \
    -subj '/CN=our CA' >/dev/null 2>&1
cp ca.pem other.pem
openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -out other.pem -days 2 \
    -subj '/CN=another CA' >/dev/null 2>&1
# cert SAN: a server certificate of our CA
cert() {
	openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr \
	    -subj '/CN=server' >/dev/null 2>&1
	printf 'subjectAltName=%s\n' "$1" >ext
	openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
	    -days 2 -extfile ext -out server.pem >/dev/null 2>&1
	chmod 600 server.key
	db_stop
	db_start --local-infile=ON --ssl-ca=ca.pem --ssl-cert="$T/server.pem" \
	    --ssl-key="$T/server.key" --ssl-ca="$T/ca.pem"
}
cert IP:127.0.0.1
fresh 100
ok 'a server with a certificate of mysqlCaFile' env \
    DAS_MYSQLCAFILE="$T/ca.pem" das-load
loaded 'loads' 100 0 100
fails 'of another CA' 69 'ertificate' env DAS_MYSQLCAFILE="$T/other.pem" das-load
cert DNS:db.example.com
fails 'of another host' 69 'ertificate' env DAS_MYSQLCAFILE="$T/ca.pem" das-load
db_stop; db_start --skip-ssl
fails 'no TLS where it is asked for' 69 'TLS' env DAS_MYSQLCAFILE="$T/ca.pem" \
    das-load
done_testing
