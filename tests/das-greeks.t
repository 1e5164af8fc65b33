#!/bin/sh
# das-greeks.t - a day of ticks made by awk: offline, live, killed and archived it
# must give the same bytes; and the calculator
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"

LTP=spool/$DAY/ltp

# An index, a future, and calls and puts at nine strikes, one of them decimal.
market() {
	mkdir -p lookup
	awk -v OFS='\t' 'BEGIN {
		print "instrument_token", "exchange", "segment", "tradingsymbol",
		    "symbol", "name", "kind", "expiry", "strike", "lot_size",
		    "tick_size", "divisor", "TableName", "dbName"
		for (k = 0; k < 9; k++) {
			strike = 25800 + 50 * k + (k == 3 ? 0.5 : 0)
			for (c = 0; c < 2; c++) {
				kind = c ? "PE" : "CE"
				print (10 + 2 * k + c) * 256 + 2, "NFO",
				    "NFO-OPT", "NIFTY26NOV" strike kind,
				    "NIFTY24NOV26" strike kind, "NIFTY", kind,
				    "2026-11-24", strike, 75, 0.05, 100,
				    "NIFTY26NOV" k kind, "optdb"
			}
		}
		print 1026, "NFO", "NFO-FUT", "NIFTY26DECFUT",
		    "NIFTY29DEC26FUT", "NIFTY", "FUT", "2026-12-29", 0, 75,
		    0.05, 100, "NIFTYFUT", "nsedb"
		print 256265, "NSE", "INDICES", "NIFTY 50", "NIFTY 50",
		    "NIFTY 50", "index", "\\N", 0, 0, 0, 100, "NIFTY", "nsedb"
	}' >lookup/instruments.tsv
}

# ticks FIRST LAST: rows of those seq, four a second, of the market in turn
ticks() {
	awk -v from="$1" -v to="$2" -v day="$DAY" 'BEGIN {
		srand(1)
		for (i = from; i <= to; i++) {
			s = 33300 + int(i / 4)
			t = sprintf("%s %02d:%02d:%02d", day, s / 3600,
			    s / 60 % 60, s % 60)
			f = 26000 + 30 * sin(i / 400)
			n = i % 20
			k = int((n - 2) / 2)
			strike = 25800 + 50 * k + (k == 3 ? 0.5 : 0)
			call = 60 * exp(-((f - strike) / 150) ^ 2) + \
			    (f > strike ? f - strike : 0) + 0.05
			token = n == 0 ? 256265 : n == 1 ? 1026 : \
			    (10 + n - 2) * 256 + 2
			p = n == 0 ? f - 12 : n == 1 ? f + 200 : \
			    n % 2 == 0 ? call : call - f + strike
			printf "%d\t%s.%06d\t1\t-\t%d\t%s\t%s\t%.2f\t75\t%.2f\t" \
			    "%d\t10\t20\t1\t2\t1\t1\t0.5\t%s\t700\t8\t6", i, t,
			    i % 4 * 250000 + 1, token, n == 0 ? "NIFTY 50" : \
			    n == 1 ? "NIFTY26DECFUT" : "NIFTY26NOV" strike \
			    (n % 2 ? "PE" : "CE"), t, p, p, i, t
			for (j = 0; j < 10; j++)
				printf "\t%d\t%.2f\t%d", 75, p + (j < 5 ? \
				    -0.1 * (j + 1) : 0.1 * (j - 4)), 1
			print ""
		}
	}'
}

rows_of() { for f in "$LTP"/*.tsv; do tail -n +2 "$f"; done; }

market
ticks 1 3000 >all.rows
{ printf '%s\n' "$COLS"; cat all.rows; } >day.tsv

# A file of ticks is all that it takes, before the day has a spool.
ok 'a file, without a spool' sh -c 'das-greeks day.tsv >early.tsv'
is 'and none is made' 1 '' test -e "spool/$DAY"

# ---- the calculator ----

HEAD=$(echo type F K T r price status iv delta gamma theta vega rho |
    tr ' ' "$TAB")
is 'one option' 0 "$HEAD
CE${TAB}26312.6000${TAB}26500.0000${TAB}0.011162322425${TAB}0.000000${TAB}12.0000${TAB}OK${TAB}6.15724003${TAB}0.13836678${TAB}0.0012899840${TAB}-4.638325${TAB}6.138362${TAB}-0.001339" \
    das-greeks -1 CE 26312.6 26500 352015s 12
is 'below what exercise is worth' 0 "BELOW_INTRINSIC$TAB\\N" sh -c \
    'das-greeks -1 PE 26312.6 26500 4d 187 | tail -n 1 | cut -f 7,8'
is 'expired' 0 "EXPIRED$TAB\\N$TAB\\N" sh -c \
    'das-greeks -1 CE 26312.6 26500 0 12 | tail -n 1 | cut -f 7-9'
fails 'a price that is none' 64 "price: 'nan'" das-greeks -1 CE 1 1 1 nan
fails 'a type that is none' 64 "'XE': not CE or PE" das-greeks -1 XE 1 1 1 1
fails 'too few words' 64 'usage: das-greeks' das-greeks -1 CE 1 1
fails 'a rate of 7 is none' 64 '0.07 is 7 %' das-greeks -r 7 -1 CE 1 1 1 1
printf 'x\tprice\tT\tK\tF\ttype\n-\t12\t4.07d\t26500\t26312.6\tCE\n-\t\\N\t1\t1\t1\tput\n' >in.tsv
is 'rows, columns by name' 0 "OK 6.16
NO_PRICE 0.00" sh -c "das-greeks -1 <in.tsv | awk -F '\t' 'NR > 1 { printf \"%s %.2f\n\", \$7, \$8 }'"
printf 'type\tF\tK\tT\nCE\t1\t1\t1\n' >in.tsv
fails 'no column price' 65 'no column price' sh -c 'das-greeks -1 <in.tsv'
printf 'type\tF\tK\tT\tprice\nCE\t1\t1\t1\tx\n' >in.tsv
fails 'a row that is none' 65 "<stdin>:2: price is 'x'" sh -c 'das-greeks -1 <in.tsv'

# Rows without an end: only who stops writing to a reader that left comes back.
is 'rows for a reader that leaves' 0 0 sh -c \
    "(printf 'type\tF\tK\tT\tprice\n'; yes 'CE	1	1	1	0.1') 2>yes.err |
    (timeout 10 das-greeks -1; echo \$? >rc) | head -n 1 >head.out; cat rc"
is 'rows without an end, a full disk' 0 74 sh -c \
    "(printf 'type\tF\tK\tT\tprice\n'; yes 'CE	1	1	1	0.1') 2>yes.err |
    (timeout 10 das-greeks -1 2>full.err >/dev/full; echo \$?)"

# ---- a day, offline ----

fails 'no ticks' 66 'no topic ticks' das-greeks
segment 000001
head -n 1200 all.rows >>"$TICKS/000001.tsv"
segment 000002
tail -n +1201 all.rows >>"$TICKS/000002.tsv"
ok 'to standard output' sh -c 'das-greeks -o - >got.tsv'
is 'the header' 0 "$(echo symbol token ts ltp bid ask volume oi delta gamma \
    theta vega iv source | tr ' ' "$TAB")" head -n 1 got.tsv
is 'a snapshot every 5 s of what is near the money' 0 '151 20' awk -F '\t' '
    NR > 1 { if (!n[$3]++) k++; if (n[$3] > most) most = n[$3] }
    END { print k, most + 0 }' got.tsv
is 'nothing unknown is a number, no number is none' 1 '' \
    grep -inE "${TAB}-?(nan|inf)" got.tsv
is 'volatilities' 0 1 awk -F '\t' '$13 != "\\N" && NR > 1 { n++ }
    END { print (n > 1000) }' got.tsv
tail -n +2 got.tsv >want.rows
ok 'those that the file gave' cmp early.tsv got.tsv

ok 'from standard input' sh -c 'das-greeks - <day.tsv | tail -n +2 | cmp - want.rows'
ok 'from a file' sh -c 'das-greeks day.tsv | tail -n +2 | cmp - want.rows'
sh -c 'das-greeks -x day.tsv' >x.tsv
ok '-x appends columns' sh -c \
    'cut -f 1-8 x.tsv | tail -n +2 >a; cut -f 1-8 want.rows | cmp - a'
# What the calculator makes of the columns is what stands in them, to the bit.
awk -F '\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    $c["kind"] ~ /E$/ && $c["iv_src"] != "\\N" && $c["forward"] != "\\N" {
	print $c["iv"], $c["delta"], $c["gamma"], $c["theta"], $c["vega"],
	    $c["rho"] }' x.tsv >figures.want
is 'all of it can be computed again' 0 '' sh -c \
    "das-greeks -1 -x <x.tsv >again.tsv && awk -F '\t' '
    NR == FNR { if (FNR > 1 && \$6 != \"\\\\N\" && \$2 != \"\\\\N\") print \$8 \"\t\" \
    \$9 \"\t\" \$10 \"\t\" \$11 \"\t\" \$12 \"\t\" \$13 }' again.tsv | cmp - figures.want"
is 'and there is something to compute' 0 1 awk 'END { print (NR > 1000) }' figures.want
ok '-e: a row a tick' sh -c 'das-greeks -e day.tsv >every.tsv &&
    cut -f 1,3 every.tsv | sort | uniq -d | wc -l | grep -qx 0'
is '-e: of all that is watched' 0 1 awk 'END { print (NR > 1800) }' every.tsv

ok 'into the spool, the day goes on' das-greeks
ok 'what is pending is not there yet' sh -c \
    "tail -n +2 $LTP/000001.tsv >part && n=\$(wc -l <part) &&
    [ \$n -lt \$(wc -l <want.rows) ] && head -n \$n want.rows | cmp - part"
ok 'the day has not ended' test ! -e "$LTP/CLOSED"
true >"$TICKS/CLOSED"
ok 'it ends' das-greeks
rows_of >spool.rows
ok 'the same rows' cmp spool.rows want.rows
ok 'its topic is closed' test -e "$LTP/CLOSED"
is 'nothing more to do' 0 '' das-greeks

# ---- live, and killed on the way ----

rm -rf "$LTP" "$TICKS"
segment 000001
at=0
for part in 1 2 3 4 5 6; do
	das-greeks -f 2>live.err &
	greeks=$!
	mine $greeks
	for _ in 1 2 3 4 5; do
		head -n $((at + 100)) all.rows | tail -n 100 >>"$TICKS/000001.tsv"
		at=$((at + 100))
		sleep 0.03
	done
	[ "$part" = 6 ] || kill -9 "$greeks"
	[ "$part" = 6 ] || wait "$greeks" 2>/dev/null
done
# half a row, then the rest of it
printf '3001\t2026-11-23' >>"$TICKS/000001.tsv"
sleep 0.1
tail -n 1 all.rows >one
cut -f 2- one | sed "s/^$DAY//" >>"$TICKS/000001.tsv"
{ cat all.rows; printf '3001\t'; cut -f 2- one; } >all2.rows
{ printf '%s\n' "$COLS"; cat all2.rows; } >day2.tsv
das-greeks day2.tsv | tail -n +2 >want2.rows
true >"$TICKS/CLOSED"
wait_for 20 test -e "$LTP/CLOSED"
ok 'live it ends with the day' wait "$greeks"
rows_of >live.rows
ok 'live and killed five times: the same bytes' cmp live.rows want2.rows
ok 'in several segments' test -e "$LTP/000004.tsv"

# ---- stopped in between, das-lookup run again ----

rm -rf "$LTP" "$TICKS"
segment 000001
head -n 1500 all.rows >>"$TICKS/000001.tsv"
das-greeks -f -v 2>again.err &
greeks=$!
mine $greeks
wait_for 20 test -s "$LTP/000001.tsv"
sleep 1.2
market
tail -n +1501 all.rows >>"$TICKS/000001.tsv"
sleep 1.2
kill "$greeks"
wait "$greeks"; rc=$?
is 'a stop says that it is not done' 0 75 echo "$rc"
true >"$TICKS/CLOSED"
ok 'the rest' das-greeks -f
rows_of >again.rows
ok 'the same bytes' cmp again.rows want.rows

# ---- every tick of every instrument ----

# A share among them, in frames of others; the day goes on.
mkdir spare && mv "$TICKS" spare/
printf '738561\tNSE\tNSE\tRELIANCE\tRELIANCE\tRELIANCE\tEQ\t\\N\t0\t1\t0.05\t100\tRELIANCE\tnsedb\n' \
    >>lookup/instruments.tsv
awk -F '\t' -v OFS='\t' '{ print } NR % 10 == 0 { $5 = 738561
    $6 = "RELIANCE"; print }' all.rows >all3.rows
{ printf '%s\n' "$COLS"; cat all3.rows; } >day3.tsv
ok '-l: rows of files' sh -c 'das-greeks -l day3.tsv | tail -n +2 >live.want'
is '-l: every row of ticks has one' 0 "$(wc -l <all3.rows)" sh -c 'wc -l <live.want'
is '-l: a share, without greeks' 0 "$(grep -c RELIANCE all3.rows)" \
    grep -cE '^RELIANCE	738561	([^	]*	){6}([\\]N	){5}ws$' live.want
(
	DAS_CONFIG=all.json; export DAS_CONFIG
	echo '{"store": "sqlite", "castSymbols": "all"}' >all.json; chmod 600 all.json
	das-greeks -e day3.tsv | tail -n +2 >all.want
)
ok '-l: the others as with -e' sh -c 'grep -v ^RELIANCE live.want | cmp - all.want'
segment 000001
at=0
for part in 1 2 3 4; do
	das-greeks -l -f 2>live.err &
	greeks=$!
	mine $greeks
	for _ in 1 2 3 4 5; do
		head -n $((at + 165)) all3.rows | tail -n 165 >>"$TICKS/000001.tsv"
		at=$((at + 165))
		sleep 0.03
	done
	[ "$part" = 4 ] || kill -9 "$greeks"
	[ "$part" = 4 ] || wait "$greeks" 2>/dev/null
done
true >"$TICKS/CLOSED"
ok '-l: live it ends with the day' wait "$greeks"
tail -qn +2 spool/$DAY/live/*.tsv >live.rows
ok '-l: live and killed: the same bytes' cmp live.rows live.want
ok '-l: in several segments' test -e "spool/$DAY/live/000002.tsv"
fails '-l: the topic is done' 0 'topic live of' das-greeks -l
rm -r "$TICKS" && mv spare/* "$TICKS"
sed -i '$d' lookup/instruments.tsv

# ---- from the archive ----

is 'a second one on the same day' 0 '' das-greeks
ok 'the day is filed' sh -c 'das-load && das-backup -p >out'
ok 'no ticks in the spool' test ! -e "$TICKS/000001.tsv"
ok 'nor rows of ltp' test ! -e "$LTP/000001.tsv"
ok 'nor of live, which is in no archive' sh -c '! ls "spool/$1/live/"*.tsv && ! ls "archive/$1/live"' sh "$DAY"
ok 'they are in the archive' test -s "archive/$DAY/ltp/SHA256SUMS"
ok 'from the archive: the same bytes' sh -c \
    'das-greeks -o - | tail -n +2 | cmp - want.rows'
ok 'live is made again' sh -c 'das-greeks -l && tail -qn +2 spool/$1/live/*.tsv >live.again &&
    das-greeks -l day.tsv | tail -n +2 | cmp - live.again' sh "$DAY"
fails 'topic ltp is filed: nothing more to do' 0 'is done' das-greeks

# ---- a price that says nothing of volatility ----

# The pair of 25800 says 26000.30; the call of 25850 is at its intrinsic value.
{ printf 'recvTime\tinstrument_token\tprice\tbp0\tsp0\n'
printf "$DAY 09:15:0%s\t%s\t%s\t%s\t%s\n" 1 2562 210.3 210.2 210.4 \
    1 2818 10 9.95 10.05 1 3074 150.3 150.2 150.4
} >flat.tsv
is 'no iv, no greeks in a plain row' 0 'delta gamma theta vega iv
\N \N \N \N \N' sh -c \
    'das-greeks -e flat.tsv | sed -n "1p;/25850CE/p" | cut -f 9-13 | tr "\t" " "'
is 'and an extended one says why' 0 'INDETERMINATE \N \N INDETERMINATE' sh -c \
    'das-greeks -ex flat.tsv | awk -F "\t" "NR == 1 { for (i = 1; i <= NF; i++)
    c[\$i] = i } /25850CE/ { print \$c[\"status\"], \$c[\"sigma\"],
    \$c[\"rho\"], \$c[\"iv_status\"] }"'

# ---- what is not right ----

printf '%s\n' "$COLS" | sed 's/instrument_token/token/' >bad.tsv
fails 'no column' 65 'no column instrument_token' das-greeks bad.tsv
# Rows that are none are left out, and nothing else of what comes.
awk 'NR % 400 == 50 { print "garbage" }
    NR % 400 == 70 { row = $0; sub(/ 09:../, " 09:99", row); print row }
    NR % 400 == 90 { print substr($0, 1, 80) }
    { print }' day.tsv >bad.tsv
fails 'rows that are none' 65 'row 49 is left out: bad.tsv: a row has 1 columns' \
    sh -c 'das-greeks bad.tsv 2>bad.err >bad.out; rc=$?; cat bad.err >&2; exit $rc'
is 'all others count' 0 '' cmp bad.out got.tsv
is 'five are named' 0 5 grep -c 'is left out:' bad.err
is 'and all counted' 0 1 grep -c ': 24 rows of ticks were none' bad.err
printf '%s' "$COLS" >bad.tsv
fails 'no header' 65 'has no header' das-greeks bad.tsv
fails 'no file' 66 'nothing.tsv' das-greeks nothing.tsv
fails 'a day that is none' 64 'not a day' das-greeks -d 2026-02-30
fails 'both ways' 64 'usage' das-greeks -e -i 5
fails 'an output that is none' 64 'only -' das-greeks -o x
ok 'a full disk' sh -c 'das-greeks day.tsv >/dev/full; test $? = 74'
ok 'a reader that leaves' sh -c 'das-greeks day.tsv | head -n 1'
rm -f lookup/instruments.tsv "spool/$DAY/instruments.tsv" \
    "archive/$DAY"/instruments.tsv*
fails 'no instruments' 66 'das-lookup makes it' das-greeks day.tsv
instruments 3
fails 'none of an index' 0 'belongs to one of the underlyings' sh -c \
    'sed -i "/NIFTY 50/d;s/\tNIFTY\t/\tX\t/" lookup/instruments.tsv; das-greeks day.tsv'
done_testing
