#!/bin/sh
# spider.t - dailytable on two servers behind a third, as das-scale(7) shows it
. "$(dirname "$0")/tap.sh"
command -v mariadbd >/dev/null || { echo '1..0 # SKIP no mariadbd'; exit 0; }
ls /usr/lib/mysql/plugin/ha_spider.so >/dev/null 2>&1 || {
	echo '1..0 # SKIP no mariadb-plugin-spider (which brings a server that starts by itself)'; exit 0; }
. "$SRC/tests/spool.sh"
. "$SRC/tests/servers.sh"
. "$SRC/tests/page.sh"
rows_at() { at "$1" 'SELECT COUNT(*) FROM nsedb.dailytable'; }

server head
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

# ---- the statements of das-scale(7), with our names, ports and password ----
# das-lookup makes dailytable of a morning; here das-load does
instruments 50; segment 000001; rows 1 1 50 >>"$TICKS/000001.tsv"
ok 'dailytable on the head alone' das-load
at head 'SHOW CREATE TABLE nsedb.dailytable' |
    sed '1s/^[^(]*(//; s/^) ENGINE=.*//; s/,$/,/' >columns
# statements N: those of the page
# shellcheck disable=SC2154 # of the eval
statements() {
	page das-scale.7 'Size: Spider' "$1" |
	    awk -v cols="$(cat columns)" '{ at = index($0, "(...)")
		print (at ? substr($0, 1, at) cols substr($0, at + 4) : $0) }' |
	    sed "s/aws_das_nse/nsedb/g; s/10\.0\.0\.[23]/127.0.0.1/; s/'\.\.\.'/'secret'/
		/SERVER one/,/;/s/3306/$port_one/; /SERVER two/,/;/s/3306/$port_two/"
}
for s in one two; do
	ok "made on $s" at $s "$(statements 1)"
done
ok 'made on the head' at head "$(statements 2)"
is 'of two parts there' 0 2 at head "SELECT COUNT(*) FROM
    information_schema.partitions WHERE table_name = 'dailytable' AND
    partition_name IS NOT NULL"

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
