#!/bin/sh
# maria-faults.t - what a MariaDB server can do to das-load and das-backup: in the
# end it has what the spool has, to the last column
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/mariadb.sh"

# fresh N: a day of N rows of 50 options, nothing of it in the store
fresh() {
	rm -rf spool log archive lookup load.log
	for d in nsedb optdb nsedb_daily optdb_daily; do
		msql "DROP DATABASE IF EXISTS $d" 2>/dev/null || true
	done
	instruments 50; segment 000001
	seq=0; more "$1"
}
# more N: so many rows more
more() {
	rows $((seq + 1)) $((seq + $1)) 50 >>"$TICKS/000001.tsv"
	seq=$((seq + $1))
}
follow() { das-load -f -i 0 2>load.log & load=$!; mine $load; }
# The server has so many rows or more.
has_rows() {
	[ "$(msql "SELECT COALESCE(SUM(\`rows\`), 0) >= $1 FROM das_position" nsedb \
	    2>/dev/null)" = 1 ]
}
at_work() { msql 'SHOW PROCESSLIST' | grep -q 'LOAD DATA'; }
# whole NAME: what is owed is loaded, and das-backup, which compares every table
# with the spool by number of rows and checksum, is content.
whole() {
	: >"$TICKS/CLOSED"
	[ -z "${load:-}" ] || { wait "$load" && rc=0 || rc=$?; load=
	    is "$1: das-load follows to the end" 0 0 echo "$rc"; }
	ok "$1: nothing is owed" das-load
	is "$1: rows, and none twice" 0 "$seq|$seq" msql "SELECT (SELECT \`rows\`
	    FROM das_position WHERE day = '$DAY'), (SELECT COUNT(*) FROM
	    dailytable)" nsedb
	ok "$1: all is filed as the spool has it" das-backup
	is "$1: every row" 0 "$seq" msql "SELECT filed FROM das_filed" nsedb
}
# connects: how often somebody was turned away so far
turned_away() {
	msql "SHOW GLOBAL STATUS LIKE 'Access_denied_errors'" | cut -d '|' -f 2
}

# ---- down ----
db_start --local-infile=ON; db_user; db_kill
rm -rf spool; instruments 50; segment 000001; seq=0; more 1000
follow
wait_for 5 grep -q "Can't connect" load.log
is 'says once that there is no server' 0 1 grep -c "Can't connect" load.log
db_start --local-infile=ON
whole 'down at the start'

fresh 40000
follow
wait_for 20 at_work; db_kill
db_start --local-infile=ON
whole 'gone in the middle of a batch'

fresh 40000
follow
i=0 killed=0
while [ $i -lt 200 ] && [ $killed -lt 3 ] && kill -0 "$load" 2>/dev/null; do
	id=$(msql 'SHOW PROCESSLIST' | awk -F '|' '$2 == "das" { print $1 }')
	[ -z "$id" ] || ! msql "KILL $id" 2>/dev/null || killed=$((killed + 1))
	sleep 0.1; i=$((i + 1))
done
ok 'there were connections to kill' test $killed -gt 0
whole 'connections that are killed'

fresh 2000
follow
for i in 1 2 3 4 5 6 7 8 9 10; do
	db_kill; more 2000; db_start --local-infile=ON; more 2000
done
whole 'restarted ten times'

# ---- refused ----
fresh 500
before=$(turned_away)
fails 'a wrong password' 77 'Access denied' env DAS_MYSQLPASS=wrong das-load -f
fails 'and das-backup' 77 'Access denied' env DAS_MYSQLPASS=wrong das-backup
cp err told
is 'each asked once' 0 2 expr "$(turned_away)" - "$before"
is 'and the password is not told' 1 '' grep wrong told
das-load 2>/dev/null; more 500
# everything but to insert
for host in '%' localhost; do msql "REVOKE INSERT ON *.* FROM das@'$host'"; done
fails 'no right to insert' 77 'denied' das-load -f
fails 'nor to file' 77 'denied' sh -c ": >$TICKS/CLOSED; das-backup"
db_user
whole 'rights that came back'

# ---- full, read only, locked ----
# A server on a disk of its own, that a file fills but for a little.
mkdir small
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=200m none small 2>/dev/null
then
	trap 'kill -9 $dbpid; wait; umount "$T/small"; kill_all
	    chmod -R u+w "$T"; rm -rf "$T"' EXIT
	db_stop; big=$DB DB=$T/small/db
	db_start --local-infile=ON --innodb-log-file-size=4M; db_user
	fresh 1000; das-load 2>/dev/null
	more 40000
	left=$(df -k --output=avail small | tail -n 1)
	head -c $(((left - 9000) * 1024)) /dev/zero >small/ballast
	fails 'a full disk' 75 full das-load
	is 'what was there is there' 0 1000 msql 'SELECT COUNT(*) FROM dailytable' \
	    nsedb
	follow
	wait_for 10 grep -q full load.log
	rm small/ballast
	whole 'a disk with room again'
	db_stop; umount small; DB=$big
	trap 'kill -9 $dbpid; wait; kill_all; chmod -R u+w "$T"; rm -rf "$T"' EXIT
	db_start --local-infile=ON
else
	skip 'a full disk' 'cannot mount one'
fi

fresh 1000
follow; wait_for 10 has_rows 1000
msql 'SET GLOBAL read_only = 1'; more 1000
wait_for 10 grep -q read-only load.log
msql 'SET GLOBAL read_only = 0'
whole 'read only for a while'

# Somebody holds a lock for several of the server's time-outs.
fresh 1000
msql 'SET GLOBAL innodb_lock_wait_timeout = 1'
follow; wait_for 10 has_rows 1000
(msql "START TRANSACTION; UPDATE das_position SET kept_out = kept_out + 0 WHERE
    day = '$DAY'; SELECT * FROM das_position FOR UPDATE; SELECT SLEEP(6);
    ROLLBACK" nsedb >/dev/null; : >released) &
sleep 0.5; more 1000
wait_for 10 grep -q 'Lock wait timeout' load.log
ok 'a lock that is in the way is told' grep -q 'Lock wait timeout' load.log
wait_for 10 test -e released; rm -f released
whole 'a row that somebody had locked'
fresh 1000
follow; wait_for 10 has_rows 1000
(msql 'LOCK TABLES dailytable WRITE; SELECT SLEEP(3)' nsedb >/dev/null) &
sleep 0.5; more 1000
whole 'a table that somebody had locked'
msql 'SET GLOBAL innodb_lock_wait_timeout = 50'

# ---- what stands where our tables should be ----
fresh 500
msql "CREATE DATABASE nsedb; CREATE TABLE nsedb.t (instrument_token BIGINT,
    timestamp DATETIME); CREATE VIEW nsedb.dailytable AS SELECT * FROM nsedb.t"
fails 'a view instead of dailytable' 65 'nsedb.dailytable' das-load
msql 'DROP VIEW nsedb.dailytable'
whole 'the view is gone'
fresh 500; das-load 2>/dev/null; : >"$TICKS/CLOSED"
msql "CREATE DATABASE IF NOT EXISTS optdb; CREATE TABLE optdb.t AS SELECT * FROM
    nsedb.dailytable WHERE 0; CREATE VIEW optdb.OPT3CE AS SELECT * FROM optdb.t;
    CREATE TABLE optdb.OPT4CE (timestamp DATETIME PRIMARY KEY, price INT);
    CREATE TABLE optdb.OPT5CE LIKE optdb.t"
fails 'a view and two tables instead of main tables' 1 \
    '3 instruments are not filed right' das-backup
is 'are reported' 0 '770,OPT3CE,OPT3CE
1026,OPT4CE,OPT4CE
1282,OPT5CE,OPT5CE' sh -c "sed 1d log/${DAY}_DAS_Logs/backupsFailed_$DAY.csv | sort -n"
is 'dailytable stays' 0 500 msql 'SELECT COUNT(*) FROM dailytable' nsedb
msql 'DROP VIEW OPT3CE; DROP TABLE OPT4CE, OPT5CE' optdb
whole 'they are gone'

# ---- how it is set up ----
set_up() {	# NAME OPTION...
	name=$1; shift
	db_kill; db_start "$@"
	fresh 3000
	(TZ=America/New_York; export TZ; das-load) 2>/dev/null
	whole "$name"
}
set_up 'strict, ANSI, no backslashes, small packets, utf8mb3, another zone' \
    --local-infile=ON --max-allowed-packet=1M --default-time-zone=-05:00 \
    --sql-mode=TRADITIONAL,ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH \
    --character-set-server=utf8mb3
set_up 'the same without LOAD DATA' \
    --local-infile=OFF --max-allowed-packet=1M --default-time-zone=-05:00 \
    --sql-mode=TRADITIONAL,ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH \
    --character-set-server=utf8mb3
set_up 'lax, utf8mb4' --local-infile=ON --sql-mode= \
    --character-set-server=utf8mb4 --default-time-zone=+13:00
done_testing
