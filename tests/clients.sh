# shellcheck shell=sh
# clients.sh - sourced behind spool.sh: a das-cast over a small market, for the
# programs that read it: NIFTY and BANKNIFTY at 25000 and 58000, two futures of
# each, calls and puts of two expiries, 100 points apart
market() {
	mkdir -p lookup
	awk -v OFS='\t' 'BEGIN {
		print "instrument_token", "exchange", "segment", "tradingsymbol",
		    "symbol", "name", "kind", "expiry", "strike", "lot_size",
		    "tick_size", "divisor", "TableName", "dbName"
		print 256265, "NSE", "INDICES", "NIFTY 50", "NIFTY 50",
		    "NIFTY 50", "index", "\\N", 0, 0, 0, 100, "NIFTY", "nsedb"
		print 260105, "NSE", "INDICES", "NIFTY BANK", "NIFTY BANK",
		    "NIFTY BANK", "index", "\\N", 0, 0, 0, 100, "BANKNIFTY", "nsedb"
		derive("NIFTY", 25000, 1); derive("BANKNIFTY", 58000, 2)
	}
	function row(n, x, name, kind, day, k, s) {
		print n * 256 + 2, "NFO", kind == "FUT" ? "NFO-FUT" : "NFO-OPT",
		    s, s, name, kind, day, k, 75, 0.05, 100, s, "optdb"
	}
	function derive(name, at, g,   i, d) {
		row(g * 1000 + 1, 0, name, "FUT", "2026-11-30", 0, name "30NOV26FUT")
		row(g * 1000 + 2, 0, name, "FUT", "2026-12-28", 0, name "28DEC26FUT")
		for (d = 24; d <= 30; d += 6)
			for (i = -8; i <= 8; i++) {
				row(g * 1000 + d * 10 + i + 100, 0, name, "CE", "2026-11-" d,
				    at + i * 100, name d "NOV26" at + i * 100 "CE")
				row(g * 1000 + d * 10 + i + 500, 0, name, "PE", "2026-11-" d,
				    at + i * 100, name d "NOV26" at + i * 100 "PE")
			}
	}' >lookup/instruments.tsv
	ltp_segment 000001
	snapshot 0 >>"$LTP/000001.tsv"
}
# snapshot N: a row of each, 5 s behind the last
snapshot() {
	awk -F '\t' -v n="$1" -v day="$DAY" 'NR > 1 {
		ts = sprintf("%sT%02d:%02d:%02d+00:00", day, 4 + n / 720,
		    n / 12 % 60, n * 5 % 60)
		if ($7 == "index")
			v = ($5 == "NIFTY 50" ? 25010 : 58030) + n ".5\t\\N\t\\N\t0" \
			    "\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N"
		else if ($7 == "FUT")
			v = 25100 + n ".25\t25100\t25101\t" 1000 + n "\t5000" \
			    "\t\\N\t\\N\t\\N\t\\N\t\\N"
		else
			v = 100 + n ".05\t99.5\t100.5\t" 20000000 + n "\t75000\t" \
			    ($7 == "CE" ? "" : "-") "0.4115\t0.0005\t-35.21\t10.64\t15.66"
		print $5 "\t" $1 "\t" ts "\t" v "\tws"
	}' lookup/instruments.tsv
}
# The configuration, and das-cast in the background; $cast, $port, $url
feed() {	# [KEY-VALUES]
	rm -f "$DAS_CONFIG"
	echo "{\"store\": \"sqlite\", \"castListen\": \"127.0.0.1:${port:-0}\",
	    \"castIntervalSeconds\": 1${1:+, $1}}" >"$DAS_CONFIG"
	chmod 600 "$DAS_CONFIG"
	rm -f log
	das-cast 2>log & cast=$!
	mine $cast
	wait_for 30 grep -q '^das-cast: listens' log || cat log >&2
	port=$(sed -n 's/.*listens on 127.0.0.1:\([0-9]*\).*/\1/p' log)
	url=ws://127.0.0.1:$port
	export url
}
# A certificate for localhost that trusts itself: cert.pem, key.pem.
certificate() {
	(umask 077; openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
	    -keyout key.pem -out cert.pem -subj /CN=localhost \
	    -addext subjectAltName=DNS:localhost 2>openssl.err)
}
unfeed() { kill $cast; wait $cast; }

# ---- a server that does as a script says (badticker.c) ----
row() {	# SYMBOL SEQ [DAY]
	printf 'text {"symbol":"%s","ts":"%sT04:00:00+00:00","ltp":1.50,"seq":%d}\n' \
	    "$1" "${3:-$DAY}" "$2"
}
subscribed() {	# [MEMBERS]
	printf 'wait 1\ntext {"type":"subscribed","symbols":1%s}\n' "${1:+,$1}"
}
server() {	# script on standard input
	cat >script
	rm -f ports asked
	badticker ports script asked & server=$!
	mine $server
	wait_for 10 test -s ports
	DAS_CASTURL=ws://127.0.0.1:$(cut -f 2 ports)
	url=$DAS_CASTURL
	export DAS_CASTURL url
}
unserver() { kill $server; wait $server; } 2>/dev/null
asked() {	# N: the Nth connection's messages
	awk -F '\t' -v n="$1" '$1 == n && $2 ~ /^{/ { print $2 }' asked
}
