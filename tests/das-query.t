#!/bin/sh
# das-query.t - questions to the store; das-maria.t has the same over MariaDB
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/query.sh"

instruments 50
fails 'no store yet' 66 'das.db' das-query latest OPT1CE
segment 000001; rows 1 500 50 >>"$TICKS/000001.tsv"; : >"$TICKS/CLOSED"
ok 'a day' das-load
questions
sql "CREATE VIEW OPT1CE_daily AS SELECT timestamp, price FROM dailytable WHERE
    instrument_token IN (258)"
is 'a view' 0 'COUNT(*)
10' das-query sql 'SELECT COUNT(*) FROM OPT1CE_daily'
ok 'a filed day' das-backup
filed_questions
is 'a database beside it' 0 'n
0' env DAS_NIFTY500DBNAME=nsedb das-query sql 'SELECT COUNT(*) AS n FROM nsedb.NIFTY'
for s in "ATTACH '/etc/passwd' AS x" 'PRAGMA query_only = 0' 'VACUUM' \
    'DROP TABLE dailytable' 'EXPLAIN SELECT 1'; do
	fails "no question: $s" 65 'only questions' das-query sql "$s"
done
fails 'no extension' 65 'not authorized' das-query sql \
    "SELECT load_extension('x')"
fails 'no table-valued pragma that writes' 65 '' das-query sql \
    "SELECT * FROM pragma_query_only(0)"
fails 'what takes too long' 75 'too long' das-query -s 1 sql \
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
    SELECT MAX(x) FROM c'
fails 'a full disk' 74 'standard output' sh -c 'das-query symbols >/dev/full'
is 'the store is as it was' 0 "550|50" sql "SELECT rows, (SELECT COUNT(*) FROM
    dailytable) FROM das_position"
done_testing
