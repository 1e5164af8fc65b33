# shellcheck shell=sh
# lists.sh - sourced by das-n500.t and das-lookup.t: made-up lists and dumps,
# and the real ones put together.
# shellcheck disable=SC2034 # for those who source this
tab=$(printf '\t')
mkdir etc
echo '{}' >etc/dasConfig.json

# nse N [SYMBOL,SERIES ...]: NSE's list, with N shares S001 ... and the others
nse() {
	echo 'Company Name,Industry,Symbol,Series,ISIN Code'
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "Company %d Ltd.,Things,S%03d,EQ,INE%09d\n", i, i, i }'
	shift
	for s in "$@"; do echo "Some Ltd.,Things,$s,INE000A00000"; done
}

dump_head='instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange'

# share TOKEN SYMBOL [EXCHANGE]
share() { echo "$1,1,$2,\"$2 LIMITED\",0,,0,0.05,1,EQ,${3:-NSE},${3:-NSE}"; }
# spot TOKEN SYMBOL EXCHANGE
spot() { echo "$1,1,$2,\"$2\",0,,0,0,0,EQ,INDICES,$3"; }
# future TOKEN SYMBOL NAME EXPIRY EXCHANGE
future() { echo "$1,1,$2,\"$3\",0,$4,0,0.05,65,FUT,$5-FUT,$5"; }
# option TOKEN SYMBOL NAME EXPIRY STRIKE KIND EXCHANGE
option() { echo "$1,1,$2,\"$3\",0,$4,$5,0.05,65,$6,$7-OPT,$7"; }

# dump [ROW ...]: indices, futures, shares S001 ... S500, a few options
dump() {
	echo "$dump_head"
	spot 256265 'NIFTY 50' NSE
	spot 260105 'NIFTY BANK' NSE
	spot 265 SENSEX BSE
	future 1002 NIFTY26DECFUT NIFTY 2026-12-29 NFO
	future 1258 NIFTY26NOVFUT NIFTY 2026-11-24 NFO
	future 1514 BANKNIFTY26NOVFUT BANKNIFTY 2026-11-24 NFO
	future 1770 BANKNIFTY26DECFUT BANKNIFTY 2026-12-29 NFO
	future 1285 SENSEX26NOVFUT SENSEX 2026-11-26 BFO
	awk 'BEGIN { for (i = 1; i <= 500; i++)
		printf "%d,1,S%03d,\"S%03d \303\211T\303\211\",0,,0,0.05,1,EQ,NSE,NSE\n",
		    i * 256 + 1, i, i }'
	for r in "$@"; do echo "$r"; done
}

# real NAME ...: rows of the real dumps of these names under one header, the
# index column of pandas taken away
real() {
	for r in "$@"; do
		gzip -dc "$SHARED/instruments/kite-$r.csv.gz"
	done | tr -d '\r' | awk '/instrument_token/ {
		cut = /^,/; if (cut) sub(/^,/, ""); if (!n++) print; next }
		{ if (cut) sub(/^[0-9]+,/, ""); print }'
}
