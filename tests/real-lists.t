#!/bin/sh
# real-lists.t - das-n500 and das-lookup on real lists and real dumps
#
# What must come out is worked out here from the same files by sort, comm, join
# and awk.
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/lists.sh"
LC_ALL=C
export LC_ALL

if [ ! -d "$SHARED/lists" ] || [ ! -d "$SHARED/instruments" ]; then
	skip 'real lists and dumps' 'no shared data'
	done_testing
	exit 0
fi
list=lookup/lookupTables_Nifty500.csv

# A day has its date, and dumps that stand in for one of all exchanges.
real NSE-2025-08-18 NFO-2025-07 >dump1.csv
real NSE-2025-08-18 NFO-2025-09-24 >dump2.csv
real NSE-2025-12 NFO-2025-12 >dump3.csv
real NSE-raw-2026-03-08 NFO-2026-05-08 BFO-2026-05-08 >dump4.csv
real NSE+BSE-EQ-2025-07-04 | grep ',INDICES,BSE$' >>dump4.csv
date_of() {	# NUMBER OF DUMP
	case $1 in
	1) echo 2025-07-28 ;;
	2) echo 2025-09-24 ;;
	3) echo 2025-12-18 ;;
	4) echo 2026-05-08 ;;
	esac
}

# rows DUMP COLUMN CONDITION: a column of the dump, by awk
rows() {
	[ -f "flat-$1" ] || sed '1d; s/"//g' "$1" | cut -d, -f 1,3,4,6,7,10-12 >"flat-$1"
	awk -F, -v OFS=, '
		{ token = $1; symbol = $2; name = $3; expiry = $4; strike = $5
		  type = $6; segment = $7; exchange = $8 }
		'"$3"' { print '"$2"' }' "flat-$1"
}

# expected OLD NSE DUMP DAY: the list that must come of it
expected() {
	rows "$3" symbol 'segment == "NSE" && exchange == "NSE"' >shares
	rows "$3" name "segment == \"NFO-OPT\" && expiry >= \"$4\"" | sort -u >named
	awk -F, 'NR > 1 { print $3 "," $4 }' "$2" >nse
	for i in NIFTY:NFO BANKNIFTY:NFO SENSEX:BFO; do
		rows "$3" 'expiry, symbol, name "FUT"' "segment == \"${i#*:}-FUT\" &&
		    name == \"${i%:*}\" && expiry >= \"$4\"" | sort | head -n 1
	done | cut -d, -f 2,3 >futures
	{
		printf '%s\n' 'NIFTY 50,NIFTY' 'NIFTY BANK,BANKNIFTY' SENSEX,SENSEX
		tr -d '\r' <"$1" | awk -F, 'NR == FNR { f[$2]; next }
			FNR > 1 && !($2 in f)' futures -
	} | sort -u >old
	awk -F, '
		function base(s) { sub(/-B[EZ]$/, "", s); return s }
		function live(b) {
			if (b in dump) return b
			if ((b "-BE") in dump) return b "-BE"
			return (b "-BZ") in dump ? b "-BZ" : ""
		}
		function row(s, t) {
			if (s == "" || s in table) return
			if (!(base(s) in of)) of[base(s)] = t
			table[s] = of[base(s)]
		}
		function rule(s) { s = base(s); gsub(/[-&]/, "_", s); return s }
		function add(s) { row(s, rule(s)) }
		FILENAME == "shares" { dump[$1] }
		FILENAME == "old" { row($1, $2) }
		FILENAME == "nse" {
			if (live($1) != "") add(live($1))
			else add($1 ($2 == "BE" ? "-BE" : ""))
		}
		FILENAME == "named" { add(live($1)) }
		END {
			for (s in table) todo[base(s)]
			for (b in todo) add(live(b))
			for (s in table) print s "," table[s]
		}' shares old nse named | sort -u - futures | sed '1i\
Symbol,TableName'
}

# ---- the list grows from 2019 to 2024, name by name ----
step() {	# NUMBER DATE-OF-LIST
	day=$(date_of "$1")
	nse=$SHARED/lists/ind_nifty500list-$2.csv
	[ ! -f $list ] || cp $list last
	expected last "$nse" "dump$1.csv" "$day" >want
	das-n500 -l "$nse" -i "dump$1.csv" -d "$day" >changes 2>said
	ok "list of $2, dump of $day: every row" diff want $list
	is '... everything changed is told' 0 '' sh -c "
	    sort last >a; sort $list >b; comm -13 a b >new
	    sed 1d changes | awk -F'\t' '{ print \$2 \",\" \$3 }' | sort | comm -3 - new"
	is '... only futures went' 0 '' sh -c "comm -23 a b | grep -v -e 'FUT\$' -e '^Symbol,'; :"
	ok '... none is in the dump twice for one table' sh -c "
	    sed 1d $list | awk -F, 'NR == FNR { d[\$1]; next } \$1 in d' shares - |
	    cut -d, -f2 | sort | uniq -d >two; ! test -s two"
	is '... each of the 500 has a row' 0 '' sh -c "
	    cut -d, -f1 nse | sort >a; sed '1d; s/-B[EZ],.*//; s/,.*//' $list | sort -u >b
	    comm -23 a b"
}
echo Symbol,TableName >last
step 1 2019-10-08
step 2 2023-01-18
step 3 2024-04-05
step 4 2024-11-18
ok 'twice the same changes nothing' sh -c "cp $list last; das-n500 -i dump4.csv \
    -l '$nse' -d 2026-05-08 && cmp last $list"
is 'the four lists came to this many shares and more' 0 yes sh -c "
    [ \$(sed 1d $list | wc -l) -gt \$(cat '$SHARED'/lists/ind_nifty500list-*.csv |
    cut -d, -f3 | sort -u | wc -l) ] && echo yes"
mv lookup grown

# ---- a user's own list, with renamed shares, is carried on ----
theirs=$SHARED/lists/rthennan-lookupTables_Nifty500-2024-03-27.csv
nse=$SHARED/lists/ind_nifty500list-2024-04-05.csv
mkdir lookup && cp "$theirs" $list
expected "$theirs" "$nse" dump3.csv 2025-12-18 >want
das-n500 -l "$nse" -i dump3.csv -d 2025-12-18 >/dev/null 2>&1
ok 'a list of the original is extended' diff want $list
tr -d '\r' <"$theirs" | sort >a
sort $list >b
is '... and keeps all but the futures of March' 0 "BANKNIFTY24MARFUT,BANKNIFTYFUT
NIFTY24MARFUT,NIFTYFUT" comm -23 a b
is '... renamed shares keep their tables' 0 '360ONE,IIFLWAM
ARE&M,AMARAJABAT
LTIM,LTI' grep -e ^360ONE, -e '^ARE&M,' -e ^LTIM, $list
# Their tables and ours: alike for each share that they did not rename.
mkdir ours && cp -r etc ours
das-n500 -c ours/etc/dasConfig.json -l "$nse" -i dump3.csv -d 2025-12-18 >/dev/null 2>&1
sed 1d ours/$list | sort -t, -k1,1 >b
sort -t, -k1,1 a | join -t, - b >both
printf '%s\n' 360ONE ADANIENSOL 'ARE&M' ATGL CIEINDIA EPIGRAL INDUSTOWER KPIL LTIM \
    MOTHERSON PCBL PVRINOX RHIM SHRIRAMFIN SPLPETRO UNOMINDA WELSPUNLIV ZFCVINDIA \
    ZYDUSLIFE | sort >byhand
awk -F, '$2 != $3 { print $1 }' both >differ
is 'tables as the original made them, but for those renamed by hand' 0 '' comm -23 differ byhand
ok '... in hundreds of rows' test "$(wc -l <both)" -gt 400
rm -r lookup && mv grown lookup

# ---- lookups on real days ----
days() {	# NUMBER: counts, tokens, spelling
	day=$(date_of "$1")
	rm -f das.db
	das-lookup -i "dump$1.csv" -d "$day" >out 2>said && rc=0 || rc=$?
	is "lookup of $day" 0 0 echo "$rc"
	for i in NIFTY:NFO:nifty BANKNIFTY:NFO:bankNifty SENSEX:BFO:sensex; do
		under=${i%%:*} stem=${i##*:} seg=${i#*:} seg=${seg%:*}-OPT
		rows "dump$1.csv" expiry "segment == \"$seg\" && name == \"$under\" &&
		    expiry >= \"$day\"" | sort | uniq -c | head -n 2 |
		    awk '{ print $2, $1 }' >want
		near=$(sed -n '1s/ .*//p' want) next=$(sed -n '2s/ .*//p' want)
		awk -F'\t' -v n="$under" '$6 == n && $7 ~ /^[CP]E$/ { print $8 }' \
		    lookup/instruments.tsv | sort | uniq -c | awk '{ print $2, $1 }' >got
		ok "... options of $under: $(tr '\n' ' ' <want)" diff want got
		rows "dump$1.csv" token "segment == \"$seg\" && name == \"$under\" &&
		    (expiry == \"$near\" || expiry == \"$next\")" | sort >tokens
		sed 1d "lookup/${stem}OptionsTokenList.csv" | sort >got
		ok '... their tokens' cmp tokens got
	done
	is '... no token twice' 0 '' sh -c 'cut -f1 lookup/instruments.tsv | sort | uniq -d'
	is '... no table twice' 0 '' sh -c 'cut -f13 lookup/instruments.tsv | sort | uniq -d'
	# The broadcaster's spelling, from the dump's columns.
	rows "dump$1.csv" 'token "\t" segment "\t" symbol "\t" type "\t" name "\t" expiry "\t" strike' 1 |
	awk -F'\t' -v OFS='\t' 'BEGIN { split("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", m, " ") }
		{ s = $3; if ($6 != "") {
			split($6, d, "-"); sub(/\.0+$/, "", $7)
			s = $5 d[3] m[d[2] + 0] substr(d[1], 3) ($4 == "FUT" ? "" : $7) $4
		} print $1, $2, $3, s }' | sort >all
	sed 1d lookup/instruments.tsv | cut -f 1,3,4,5 | sort >chosen
	is '... rows and spelling are the dump'\''s' 0 '' comm -13 all chosen
	# Every listed share, and no other, with the token of its NSE row.
	rows "dump$1.csv" 'symbol, token' 'segment == "NSE"' | sort -t, >nse
	sed 1d $list | sort -t, | join -t, - nse | cut -d, -f 3,2 | sort >want
	awk -F'\t' '$7 == "EQ" { print $13 "," $1 }' lookup/instruments.tsv | sort >got
	ok '... shares' diff want got
	is '... indices are on their exchanges' 0 "$2" sh -c \
	    "awk -F'\t' '\$7 == \"index\" { print \$1, \$2, \$3, \$13 }' lookup/instruments.tsv"
}
nifty='256265 NSE INDICES NIFTY
260105 NSE INDICES BANKNIFTY'
days 1 "$nifty"
days 2 "$nifty"
days 3 "$nifty"
days 4 "265 BSE INDICES SENSEX
$nifty"

# ---- shares that moved between series in March 2026 ----
rm -r lookup && mkdir lookup
for d in 04 06 08; do
	real NSE-raw-2026-03-$d >raw$d.csv
	rows raw$d.csv 'symbol, token' 'segment == "NSE"' | sort -t, >nse$d
done
for p in '04 06' '06 08'; do
	cut -d, -f1 "nse${p% *}" | sort >a; cut -d, -f1 "nse${p#* }" | sort >b
	comm -23 a b | sed 's/-BE$//' | sort >gone
	comm -13 a b | sed 's/-BE$//' | sort >come
	comm -12 gone come
done | sort -u >moved
is 'shares that moved' 0 16 sh -c 'wc -l <moved | tr -d " "'
{ echo Symbol,TableName; sed 's/.*/&,T_&/' moved; } >$list
nse=$SHARED/lists/ind_nifty500list-2024-11-18.csv
for d in 04 06 08; do
	das-n500 -l "$nse" -i raw$d.csv -d 2026-03-$d >/dev/null 2>&1
	das-lookup -i raw$d.csv -d 2026-03-$d >/dev/null 2>&1
	# one form a share, and the token that it has on that day
	sed 's/-BE,/,/' nse$d | sort -t, | join -t, moved - |
	    awk -F, '{ print "T_" $1 "\t" $2 }' | sort >want
	awk -F'\t' '$13 ~ /^T_/ { print $13 "\t" $1 }' lookup/instruments.tsv | sort >got
	ok "each is found on 2026-03-$d, once" diff want got
done
cut -d, -f1 nse04 nse06 nse08 | sort -u >a
{ cat moved; sed 's/$/-BE/' moved; } | sort >b
is 'the list has the forms that were seen, one table a share' 0 '' sh -c "
    { comm -12 a b; cat moved; } | sort -u | awk '{ t = \$1; sub(/-BE\$/, \"\", t)
	print \$1 \",T_\" t }' | sort >want; grep ,T_ $list | sort | diff want -"
done_testing
