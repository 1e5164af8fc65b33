#!/bin/sh
# spider.t - dailytable on two servers behind a third, as das-scale(7) shows it
. "$(dirname "$0")/tap.sh"
command -v mariadbd >/dev/null || { echo '1..0 # SKIP no mariadbd'; exit 0; }
ls /usr/lib/mysql/plugin/ha_spider.so >/dev/null 2>&1 || {
	echo '1..0 # SKIP no mariadb-plugin-spider (which brings a server that starts by itself)'; exit 0; }
. "$SRC/tests/spool.sh"
. "$SRC/tests/servers.sh"
rows_at() { at "$1" 'SELECT COUNT(*) FROM nsedb.dailytable'; }

server head --plugin-load-add=ha_spider
server one
server two
# shellcheck disable=SC2154 # of the eval
cat >"$DAS_CONFIG" <<END
{"store": "mysql", "mysqlUser": "das", "mysqlPass": "secret",
 "mysqlHost": "127.0.0.1", "mysqlPort": $port_head, "retryCount": 2,
 "retryDelaySeconds": 0, "nifty500DBName": "nsedb",
 "niftyOptionsDBName": "optdb", "bankNiftyOptionsDBName": "optdb",
 "sensexOptionsDBName": "optdb", "accessTokenDBName": "tokens"}
END

# ---- the statements of das-scale(7) ----
# das-lookup makes dailytable of a morning; here das-load does
instruments 50; segment 000001; rows 1 1 50 >>"$TICKS/000001.tsv"
ok 'dailytable on the head alone' das-load
table=$(at head 'SHOW CREATE TABLE nsedb.dailytable' |
    sed '1s/^dailytable	//; s/) ENGINE=.*/)/')
at head 'DROP TABLE nsedb.dailytable'
for s in one two; do
	at $s "CREATE DATABASE nsedb; USE nsedb; $table"
done
# shellcheck disable=SC2154 # of the eval
at head "CREATE SERVER one FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1',
    PORT $port_one, USER 'das', PASSWORD 'secret', DATABASE 'nsedb');
    CREATE SERVER two FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1',
    PORT $port_two, USER 'das', PASSWORD 'secret', DATABASE 'nsedb');
    USE nsedb; $table ENGINE=SPIDER
    COMMENT='wrapper \"mysql\", table \"dailytable\"'
    PARTITION BY HASH (instrument_token DIV 256)
    (PARTITION p1 COMMENT='srv \"one\"', PARTITION p2 COMMENT='srv \"two\"')"

rows 1 5000 50 >>"$TICKS/000001.tsv"	# the first for the second time
ok 'das-load knows nothing of it' das-load
is 'all rows, seen from the head' 0 5000 rows_at head
is 'half of the instruments on one' 0 2500 rows_at one
is 'and half on the other' 0 2500 rows_at two
rows 1 50 50 | sed 's/	75	/	76	/' >>"$TICKS/000001.tsv"
ok 'rows of the same seconds' das-load
is 'take the place of the others' 0 '5000	50' at head \
    'SELECT COUNT(*), SUM(qty = 76) FROM nsedb.dailytable'
ok 'a question over both' das-query latest OPT1CE
: >"$TICKS/CLOSED"
ok 'files the day' das-backup
is 'main tables on the head' 0 100 at head 'SELECT COUNT(*) FROM optdb.OPT7CE'
for s in head one two; do
	is "dailytable is empty on $s" 0 0 rows_at $s
done
done_testing
