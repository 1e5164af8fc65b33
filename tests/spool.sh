# shellcheck shell=sh
# spool.sh - sourced behind tap.sh by tests that need a day in the spool: a
# configuration, instruments, and rows of topic ticks made by awk.
DAY=2026-11-23 TAB=$(printf '\t')
DAS_CLOCK=${DAY}T16:00:00+05:30
DAS_CONFIG=$T/dasConfig.json
export DAS_CLOCK DAS_CONFIG
TICKS=spool/$DAY/ticks
COLS=$(echo seq recvTime conn flag instrument_token tradingsymbol timestamp \
    price qty avgPrice volume bQty sQty open high low close changeper \
    lastTradeTime oi oiHigh oiLow bq0 bp0 bo0 bq1 bp1 bo1 bq2 bp2 bo2 bq3 bp3 \
    bo3 bq4 bp4 bo4 sq0 sp0 so0 sq1 sp1 so1 sq2 sp2 so2 sq3 sp3 so3 sq4 sp4 \
    so4 | tr ' ' "$TAB")

# The configuration; dataDir is the test's directory.
echo '{"store": "sqlite", "retryCount": 2, "retryDelaySeconds": 0}' >"$DAS_CONFIG"
chmod 600 "$DAS_CONFIG"

# instruments N: NIFTY (an index) and N options, tokens 256265, 258, 514 ...
instruments() {
	mkdir -p lookup
	awk -v n="$1" -v OFS='\t' 'BEGIN {
		print "instrument_token", "exchange", "segment", "tradingsymbol",
		    "symbol", "name", "kind", "expiry", "strike", "lot_size",
		    "tick_size", "divisor", "TableName", "dbName"
		for (i = 1; i <= n; i++)
			print i * 256 + 2, "NFO", "NFO-OPT", "OPT" i "CE",
			    "SYM" i "CE", "NIFTY", "CE", "2026-11-24", 100 + i,
			    75, 0.05, 100, "OPT" i "CE", "optdb"
		print 256265, "NSE", "INDICES", "NIFTY 50", "NIFTY 50",
		    "NIFTY 50", "index", "\\N", 0, 0, 0, 100, "NIFTY", "nsedb"
	}' >lookup/instruments.tsv
}

# rows FIRST LAST N: rows of those seq over N options, N of them a second
rows() {
	awk -v from="$1" -v to="$2" -v n="$3" -v day="$DAY" 'BEGIN {
		for (i = from; i <= to; i++) {
			k = (i - 1) % n + 1
			s = 33300 + int((i - 1) / n)
			t = sprintf("%s %02d:%02d:%02d", day, s / 3600,
			    s / 60 % 60, s % 60)
			printf "%d\t%s.%06d\t1\t-\t%d\tOPT%dCE\t%s\t%.2f\t75\t" \
			    "100.25\t%.0f\t10\t20\t99.5\t102\t98.05\t100\t0.5\t%s\t" \
			    "7\t8\t6", i, t, i % 1000000, k * 256 + 2, k, t,
			    100 + i % 1000 / 20, 2147483648 + i, t
			for (j = 0; j < 10; j++)
				printf "\t%d\t%.2f\t%d", i + j, 100 - j / 20, j
			print ""
		}
	}'
}

# segment N: begins one
segment() {
	mkdir -p "$TICKS"
	printf '%s\n' "$COLS" >"$TICKS/$1.tsv"
}

# ltp_rows FIRST LAST N: rows of topic ltp, of N options and a snapshot of them
# every 5 s; and ltp_segment N: begins one
LTP=spool/$DAY/ltp
ltp_segment() {
	mkdir -p "$LTP"
	echo symbol token ts ltp bid ask volume oi delta gamma theta vega iv \
	    source | tr ' ' "$TAB" >"$LTP/$1.tsv"
}
ltp_rows() {
	awk -v from="$1" -v to="$2" -v n="$3" -v day="$DAY" 'BEGIN {
		for (i = from; i <= to; i++) {
			k = (i - 1) % n + 1
			s = 13500 + 5 * int((i - 1) / n)
			printf "SYM%dCE\t%d\t%sT%02d:%02d:%02d+00:00\t%.2f\t" \
			    "99.95\t100.05\t%.0f\t%d\t0.51234567\t" \
			    "0.0001234567\t-10.123456\t12.654321\t13.5\tws\n",
			    k, k * 256 + 2, day, s / 3600, s / 60 % 60, s % 60,
			    100 + i % 1000 / 20, 2147483648 + i, i * 75
		}
	}'
}

sql() { sqlite3 -cmd '.timeout 10000' das.db "$@"; }
# The main tables: of the options of instruments(), and of NIFTY.
options() { sqlite3 -cmd '.timeout 10000' optdb-2026-11.db "$@"; }
nse() { sqlite3 -cmd '.timeout 10000' nsedb.db "$@"; }
