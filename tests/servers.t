#!/bin/sh
# servers.t - databases on two servers: load, die in between, ask, file
. "$(dirname "$0")/tap.sh"
command -v mariadbd >/dev/null || { echo '1..0 # SKIP no mariadbd'; exit 0; }
. "$SRC/tests/spool.sh"
. "$SRC/tests/servers.sh"
server nse
server opt
# shellcheck disable=SC2154 # of the eval
cat >"$DAS_CONFIG" <<END
{"store": "mysql", "mysqlUser": "das", "mysqlPass": "secret",
 "mysqlHost": "127.0.0.1", "mysqlPort": $port_nse, "retryCount": 2,
 "retryDelaySeconds": 0, "nifty500DBName": "nsedb",
 "niftyOptionsDBName": "optdb", "bankNiftyOptionsDBName": "optdb",
 "sensexOptionsDBName": "optdb", "accessTokenDBName": "tokens",
 "niftyOptionsDB": {"port": $port_opt}, "bankNiftyOptionsDB": {"port":
 $port_opt}, "sensexOptionsDB": {"host": "127.0.0.1", "port": $port_opt}}
END
# counted SERVER ROWS PAIRS: its position, and what it has in dailytable
counted() {
	is "$4" 0 "$2	0	$3" at "$1" "SELECT \`rows\`, kept_out, (SELECT
	    COUNT(*) FROM nsedb.dailytable) FROM nsedb.das_position"
}
# index FIRST LAST: rows of NIFTY, one a second
index() {
	awk -v from="$1" -v to="$2" -v day="$DAY" 'BEGIN {
		for (i = from; i <= to; i++) {
			printf "%d\tx\t1\t-\t256265\tNIFTY 50\t%s 10:%02d:%02d\t%.2f",
			    i, day, i / 60 % 60, i % 60, 26000 + i
			for (j = 9; j <= 52; j++)
				printf("%s", j >= 14 && j <= 18 ? "\t1" : "\t\\N")
			print ""
		}
	}'
}
instruments 50; segment 000001
rows 1 2000 50 >>"$TICKS/000001.tsv"; index 1 100 >>"$TICKS/000001.tsv"
ok 'loads' das-load
counted nse 2100 100 'the index on the first server'
counted opt 2100 2000 'the options on the other'
is 'no database of options on the first' 0 0 at nse "SELECT COUNT(*) FROM
    information_schema.schemata WHERE schema_name LIKE 'optdb%'"

# ---- questions find their server ----
is 'latest of both' 0 '256265	2026-11-23 10:01:40
258	2026-11-23 09:15:39' sh -c "das-query latest 'NIFTY 50' | sed 1d | cut -f 1,3
    das-query latest OPT1CE | sed 1d | cut -f 1,3"
is 'latest of all, server by server' 0 51 sh -c \
    'das-query latest-all | sed 1d | sort -u -k 1,1 | grep -c .'
is 'bounded over both' 0 4 sh -c 'das-query -n 3 latest-all 2>told | grep -c .'
ok 'which is said' grep -q 'more than 3 rows' told
is 'sql on the first' 0 'n
100' das-query sql 'SELECT COUNT(*) AS n FROM dailytable'
fails 'no name of a database' 65 'cannot be' das-query -D 'x`y' sql 'SELECT 1'

# ---- topic ltp is the first's ----
ltp_segment 000001; ltp_rows 1 100 50 >>"$LTP/000001.tsv"
ok 'loads topic ltp' das-load ltp
is 'into the first' 0 '100	50	2' at nse 'SELECT COUNT(*), (SELECT COUNT(*) FROM
    nsedb.oi_snapshots), (SELECT COUNT(*) FROM nsedb.das_position) FROM
    nsedb.ltp_ticks'
is 'and not into the other' 0 0 at opt "SELECT COUNT(*) FROM
    information_schema.tables WHERE table_name = 'ltp_ticks'"
at nse "DELETE FROM nsedb.das_position WHERE topic = 'ltp'"

# ---- one of them dies in the middle ----
das-load -f -i 0 2>load.log &
p=$!
mine $p
# beyond ROWS SERVER: it has more of the topic
beyond() {
	wait_for 60 sh -c "mariadb --no-defaults -S $T/$2.sock -u root -N -e \
	    'SELECT 1 FROM nsedb.das_position WHERE \`rows\` > $1' | grep -q 1"
}
index 101 101 >>"$TICKS/000001.tsv"
ok 'follows' beyond 2100 opt
down opt
(index 102 200; rows 2001 6000 50) >>"$TICKS/000001.tsv"
ok 'the first goes on for a batch' beyond 2101 nse
ok 'das-load says which one does not' wait_for 5 grep -q \
    "127.0.0.1:$port_opt.*the other servers go on" load.log
index 201 210 >>"$TICKS/000001.tsv"
ok 'and for another' beyond 6200 nse
server opt
ok 'the other catches up' beyond 6200 opt
counted opt 6210 6000 'with all that is its own'
counted nse 6210 210 'and the first has nothing twice'
ok 'which is said' wait_for 10 grep -q "127.0.0.1:$port_opt: back after" load.log
is 'that it was away, once' 0 1 grep -c 'go on' load.log
down opt
rows 6001 7000 50 >>"$TICKS/000001.tsv"
ok 'away again' beyond 6210 nse
kill -9 $p; wait $p 2>/dev/null
(index 211 300; rows 7001 8000 50) >>"$TICKS/000001.tsv"
fails 'das-load, begun anew' 75 "127.0.0.1:$port_opt" das-load
das-load -f -i 0 2>load.log &
p=$!
mine $p
ok 'das-load -f goes on with the first' beyond 8299 nse
kill -9 $p; wait $p 2>/dev/null
server opt
(rows 8001 9000 50; rows 8990 9000 50 | sed 's/	75	/	76	/') >>"$TICKS/000001.tsv"
ok 'it is back' das-load
counted nse 9311 300 'all of the index'
counted opt 9311 9000 'all of the options'
at opt 'DELETE FROM nsedb.das_position; DELETE FROM nsedb.dailytable'
ok 'a server that has nothing yet' das-load
counted opt 9311 9000 'gets the day'
counted nse 9311 300 'and the first nothing again'
is 'the latest of a second' 0 11 at opt \
    'SELECT COUNT(*) FROM nsedb.dailytable WHERE qty = 76'
# killed and killed again, while rows come in
k=0
while [ $k -lt 8 ]; do
	das-load -f -i 0 2>load.log &
	p=$!
	sleep "0.$((k % 3 + 1))"
	kill -9 "$p" 2>/dev/null || true
	wait "$p" 2>/dev/null || true
	if [ $((k % 4)) = 3 ]; then
		down opt; server opt
	fi
	(rows $((9001 + k * 1000)) $((10000 + k * 1000)) 50
	    index $((301 + k * 10)) $((310 + k * 10))) >>"$TICKS/000001.tsv"
	k=$((k + 1))
done
ok 'killed at any moment' das-load
counted nse 17391 380 'nothing lost or twice on the first'
counted opt 17391 17000 'nor on the other'
cp "$TICKS/000001.tsv" whole
rows 1 1 50 | sed 's/	75	/	-7	/' >>"$TICKS/000001.tsv"
fails 'a bad row is named as ever, by file and byte' 65 \
    "$TICKS/000001.tsv:$(wc -c <whole):" das-load
cp whole "$TICKS/000001.tsv"

# ---- filing ----
: >"$TICKS/CLOSED"
down opt
fails 'cannot be filed while one is down' 75 "127.0.0.1:$port_opt" das-backup
server opt
ok 'files the day' das-backup
is 'options on their server' 0 340 at opt 'SELECT COUNT(*) FROM optdb.OPT7CE'
is 'the index on the first' 0 380 at nse 'SELECT COUNT(*) FROM nsedb.NIFTY'
for s in nse opt; do
	is "dailytable is empty on $s" 0 0 at $s \
	    'SELECT COUNT(*) FROM nsedb.dailytable'
	is "the day is known as filed on $s" 0 "$DAY" at $s \
	    'SELECT day FROM nsedb.das_filed'
done
is 'sql on the other' 0 'n	m
340	0' das-query -D optdb sql 'SELECT COUNT(*) AS n, (SELECT COUNT(*) FROM
    nsedb.dailytable) AS m FROM OPT7CE'
is 'a history' 0 340 sh -c \
    "das-query history OPT7CE $DAY $DAY | sed 1d | grep -c ."
# one server has let the day go, the other not yet
at nse 'DELETE FROM nsedb.das_filed'
ok 'a death between the two' das-backup
is 'takes nothing away' 0 340 at opt 'SELECT COUNT(*) FROM optdb.OPT7CE'
is 'and the day is filed' 0 "$DAY" at nse 'SELECT day FROM nsedb.das_filed'


# ---- the morning: views where their tables are ----
. "$SRC/tests/lists.sh"
printf 'Symbol,TableName\nNIFTY 50,NIFTY\nNIFTY26NOVFUT,NIFTYFUT\n' \
    >lookup/lookupTables_Nifty500.csv
{
	echo "$dump_head"
	spot 256265 'NIFTY 50' NSE
	spot 260105 'NIFTY BANK' NSE
	spot 265 SENSEX BSE
	future 1258 NIFTY26NOVFUT NIFTY 2026-11-24 NFO
	future 1514 BANKNIFTY26NOVFUT BANKNIFTY 2026-11-24 NFO
	future 1285 SENSEX26NOVFUT SENSEX 2026-11-26 BFO
	option 2306 NIFTY26NOV24000CE NIFTY 2026-11-24 24000 CE NFO
	option 2562 NIFTY26NOV24000PE NIFTY 2026-11-24 24000 PE NFO
	option 2818 BANKNIFTY26NOV50000PE BANKNIFTY 2026-11-24 50000 PE NFO
} >dump.csv
ok 'das-lookup' das-lookup -i dump.csv
# views SERVER: DATABASE.VIEW of it
views() {
	at "$1" "SELECT CONCAT(table_schema, '.', table_name) FROM
	    information_schema.views WHERE table_schema LIKE '%daily' ORDER BY 1"
}
is 'views of the first' 0 'nsedb_daily.NIFTY
nsedb_daily.NIFTYFUT' views nse
is 'views of the other' 0 'optdb_daily.BANKNIFTY26NOV50000PE
optdb_daily.NIFTY26NOV24000CE
optdb_daily.NIFTY26NOV24000PE' views opt
is 'which answer' 0 0 at opt 'SELECT COUNT(*) FROM optdb_daily.NIFTY26NOV24000CE'
done_testing
