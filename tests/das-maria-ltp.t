#!/bin/sh
# das-maria-ltp.t - topic ltp goes into MariaDB: the same rows as into SQLite
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/mariadb.sh"
SQLITE=$T/sqlite.json
cp "$DAS_CONFIG" "$SQLITE"
db_start --local-infile=ON
db_user
fresh() {
	rm -rf spool ./*.db*
	msql 'DROP DATABASE IF EXISTS nsedb'
	ltp_segment 000001
}
# loaded NAME ROWS TICKS MINUTES: what the server says
loaded() {
	is "$1" 0 "$2|0|$3|$4" msql "SELECT \`rows\`, kept_out, (SELECT count(*)
	    FROM ltp_ticks), (SELECT count(*) FROM oi_snapshots)
	    FROM das_position WHERE day = '$DAY' AND topic = 'ltp'" nsedb
}
# both tables, as text that both stores give alike
greeks='ROUND(delta * 100000000), ROUND(gamma * 10000000000), ROUND(theta * 1000000),
    ROUND(vega * 1000000), ROUND(iv * 100000000)'
of_maria() {
	msql "SET time_zone = '+00:00'; SELECT symbol, token,
	    DATE_FORMAT(ts, '%Y-%m-%dT%H:%i:%s.%f'), ROUND(ltp * 100),
	    ROUND(bid * 100), ROUND(ask * 100), volume, oi, $greeks, source
	    FROM ltp_ticks ORDER BY symbol, ts; SELECT symbol, token,
	    DATE_FORMAT(ts, '%Y-%m-%dT%H:%i:%s.%f'), oi, volume, $greeks
	    FROM oi_snapshots ORDER BY symbol, ts" nsedb | sed 's/NULL//g'
}
of_sqlite() {
	ts="substr(replace(ts, '+00:00', CASE WHEN length(ts) = 25 THEN '.000000'
	    ELSE '000' END), 1, 26)"
	sqlite3 ltp.db "SELECT symbol, token, $ts, ROUND(ltp * 100),
	    ROUND(bid * 100), ROUND(ask * 100), volume, oi, $greeks, source
	    FROM ltp_ticks ORDER BY symbol, ts; SELECT symbol, token, $ts, oi,
	    volume, $greeks FROM oi_snapshots ORDER BY symbol, ts" |
	    sed 's/\.0\(|\|$\)/\1/g; s/\.0\(|\|$\)/\1/g'
}
some_rows() {
	ltp_rows 1 2000 50
	printf 'NIFTY 50\t256265\t%sT03:45:00.250+00:00\t26000.05' "$DAY"
	printf '\t\\N\t\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n'
	printf 'FUT\t300\t%sT23:59:59.123456+00:00\t26010\t26009.9' "$DAY"
	printf '\t26010.1\t3000000000\t4000000000\t\\N\t\\N\t\\N\t\\N\t\\N\tapi\n'
	ltp_rows 1 1 50 | sed 's/41325/1/; s/	100.05	2147/	777.25	2147/'
}

fresh; some_rows >>"$LTP/000001.tsv"
fails 'loads' 0 "$DAY: 2003 rows of ltp, 0 kept out, 1 batches" das-load ltp
loaded 'counted' 2003 2002 201
ok 'the same into SQLite' das-load -c "$SQLITE" ltp
is 'both stores have the same rows' 0 "$(of_sqlite)" of_maria
is 'times are instants: in the market it is 05:30 more' 0 \
    '2026-11-23 09:15:00.250000' msql "SET time_zone = '+05:30'; SELECT ts
    FROM ltp_ticks WHERE symbol = 'NIFTY 50'" nsedb
is 'the types of the original' 0 \
    'bigint(20)|varchar(64)|varchar(32)|timestamp(6)|double|double|double|bigint(20)|bigint(20)|double|double|double|double|double|varchar(16)' \
    sh -c "mariadb --no-defaults -S '$SOCK' -u root -N -B -e \"SELECT column_type
    FROM information_schema.columns WHERE table_name = 'ltp_ticks'
    ORDER BY ordinal_position\" | paste -sd '|'"
is 'and nothing of the ticks' 0 0 msql "SELECT count(*)
    FROM information_schema.tables WHERE table_name = 'dailytable'"
fails 'nothing is loaded twice' 0 '0 rows of ltp' das-load ltp
ltp_rows 1 50 50 | sed 's/ws$/api/' >>"$LTP/000001.tsv"
ok 'again' das-load ltp
loaded 'in the place of the older' 2053 2002 201
is 'the latest row wins' 0 50 msql "SELECT count(*) FROM ltp_ticks
    WHERE source = 'api' AND symbol <> 'FUT'" nsedb

# ---- a row that cannot be stored; the original's table ----
fresh; ltp_rows 1 50 50 >>"$LTP/000001.tsv"
at=$(wc -c <"$LTP/000001.tsv")
ltp_rows 51 51 50 | sed 's/	99.95	/	abc	/' >>"$LTP/000001.tsv"
fails 'a price that is none' 65 "$LTP/000001.tsv:$at" das-load ltp
is 'nothing of its batch is there' 0 0 msql 'SELECT count(*) FROM ltp_ticks' nsedb
fresh; ltp_rows 1 100 50 >>"$LTP/000001.tsv"
msql "CREATE DATABASE nsedb; CREATE TABLE nsedb.ltp_ticks (id BIGINT AUTO_INCREMENT
    PRIMARY KEY, symbol VARCHAR(64) NOT NULL, token VARCHAR(32) NOT NULL,
    ts TIMESTAMP(6) NOT NULL, ltp DOUBLE, bid DOUBLE, ask DOUBLE, volume BIGINT,
    oi BIGINT, delta DOUBLE, gamma DOUBLE, theta DOUBLE, vega DOUBLE, iv DOUBLE,
    source VARCHAR(16) DEFAULT 'ws', UNIQUE KEY u (symbol, ts), INDEX (ts))"
ok "the original's table" das-load ltp
loaded 'is taken as it is' 100 100 50
fresh
msql "CREATE DATABASE nsedb; CREATE TABLE nsedb.oi_snapshots (symbol VARCHAR(64))"
ltp_rows 1 100 50 >>"$LTP/000001.tsv"
fails 'one with other columns' 65 'oi_snapshots: no column token' das-load ltp

# ---- without LOAD DATA LOCAL ----
db_stop; db_start --local-infile=OFF
fresh; some_rows >>"$LTP/000001.tsv"
fails 'says that it is slower' 0 'local_infile = ON' das-load ltp
loaded 'counted the same' 2003 2002 201
ok 'SQLite once more' das-load -c "$SQLITE" ltp
is 'and the same rows' 0 "$(of_sqlite)" of_maria
done_testing
