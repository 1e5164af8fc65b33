#!/bin/sh
# das-expiry.t - symbols by rule, against every expiry of real dumps
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/page.sh"

fails 'no index' 64 'usage: das-expiry' das-expiry
fails 'an index without a rule' 64 'NOSUCH: no rule' das-expiry NOSUCH
fails 'a day that is none' 64 '2025-02-30: not one day' \
    das-expiry 2025-02-30 NIFTY
fails 'two days' 64 'not one day' das-expiry 2025-01-01 2025-01-02 NIFTY
fails 'two indices' 64 'usage' das-expiry 2025-01-01 NIFTY SENSEX
for s in 0 -1 x 1e3 ''; do
	fails "a strike '$s'" 64 'not a strike' das-expiry -o "$s" CE NIFTY
done
fails 'a strike without its kind' 64 'usage' das-expiry -o 100 NIFTY
fails 'a kind without its strike' 64 'usage' das-expiry CE 2025-01-01 NIFTY
fails 'number 0' 64 'not 1 to 52' das-expiry -n 0 NIFTY
fails 'a list of no days' 64 'not 1 to 3660' das-expiry -l 0 NIFTY
fails 'before there were any' 1 'no expiry is known' \
    das-expiry 2022-01-01 SENSEX
fails 'weekly ones of an index that has none any more' 1 \
    'BANKNIFTY: no such expiry' das-expiry -n 14 2024-11-14 BANKNIFTY
fails 'a year whose holidays nobody knows' 0 'holidays of 2031 are not known' \
    das-expiry 2031-01-01 NIFTY

# what the manual shows is what comes
page das-expiry.1 EXAMPLES 1 >shown
sed -n 's/^\$ //p' shown | while IFS= read -r line; do
	printf '$ %s\n' "$line"; sh -c "$line"
done >came
ok 'the manual has examples' test -s shown
is 'the manual is right' 0 "$(cat shown)" cat came

# ---- the regimes ----
while read -r day index prefix why; do
	is "$index on $day: $why" 0 "$prefix" das-expiry "$day" "$index"
done <<'END'
2019-03-20 NIFTY NIFTY19320 Holi on the Thursday
2020-04-02 NIFTY NIFTY20409 the day itself is a holiday, the contract over
2021-11-01 NIFTY NIFTY21N03 Diwali on a Thursday
2023-06-28 NIFTY NIFTY23JUN moved to the day before, still the month
2023-06-29 NIFTY NIFTY23706 and gone on the holiday
2025-08-28 NIFTY NIFTY25AUG the last Thursday
2025-08-29 NIFTY NIFTY25902 Tuesdays from here
2023-09-01 BANKNIFTY BANKNIFTY23907 still called by its Thursday
2023-09-04 BANKNIFTY BANKNIFTY23906 by its Wednesday
2023-09-25 BANKNIFTY BANKNIFTY23SEP no weekly one in the week of the month's
2024-02-27 BANKNIFTY BANKNIFTY24FEB on a Thursday, the last
2024-03-25 BANKNIFTY BANKNIFTY24MAR on a Wednesday
2024-11-14 BANKNIFTY BANKNIFTY24NOV monthly alone
2024-12-20 BANKNIFTY BANKNIFTY24DEC Christmas on the Wednesday
2021-10-13 FINNIFTY FINNIFTY21O14 Thursdays
2021-10-18 FINNIFTY FINNIFTY21O19 Tuesdays
2023-04-25 MIDCPNIFTY MIDCPNIFTY23APR Tuesdays
2023-04-26 MIDCPNIFTY MIDCPNIFTY23APR Wednesdays: the last of April
2023-04-27 MIDCPNIFTY MIDCPNIFTY23503 Wednesdays
2023-08-17 MIDCPNIFTY MIDCPNIFTY23821 Mondays
2024-05-14 MIDCPNIFTY MIDCPNIFTY24517 an election on the Monday, not the special Saturday before
2024-12-31 SENSEX SENSEX25103 the last Friday was kept
2025-01-06 SENSEX SENSEX25107 Tuesdays
2025-08-27 SENSEX SENSEX25904 Thursdays
2023-10-12 BANKEX BANKEX23O13 Fridays
2023-10-16 BANKEX BANKEX23O16 Mondays
END

# ---- every expiry of every dump ----
# known FILE: index, expiry and prefix of a dump's options
known() {
	gzip -dc "$1" | tr -d '"\r' | awk -F, -v OFS='\t' '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ k = $at["instrument_type"]; u = $at["name"] }
		k != "CE" && k != "FUT" { next }
		u !~ /^(NIFTY|BANKNIFTY|FINNIFTY|MIDCPNIFTY|NIFTYNXT50|SENSEX|SENSEX50|BANKEX)$/ { next }
		{ p = $at["tradingsymbol"]; sub(/FUT$/, "", p) }
		k == "CE" { s = $at["strike"] + 0
			p = substr(p, 1, length(p) - length(s "CE")) }
		!((u, $at["expiry"], p) in seen) { seen[u, $at["expiry"], p] = 1
			print u, $at["expiry"], p }' | sort
}
# told DAY: the same of das-expiry, of the indices on standard input
told() {
	while read -r u; do
		das-expiry -l 2100 "$1" "$u" 2>/dev/null | awk -v OFS='\t' \
		    -v u="$u" 'NR > 1 { print u, $1, $3 }'
	done | sort
}
if [ -d "$SHARED/instruments" ]; then
	for d in NFO-2025-07:2025-07-30 NFO-2025-09-24:2025-09-24 \
	    NFO-2025-12:2025-12-18 NFO-2026-05-08:2026-05-08 \
	    BFO-2026-05-08:2026-05-08; do
		known "$SHARED/instruments/kite-${d%:*}.csv.gz" >dump
		cut -f 1 dump | sort -u | told "${d#*:}" >rules
		comm -23 dump rules >>different
		ok "$d has expiries" test "$(wc -l <dump)" -ge 20
	done
	# Christmas of 2029 is in no list of ours; Ram Navami and Mahavir Jayanti
	# of 2026 were in none of theirs.  Prefixes are right all the same.
	is 'all dumps, but for days nobody knew' 0 'BANKNIFTY	2026-03-26	BANKNIFTY26MAR
BANKNIFTY	2026-03-31	BANKNIFTY26MAR
NIFTY	2026-03-26	NIFTY26MAR
NIFTY	2026-03-31	NIFTY26MAR
NIFTY	2029-12-24	NIFTY29DEC' sort -u different
	sed 1d "$SRC/lookup/holidays.tsv" | cut -f 1 | sort >ours
	sed 1d "$SHARED/holidays/tradingHolidaysAllYears.csv" | tr -d '\r' |
	    sort >theirs	# the last line lacks its newline, sort adds it
	# a Saturday; and Bakri Id of 2023, which was moved by a day
	is 'no holiday of the list is missing' 0 '2019-06-01
2023-06-28' comm -13 ours theirs
else
	skip 'every expiry of real dumps' 'no real data here'
fi

# ---- the user's own files ----
mkdir lookup
printf '{"lookupDir": "%s/lookup"}\n' "$T" >das.json
printf 'Date\n2031-01-07\n' >lookup/tradingHolidays.csv
is 'the list of das-holiday counts' 0 NIFTY31106 \
    das-expiry -c das.json 2031-01-02 NIFTY
head=$(head -n 1 "$SRC/lookup/expiries.tsv")
printf '%s\n' "$head" 'GOLD	weekly	Fri	\N	\N	\N	\N	-' >lookup/expiries.tsv
is 'and so do own rules' 0 GOLD26D04 das-expiry -c das.json 2026-11-28 GOLD
# bad ROW WORDS
bad() {
	printf '%s\n' "$head" "$1" >lookup/expiries.tsv
	fails "a row with $2" 65 "$2" das-expiry -c das.json GOLD
}
bad 'GOLD	daily	Fri	\N	\N	\N	\N	-' "cycle is 'daily'"
bad 'GOLD	weekly	Fry	\N	\N	\N	\N	-' "weekday is 'Fry'"
bad 'GOLD	weekly	Fri	2025	\N	\N	\N	-' "from is '2025'"
bad 'GOLD	weekly	Fri	2025-02-01	2025-01-01	\N	\N	-' "to is '2025-01-01'"
bad 'GOLD	weekly	Fri	\N	\N	2025-02-01	2025-01-31	-' 'last is'
bad '	weekly	Fri	\N	\N	\N	\N	-' "underlying is ''"
bad 'GOLD	weekly	Fri' 'expiries.tsv:2'
bad 'GOLD	weekly	Fri	\N	\N	\N	\N	-
GOLD	weekly	Thu	2025-01-01	\N	\N	\N	-' 'another weekly row'
printf 'underlying\tcycle\n' >lookup/expiries.tsv
fails 'a column that is missing' 65 'no column weekday' \
    das-expiry -c das.json GOLD
done_testing
