#!/bin/sh
# real-chains.t - recorded option chains of NSE, Upstox and Kite: our figures
# against the published ones, and calls against puts
#
# Each chain becomes a day of DAS (chains.awk) and goes through das-greeks.  The
# table that comes out is that of das-greeks(1); prove -v shows it.
. "$(dirname "$0")/tap.sh"

D=$SHARED/greeks K=$SHARED/ticks TAB=$(printf '\t')
if [ ! -d "$D/nse-option-chain" ]; then
	skip 'recorded chains' 'no shared data'
	done_testing
	exit 0
fi
INST=$(echo instrument_token exchange segment tradingsymbol symbol name kind \
    expiry strike lot_size tick_size divisor TableName dbName | tr ' ' "$TAB")
TICK=$(echo recvTime flag instrument_token tradingsymbol timestamp price volume \
    oi bq0 bp0 sq0 sp0 | tr ' ' "$TAB")
DAS_CLOCK=2026-11-23T16:00:00+05:30
export DAS_CLOCK

# figures NAME DAY [RATE]: NAME/x.tsv from what chains.awk has put into NAME
figures() {
	mkdir -p "$1/lookup"
	{ echo "$INST"; cat "$1/instruments"; } >"$1/lookup/instruments.tsv"
	{ echo "$TICK"; sort -s -t "$TAB" -k 1,1 "$1/ticks"; } >"$1/ticks.tsv"
	echo '{"store": "sqlite", "castSymbols": "all"}' >"$1/dasConfig.json"
	chmod 600 "$1/dasConfig.json"
	das-greeks -c "$1/dasConfig.json" -d "$2" -r "${3:-0}" -e -x \
	    "$1/ticks.tsv" >"$1/x.tsv" 2>"$1/err" || cat "$1/err" >&2
}

# agreement NAME BAND: of the liquid strikes how many, and in which part call and
# put have one volatility.  Liquid: both were traded that day and have quotes
# good enough for a volatility, the strike is within BAND of the forward.  One:
# they differ by no more than half of both spreads and the uncertainty of the
# forward let them.
agreement() {
	awk -F '\t' -v band="$2" '
	NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$c["kind"] !~ /^(CE|PE)$/ || $c["iv_status"] != "OK" ||
	    $c["volume"] + 0 <= 0 || $c["iv_unc"] == "\\N" ||
	    $c["forward_unc"] == "\\N" || $c["vega"] == "\\N" { next }
	{
		m = $c["strike"] / $c["forward"] - 1
		if (m > band || m < -band)
			next
		key = $c["ts"] " " $c["expiry"] " " $c["strike"]
		if (!(key in iv)) {
			iv[key] = $c["iv"]; unc[key] = $c["iv_unc"]
			vega[key] = $c["vega"]
			next
		}
		d = iv[key] - $c["iv"]
		v = vega[key] < $c["vega"] ? vega[key] : $c["vega"]
		n++
		ok += (d < 0 ? -d : d) <= unc[key] + $c["iv_unc"] + \
		    $c["forward_unc"] / v
	}
	END { printf "%d\t%.4f\n", n, n ? ok / n : 0 }' "$1/x.tsv"
}

# joined NAME BAND: rows of both: kind F S K T ltp mid iv_pub iv and the greeks,
# ours and theirs; those traded that day, within BAND of the forward
joined() {
	awk -F '\t' -v OFS='\t' -v band="$2" '
	NR == FNR { pub[$1 " " $2] = $0; next }
	FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
	$c["kind"] !~ /^(CE|PE)$/ || $c["forward"] == "\\N" ||
	    $c["volume"] + 0 <= 0 { next }
	{
		m = $c["strike"] / $c["forward"] - 1
		key = $c["token"] " " $c["ts"]
		if (m > band || m < -band || !(key in pub))
			next
		split(pub[key], p, "\t")
		if (p[4] + 0 <= 0 || p[9] + 0 <= 0)
			next
		print $c["kind"], $c["forward"], p[3], $c["strike"],
		    $c["tte"], p[9], $c["price"], p[4], $c["iv"],
		    $c["delta"], p[5], $c["gamma"], p[6], $c["theta"], p[7],
		    $c["vega"], p[8]
	}' "$1/published" "$1/x.tsv"
}

# median of the numbers on standard input
median() {
	sort -g | awk '{ v[NR] = $1 } END { printf "%.5f\n", NR ? v[int((NR + 1) / 2)] : 99 }'
}
# column A less column B of rows, as they are or without sign
less() { awk -F '\t' -v a="$1" -v b="$2" '$a != "\\N" && $b != "\\N" { printf "%.9f\n", $a - $b }'; }
less_abs() { less "$1" "$2" | awk '{ printf "%.9f\n", $1 < 0 ? -$1 : $1 }'; }

# refit CONVENTION: of joined rows the medians of what the volatility becomes by
# the publisher's way less what was published: nse: the spot, 10 %, last price;
# forward, spot: r = 0, last price
refit() {
	awk -F '\t' -v OFS='\t' -v how="$1" 'BEGIN {
		print "type", "F", "K", "T", "r", "price" }
	{ r = how == "nse" ? 0.1 : 0
	  f = how == "forward" ? $2 : $3 * exp(r * $5)
	  printf "%s\t%.17g\t%s\t%s\t%s\t%s\n", $1, f, $4, $5, r, $6 }' rows >q
	das-greeks -1 -x <q | tail -n +2 | cut -f 8 >iv
	cut -f 8 rows | paste iv - | less_abs 1 2 | median
}

below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a <= b) }'; }
above() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }'; }

printf '# %-18s %8s %7s %8s %8s %8s\n' source strikes agree calls puts refit
# line NAME LABEL BAND CONVENTION: the table's row, and its tests
line() {
	agreement "$1" "$3" >a
	joined "$1" "$3" >rows
	ce=$(grep ^CE rows | less 9 8 | median)
	pe=$(grep ^PE rows | less 9 8 | median)
	fit=-
	[ -z "$4" ] || fit=$(refit "$4")
	printf '# %-18s %8d %7.4f %8.3f %8.3f %8s\n' "$2" "$(cut -f 1 a)" \
	    "$(cut -f 2 a)" "$ce" "$pe" "$fit"
	ok "$2: call and put agree" above "$(cut -f 2 a)" 0.95
	ok "$2: there are some" above "$(cut -f 1 a)" 14
}

# ---- NSE, 2022, at the close ----
for f in BANKNIFTY:2022-03-28 BANKNIFTY:2022-04-27 NIFTY:2022-03-24; do
	day=${f#*:} name=${f%:*}
	mkdir "$f"
	zcat "$D/nse-option-chain/$name-${day}T15-30-00.json.gz" |
	    awk -v RS='{' -v form=nsejson -v dir="$f" -v at="$day 15:30:00" \
	    -f "$SRC/tests/chains.awk"
	figures "$f" "$day"
	line "$f" "NSE $f" 0.02 nse
	case $f in
	*04-27) ok "$f: their way gives theirs, but for the spot" below "$fit" 0.6 ;;
	*) ok "$f: their way gives theirs" below "$fit" 0.005 ;;
	esac
done

# ---- NSE, three expiry days of 2025, while it trades ----
mkdir nse
zcat "$D"/nse-option-chain/NIFTY-flat-*.csv.gz |
    awk -v form=nse -v dir=nse -f "$SRC/tests/chains.awk"
figures nse 2025-12-02
line nse 'NSE 2025 1% r=0' 0.01 nse
ok 'NSE 2025: their way gives theirs' below "$fit" 0.15
ok 'calls are above theirs' above "$ce" 0.1
ok 'and puts below' below "$pe" -0.1
figures nse 2025-12-02 0.065
line nse 'NSE 2025 2% r=6.5%' 0.02 nse

# ---- Upstox, REST: at the close, and 70 minutes before an expiry ----
for f in '2024-06-20 14:20:15|exp2024-06-20-spot23593.5' \
    '2024-06-21 15:30:00|exp2024-06-27-spot23501.1' \
    '2024-06-26 15:30:00|exp2024-06-27-spot23868.8' \
    '2024-07-19 15:30:00|exp2024-07-25-spot24530.9'; do
	at=${f%|*} name=${f#*|} day=${f%% *}
	mkdir "$name"
	awk -v form=upstox -v dir="$name" -v at="$at" \
	    -f "$SRC/tests/chains.awk" \
	    "$D/upstox-option-chain/NIFTY-$name.json"
	figures "$name" "$day"
	line "$name" "Upstox $day" 0.02 forward
	case $day in
	*06-20) continue ;;	# its forward is off: see the page
	esac
	ok "$day: their way gives theirs" below "$fit" 0.15
	ok "$day: delta" below "$(less_abs 10 11 <rows | median)" 0.002
	ok "$day: gamma" below "$(less_abs 12 13 <rows | median)" 0.00006
	ok "$day: theta" below "$(less_abs 14 15 <rows | median)" 0.4
	ok "$day: vega" below "$(less_abs 16 17 <rows | median)" 0.03
	case $day in
	*06-2*) ok "$day: the spot would not" above "$(refit spot)" 0.4 ;;
	esac
done

# A future of that expiry which nobody trades, 5 % wide, changes no figure; one as
# close as they are does.
for spread in 1200 2; do
	name=exp2024-06-27-spot23868.8
	mkdir "fut$spread"
	for part in instruments ticks published; do
		cp "$name/$part" "fut$spread"
	done
	printf '7\tNFO\tNFO-FUT\tF\tF\tNIFTY\tFUT\t2024-06-27\t0\t25\t0.05\t100\tF\tdb\n' \
	    >>"fut$spread/instruments"
	awk -v s="$spread" -F '\t' -v OFS='\t' 'NR == 1 {
		print $1, "-", 7, "F", $5, 23900, 1, 1, 25, 23900 - s / 2, 25,
		    23900 + s / 2 } { print }' "$name/ticks" >"fut$spread/ticks"
	figures "fut$spread" 2024-06-26
	grep -v '^F' "fut$spread/x.tsv" >"fut$spread/options"
done
ok 'a wide future: the same figures' cmp fut1200/options "$name/x.tsv"
is 'a close one: the forward is its' 0 1 sh -c "cut -f 15-16 fut2/options |
    grep -c '^23900${TAB}FUT\$' | awk '{ print (\$1 > 100) }'"

# ---- Upstox, the feed: a session of nine options, minute by minute ----
mkdir feed
for f in "$K"/upstox-full_d5-2025-12-15/BANKNIFTY*.csv.gz; do
	symbol=${f##*/} symbol=${symbol%.csv.gz}
	token=$(awk -F , -v s="$symbol" '$1 == s { print $4 }' \
	    "$K/upstox-full_d5-2025-12-15/INDEX.csv")
	mkdir one
	zcat "$f" | awk -v form=full_d5 -v dir=one -v symbol="$symbol" \
	    -v token="$token" -f "$SRC/tests/chains.awk"
	for part in instruments ticks published; do
		cat one/$part >>feed/$part
	done
	rm -r one
done
figures feed 2025-12-15
line feed 'Upstox feed' 0.02 ''
ok 'feed: volatility' below "$(less_abs 9 8 <rows | median)" 0.1
ok 'feed: delta' below "$(less_abs 10 11 <rows | median)" 0.003
ok 'feed: vega' below "$(less_abs 16 17 <rows | median)" 0.1

# ---- Kite, three indices on an expiry day ----
mkdir kite
awk -v form=kite -v dir=kite -v at='2026-05-05 14:04:37' \
    -f "$SRC/tests/chains.awk" "$K"/kite-full-snapshots-2026-05/*.csv
figures kite 2026-05-05
agreement kite 0.02 >a
printf '# %-18s %8d %7.4f %8s %8s %8s\n' 'Kite 2026-05-05' "$(cut -f 1 a)" \
    "$(cut -f 2 a)" - - -
ok 'Kite: call and put agree' above "$(cut -f 2 a)" 0.95
ok 'Kite: there are some' above "$(cut -f 1 a)" 50
ok 'Kite: all three indices' sh -c 'grep -c "OK" kite/x.tsv >/dev/null &&
    for k in NIFTY BANKNIFTY SENSEX; do
	grep "^$k " kite/x.tsv | grep -q "${0}own$0" || exit 1
    done' "$TAB"
is 'no number that is none in any of them' 1 '' grep -lE "${TAB}-?(nan|inf)" \
    nse/x.tsv kite/x.tsv feed/x.tsv exp2024-06-20-spot23593.5/x.tsv
done_testing
