# chains.awk - a recorded option chain as a day of DAS: from the forms that the
# shared data has to instruments, rows of topic ticks, and what was published
#
# -v form=	nse	rows of NIFTY-flat-*.csv
#		nsejson	an answer of /api/option-chain, RS="{"
#		upstox	a REST chain, indented; -v day= -v at= its time
#		full_d5	rows of one option; -v symbol= -v token=, every minute
#		kite	a snapshot in full mode
# -v dir=	instruments, ticks and published are appended to there
#
# published: token ts(UTC) spot iv delta gamma theta vega ltp volume, iv in percent
BEGIN {
	OFS = "\t"
	if (form ~ /^(nse|full_d5|kite)$/)
		FS = ","
	split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", m, " ")
	for (i = 1; i <= 12; i++) {
		month[m[i]] = sprintf("%02d", i)
		month[toupper(m[i])] = month[m[i]]
	}
	spot["NIFTY"] = 256265; name_of["NIFTY"] = "NIFTY 50"
	spot["BANKNIFTY"] = 260105; name_of["BANKNIFTY"] = "NIFTY BANK"
	spot["SENSEX"] = 265; name_of["SENSEX"] = "SENSEX"
}
function utc(t,	h, min) {	# of "YYYY-MM-DD HH:MM:SS", 05:30 or later
	h = substr(t, 12, 2) - 5
	min = substr(t, 15, 2) - 30
	if (min < 0) { min += 60; h-- }
	return sprintf("%sT%02d:%02d:%s+00:00", substr(t, 1, 10), h, min,
	    substr(t, 18, 2))
}
function instrument(tok, ex, seg, sym, name, kind, expiry, strike) {
	if (known[tok]++)
		return
	print tok, ex, seg, sym, sym, name, kind, expiry, strike, 75, 0.05,
	    100, "T" tok, "db" >(dir "/instruments")
}
function num(x) { return x == "" || x == "-" ? 0 : x + 0 }
function index_tick(under, t, price) {
	instrument(spot[under], under == "SENSEX" ? "BSE" : "NSE", "INDICES",
	    name_of[under], name_of[under], "index", "\\N", 0)
	printf "%s\t-\t%d\t%s\t%s\t%.2f\t0\t0\t0\t0\t0\t0\n", t, spot[under],
	    name_of[under], t, price >(dir "/ticks")
}
# expiry YYYY-MM-DD, t "YYYY-MM-DD HH:MM:SS"
function option(under, expiry, strike, kind, t,	key, ex) {
	key = under " " expiry " " strike + 0 kind
	if (!(key in token_of)) {
		token_of[key] = token != "" ? token : (++made + 100) * 256 + 2
		ex = under == "SENSEX" ? "BFO" : "NFO"
		instrument(token_of[key], ex, ex "-OPT", key, under, kind,
		    expiry, strike)
	}
	printf "%s\t-\t%d\t%s\t%s\t%.2f\t%d\t%d\t%d\t%.2f\t%d\t%.2f\n", t,
	    token_of[key], key, t, ltp, volume, oi, bq, bid, aq,
	    ask >(dir "/ticks")
	print token_of[key], utc(t), last_spot, iv, delta, gamma, theta, vega,
	    ltp, volume >(dir "/published")
	delta = gamma = theta = vega = iv = ""
}

FS == "," && FNR == 1 {
	for (i = 1; i <= NF; i++)
		c[$i] = i
	next
}
form == "nse" {
	t = $c["timestamp"]; sub("T", " ", t)
	last_spot = $c["underlying"]
	if (t != before)
		index_tick("NIFTY", t, last_spot)
	before = t
	iv = $c["iv"]; ltp = num($c["ltp"]); volume = $c["volume"]
	oi = $c["oi"]; bid = $c["bid"]; ask = $c["ask"]
	bq = $c["bid_qty"]; aq = $c["ask_qty"]
	option("NIFTY", $c["expiry"], $c["strike"], $c["type"], t)
}
function field(key,	s) {	# of a JSON object in $0
	if (!match($0, "\"" key "\": *\"?[^,\"}]*"))
		return ""
	s = substr($0, RSTART, RLENGTH)
	sub(/^[^:]*: *"?/, "", s)
	gsub(/[ \n]+$/, "", s)
	return s
}
form == "nsejson" && /"identifier"/ {
	split(field("expiryDate"), d, "-")
	key = field("identifier")
	if (seen[key]++)	# the answer has them twice
		next
	kind = key ~ /CE[0-9.]+$/ ? "CE" : "PE"
	under = field("underlying")
	last_spot = field("underlyingValue")
	if (!before++)
		index_tick(under, at, last_spot)
	iv = field("impliedVolatility"); ltp = num(field("lastPrice"))
	volume = num(field("totalTradedVolume")); oi = field("openInterest")
	bid = num(field("bidprice")); ask = num(field("askPrice"))
	bq = field("bidQty"); aq = field("askQty")
	option(under, d[3] "-" month[d[2]] "-" d[1], field("strikePrice"), kind,
	    at)
}
form == "upstox" {
	gsub(/[",]/, "")
	k = $1; v = $2
	if (k == "expiry:") expiry = v
	else if (k == "strike_price:") strike = v
	else if (k == "underlying_spot_price:") {
		last_spot = v
		if (!before++)
			index_tick("NIFTY", at, v)
	} else if (k == "call_options:") kind = "CE"
	else if (k == "put_options:") kind = "PE"
	else if (k == "ltp:") ltp = v
	else if (k == "volume:") volume = v
	else if (k == "oi:") oi = v
	else if (k == "bid_price:") bid = v
	else if (k == "bid_qty:") bq = v
	else if (k == "ask_price:") ask = v
	else if (k == "ask_qty:") aq = v
	else if (k == "vega:") vega = v
	else if (k == "theta:") theta = v
	else if (k == "gamma:") gamma = v
	else if (k == "delta:") delta = v
	else if (k == "iv:") iv = v
	else if (k == "}" && iv != "")
		option("NIFTY", expiry, strike, kind, at)
}
form == "full_d5" {
	t = substr($c["insertion_time"], 1, 19)
	if (substr(t, 1, 16) == before)
		next
	before = substr(t, 1, 16)
	t = before ":00"
	ltp = $c["ltp"]; volume = $c["vtt"]; oi = $c["oi"]
	iv = $c["iv"] * 100; delta = $c["delta"]; gamma = $c["gamma"]
	theta = $c["theta"]; vega = $c["vega"]
	bid = $c["bidp1"]; bq = $c["bidq1"]; ask = $c["askp1"]; aq = $c["askq1"]
	option("BANKNIFTY", "2025-12-30", substr(symbol, 15, 5),
	    substr(symbol, 20), t)
}
form == "kite" {
	if ($c["Row Type"] == "SPOT") {
		last_spot = $c["Last Price"]
		index_tick($c["Index"], at, last_spot)
	}
	if ($c["Row Type"] != "OPTION")
		next
	ltp = $c["Last Price"]; volume = $c["Volume"]; oi = $c["OI"]
	bid = $c["Best Bid Price"]; bq = $c["Best Bid Qty"]
	ask = $c["Best Ask Price"]; aq = $c["Best Ask Qty"]
	iv = "\\N"
	token = $c["Instrument Token"]
	option($c["Index"], $c["Expiry"], $c["Strike"], $c["Option Type"], at)
}
