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
# ---- options, in files by month ----
sqlite3 optdb-2025-12.db 'CREATE TABLE OPT9PE (timestamp TEXT, price REAL);
    INSERT INTO OPT9PE VALUES (1, 9.5)'
cp optdb-2025-12.db otherdb-2026-01.db
is 'an option by its database' 0 'n
10' das-query sql 'SELECT COUNT(*) AS n FROM optdb.OPT1CE'
is 'by its name alone' 0 'n
10' das-query sql 'SELECT COUNT(*) AS n FROM opt1ce'
is 'by its month' 0 'n
10' das-query sql 'SELECT COUNT(*) AS n FROM "optdb-2026-11".OPT1CE'
is 'of two months, and the index' 0 'n	m	o	k
10	10	1	500' das-query sql "SELECT (SELECT COUNT(*) FROM optdb.OPT1CE) AS n, (
    SELECT COUNT(*) FROM OptDB . [OPT2CE]) AS m, (SELECT COUNT(*) FROM
    \`optdb\`/* x */.OPT9PE WHERE price = 9.5) AS o, COUNT(*) AS k FROM
    dailytable, optdb.\"OPT3CE\" AS o3 WHERE o3.bq0 > 0 AND 'optdb.OPT4CE' <> '' LIMIT 10"
is 'of another database' 0 'n
1' das-query sql 'SELECT COUNT(*) AS n FROM otherdb.OPT9PE'
fails 'that it has not' 65 'otherdb.OPT1CE' das-query sql \
    'SELECT COUNT(*) FROM otherdb.OPT1CE'
fails 'a month that is not there' 65 'optdb-2020-01' das-query sql \
    'SELECT 1 FROM "optdb-2020-01".OPT1CE'
is 'nothing was made' 1 '' sh -c 'ls | grep 2020'
for m in 01 02 03 04 05 06 07 08 09 10 11; do
	sqlite3 "optdb-2024-$m.db" "CREATE TABLE OLD${m}CE (price REAL)"
done
fails 'of more files than SQLite takes' 65 'too many attached' das-query sql \
    "SELECT 1 FROM $(for m in 01 02 03 04 05 06 07 08 09 10 11; do
    printf '%sOLD%sCE' "$c" $m; c=,; done)"
fails 'a month cannot be written' 65 'only questions' das-query sql \
    'DELETE FROM optdb.OPT1CE'
fails 'not behind WITH either' 65 '' das-query sql \
    'WITH a AS (SELECT 1) DELETE FROM optdb.OPT1CE'
fails 'nor attached by hand' 65 'only questions' das-query sql \
    "ATTACH 'optdb-2024-01.db' AS x"
echo junk >optdb-2027-01.db
fails 'a file that is none' 65 'optdb-2027-01.db' das-query sql \
    'SELECT 1 FROM optdb.NEW1CE'
rm optdb-2027-01.db

is 'a database beside it' 0 'n
0' env DAS_NIFTY500DBNAME=nsedb das-query sql 'SELECT COUNT(*) AS n FROM nsedb.NIFTY'
for s in "ATTACH '/etc/passwd' AS x" 'PRAGMA query_only = 0' 'VACUUM' \
    'DROP TABLE dailytable' 'EXPLAIN SELECT 1'; do
	fails "no question: $s" 65 'only questions' das-query sql "$s"
done
fails 'no extension' 65 'not authorized' das-query sql \
    "SELECT load_extension('x')"
fails 'nor a tokenizer' 65 'not authorized' das-query sql \
    "SELECT fts3_tokenizer('simple')"
for s in 'randomblob(17000000)' 'hex(randomblob(9000000))'; do
	fails "no value without end: $s" 65 'too big' das-query sql "SELECT $s"
done
is 'JSON knows no infinity' 0 '[{"a":"Inf","b":"-Inf","c":1.5}]' das-query -o json \
    sql 'SELECT 1e999 AS a, -1e999 AS b, 1.5 AS c'
fails 'no table-valued pragma that writes' 65 '' das-query sql \
    "SELECT * FROM pragma_query_only(0)"
fails 'what takes too long' 75 'too long' das-query -s 1 sql \
    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)
    SELECT MAX(x) FROM c'
is 'a reader that leaves: the rest is not asked for' 0 '' sh -c "{ das-query -s 60 sql 'WITH RECURSIVE
    c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE
    n < 100000 OR n = -1' || echo \$? >&2; } 2>told | head -n 1 >/dev/null; cat told"
fails 'a full disk' 74 'standard output' sh -c 'das-query symbols >/dev/full'
is 'the store is as it was' 0 "550|50" sql "SELECT rows, (SELECT COUNT(*) FROM
    dailytable) FROM das_position"
done_testing
