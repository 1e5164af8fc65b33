#!/bin/sh
# das-lookup.t - what is chosen of a dump, what is written, what is refused
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/lists.sh"
LC_ALL=C
export LC_ALL

lookup() { das-lookup -d 2026-11-23 "$@"; }
counts() { lookup -n "$@" 2>/dev/null; }
column() {	# NUMBER WHERE-COLUMN VALUE: of instruments.tsv
	awk -F'\t' -v c="$1" -v w="$2" -v v="$3" '$w == v { print $c }' \
	    lookup/instruments.tsv
}
table_of() { column 13 4 "$1"; }	# TRADINGSYMBOL

# ---- a small day, by hand ----
mkdir lookup
cat >lookup/lookupTables_Nifty500.csv <<'E'
Symbol,TableName
BANKNIFTY26NOVFUT,BANKNIFTYFUT
ENERGY,ENERGY
INDIA VIX,VIX
M&M,M_M
GONE,GONE
MOVED,OLDNAME
NIFTY 50,NIFTY
NIFTY BANK,BANKNIFTY
NIFTY26NOVFUT,NIFTYFUT
SENSEX,SENSEX
SENSEX26NOVFUT,SENSEXFUT
CRUDEOIL26DECFUT,CRUDE
NIFTY26D0124000CE,MYOPTION
BACK-BE,BACK
BOTH,BOTH
BOTH-BE,BOTH
E
{
	echo "$dump_head"
	share 128012289 'M&M' BSE
	share 519937 'M&M'
	share 769 MOVED-BE
	share 1025 BACK
	share 1281 BOTH-BE
	share 1537 BOTH
	share 128000004 GONE BSE
	share 1793 ENERGY
	spot 1801 ENERGY BSE
	spot 256265 'NIFTY 50' NSE
	spot 260105 'NIFTY BANK' NSE
	spot 265 SENSEX BSE
	spot 521 SENSEX NSE
	spot 264969 'INDIA VIX' NSE
	future 258 NIFTY26NOVFUT NIFTY 2026-11-24 NFO
	future 514 BANKNIFTY26NOVFUT BANKNIFTY 2026-11-24 NFO
	future 1285 SENSEX26NOVFUT SENSEX 2026-11-26 BFO
	echo '2055,8,CRUDEOIL26DECFUT,"CRUDEOIL",0,2026-12-18,0,1,100,FUT,MCX-FUT,MCX'
	option 2306 NIFTY26N1724000CE NIFTY 2026-11-17 24000 CE NFO
	option 2562 NIFTY26D2924000CE NIFTY 2026-12-29 24000 CE NFO
	option 2818 NIFTY26D0124000CE NIFTY 2026-12-01 24000 CE NFO
	option 3074 NIFTY26D0124000PE NIFTY 2026-12-01 24000 PE NFO
	option 3330 NIFTY26NOV24000CE NIFTY 2026-11-24 24000 CE NFO
	option 3586 BANKNIFTY26NOV50000PE BANKNIFTY 2026-11-24 50000 PE NFO
	option 3842 NIFTYNXT50NOV60000PE NIFTYNXT50 2026-11-24 60000 PE NFO
	option 4101 SENSEX26N2680000CE SENSEX 2026-11-26 80000 CE BFO
	option 4357 SENSEX26D0380000.5PE SENSEX 2026-12-03 80000.5 PE BFO
	option 4613 SENSEX26D0380000PE SENSEX 2026-12-03 80000 PE BFO
} >dump.csv
is 'a dry run' 0 "group${tab}expiry${tab}instruments
shares${tab}\\N${tab}5
indices${tab}\\N${tab}4
futures${tab}\\N${tab}4
NIFTY${tab}2026-11-24${tab}1
NIFTY${tab}2026-12-01${tab}2
BANKNIFTY${tab}2026-11-24${tab}1
SENSEX${tab}2026-11-26${tab}1
SENSEX${tab}2026-12-03${tab}1
all${tab}\\N${tab}19" counts -i dump.csv
is '... writes nothing' 0 lookupTables_Nifty500.csv ls -A lookup
lookup -v -i dump.csv >out 2>said && rc=0 || rc=$?
is 'the same in earnest' 0 0 echo "$rc"
ok 'of two live forms one is taken, and named' grep -qF \
    'table BOTH: BOTH (NSE, 1537) is taken, BOTH-BE (NSE, 1281) is not' said
ok 'a second expiry that is missing is named' grep -qF \
    'BANKNIFTY: the dump has only one expiry, 2026-11-24' said
ok 'what the dump lacks is counted' grep -qF "1 of the list's 15 tables have none today" said
ok '... and named under -v' grep -qx 'das-lookup: not in the dump: GONE' said
ok 'an option that can have no table is named' grep -qF \
    "SENSEX26D0380000.5PE: 'SENSEX26D0380000.5PE' cannot be a table name; left out" said

lines() { printf '%s\n' "$@"; }
file() { is "$1" 0 "$(lines "$2" "$3")" cat "lookup/$1"; }
tok=instrument_token
map="instrument_token${tab}TableName"
file nifty500TokenList.csv $tok "$(printf '%s\n' 258 265 514 769 1025 1285 1537 1793 \
    2055 2818 256265 260105 264969 519937)"
file nifty500TokenTable.tsv "$map" "$(printf '%s\t%s\n' 258 NIFTYFUT 265 SENSEX \
    514 BANKNIFTYFUT 769 OLDNAME 1025 BACK 1285 SENSEXFUT 1537 BOTH 1793 ENERGY \
    2055 CRUDE 2818 MYOPTION 256265 NIFTY 260105 BANKNIFTY 264969 VIX 519937 M_M)"
file indexTokenList.csv $tok "$(printf '%s\n' 265 256265 260105 264969)"
file indexTokenTable.tsv "$map" "$(printf '%s\t%s\n' 265 SENSEX 256265 NIFTY \
    260105 BANKNIFTY 264969 VIX)"
file niftyOptionsTokenList.csv $tok "$(printf '%s\n' 3074 3330)"
file niftyOptionsTokenTable.tsv "$map" \
    "$(printf '%s\t%s\n' 3074 NIFTY26D0124000PE 3330 NIFTY26NOV24000CE)"
file bankNiftyOptionsTokenList.csv $tok 3586
file sensexOptionsTokenTable.tsv "$map" \
    "$(printf '%s\t%s\n' 4101 SENSEX26N2680000CE 4613 SENSEX26D0380000PE)"
row() { printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
# shellcheck disable=SC1003 # a backslash at the end is one
N='\N'
{
	row $tok exchange segment tradingsymbol symbol name kind expiry strike \
	    lot_size tick_size divisor TableName dbName
	row 258 NFO NFO-FUT NIFTY26NOVFUT NIFTY24NOV26FUT NIFTY FUT 2026-11-24 \
	    $N 65 0.05 100 NIFTYFUT aws_das_nse
	row 265 BSE INDICES SENSEX SENSEX SENSEX index $N $N $N $N 100 SENSEX aws_das_nse
	row 769 NSE NSE MOVED-BE MOVED-BE 'MOVED-BE LIMITED' EQ $N $N 1 0.05 \
	    100 OLDNAME aws_das_nse
	row 2818 NFO NFO-OPT NIFTY26D0124000CE NIFTY01DEC2624000CE NIFTY CE \
	    2026-12-01 24000 65 0.05 100 MYOPTION aws_das_nse
	row 3586 NFO NFO-OPT BANKNIFTY26NOV50000PE BANKNIFTY24NOV2650000PE \
	    BANKNIFTY PE 2026-11-24 50000 65 0.05 100 BANKNIFTY26NOV50000PE \
	    aws_das_bankopt
} >want
awk -F'\t' '$1 ~ /^(instrument_token|258|265|769|2818|3586)$/' lookup/instruments.tsv >got
ok 'instruments.tsv' diff want got
is '... has every instrument once, by token' 0 19 sh -c \
    'sed 1d lookup/instruments.tsv | cut -f1 | sort -n -u | wc -l | tr -d " "'
ok '... sorted' sh -c 'sed 1d lookup/instruments.tsv | sort -n -c'
is 'an option has its own database' 0 aws_das_sensexopt column 14 4 SENSEX26N2680000CE
# shellcheck disable=SC2016 # for awk
is '... or the one that the configuration says' 0 my_opts sh -c '
    echo "{\"sensexOptionsDBName\": \"my_opts\", \"store\": \"sqlite\"}" >my.json
    das-lookup -c my.json -d 2026-11-23 -i dump.csv 2>err || cat err
    awk -F"\t" "\$4 == \"SENSEX26N2680000CE\" { print \$14 }" lookup/instruments.tsv'
if command -v sqlite3 >/dev/null; then
	is 'the store has the tables and views' 0 3 sqlite3 das.db "SELECT count(*)
	    FROM sqlite_master WHERE name IN ('OLDNAME', 'OLDNAME_daily',
	    'dailytable', 'das_position')"
else
	skip 'the store has the tables and views' 'no sqlite3'
fi

# ---- the same dump in other clothes ----
cp lookup/instruments.tsv plain
awk -F, -v OFS=, 'NR == 1 { print "", $0; next } { gsub(/"/, "", $4)
	sub(/\.5$/, "&", $7); if ($7 !~ /\./) $7 = $7 ".0"
	$5 = "0.0"; print NR - 2, $0 }' dump.csv >pandas.csv
same() {	# FILE: gives the same instruments
	lookup -c my.json -i "$1" 2>err || { cat err; return 1; }
	cmp plain lookup/instruments.tsv
}
ok 'pandas, with an unnamed index column' same pandas.csv
sed 's/$/\r/' dump.csv >crlf.csv
ok 'CR LF' same crlf.csv
printf '\357\273\277' | cat - dump.csv >bom.csv
ok 'a BOM' same bom.csv
awk -F, -v OFS=, '{ print $12, $4, $3, $1, $6, $7, $8, $9, $10, $11 }' dump.csv >order.csv
ok 'columns in another order, two that nobody needs gone' same order.csv
awk 'NR > 1' dump.csv | sort -r | { echo "$dump_head"; cat; } >reverse.csv
ok 'rows in another order' same reverse.csv
head -c -1 dump.csv >nonl.csv
ok 'whole but for the last newline' same nonl.csv
{ cat dump.csv; sed -n '14,20p' dump.csv; } >twice.csv
ok 'rows that are there twice' same twice.csv
{ cat dump.csv; printf '5000,1,BOND,"A ""quoted"", \351t\351",0,,0,0.05,1,EQ,NSE,NSE\n'
	printf '5001,1,LINES,"two\nlines",0,,0,0.05,1,EQ,NSE,NSE\n'; } >names.csv
ok 'names with quotes, commas, line ends, Latin 1' same names.csv
{ cat dump.csv; echo 'x,1,BAD,,0,,0,0.05,1,EQ,NSE,NSE'
	echo '9999,1,SHORT'; echo '9998,1,WAR,"X",0,,0,0.05,1,WARRANT,NSE,NSE'; share 9997 Z; } >bad3.csv
ok 'three bad rows are passed over' same bad3.csv
is '... with a word' 0 "das-lookup: passed over 3 of the dump's rows, the first: bad3.csv:30: column instrument_token is 'x'" \
    sh -c 'das-lookup -n -c my.json -d 2026-11-23 -i bad3.csv 2>&1 >/dev/null | grep passed'

# ---- an index is a row and a word ----
mkdir more && cp -r lookup more
{ cat "$SRC/lookup/indices.tsv"; row NIFTYNXT50 2024-04-24 '\N' 'NIFTY NEXT 50' NSE NEXT50 \
    NEXT50FUT NFO-FUT NFO-OPT 100 next50DBName das_next50 next50Options | cut -f 1-13
} >more/lookup/indices.tsv
echo '{"underlyings": ["NIFTYNXT50"]}' >more/das.json
is 'one more index' 0 "$(printf 'instrument_token\n3842')" sh -c '
    das-lookup -c more/das.json -d 2026-11-23 -i dump.csv 2>said &&
    cat more/lookup/next50OptionsTokenList.csv'
ok '... whose future and spot the list lacks, is warned of' grep -q \
    'NIFTYNXT50: its index is not in the list; run das-n500' said
# shellcheck disable=SC2016 # for awk
is '... in the database of its row' 0 das_next50 sh -c '
    awk -F"\t" "\$1 == 3842 { print \$14 }" more/lookup/instruments.tsv'
fails '... does not hold before its first day' 78 'NIFTYNXT50 has no row for 2024-04-23' \
    das-lookup -c more/das.json -d 2024-04-23 -i dump.csv

for bad in '"nifty500DBName": "a b"=nifty500DBName' \
    '"niftyOptionsDBName": "x;y"=niftyOptionsDBName' \
    '"underlyings": ["NIFTY", "NIFTY"]=NIFTY is there twice'; do
	echo "{${bad%%=*}}" >bad.json
	fails "configuration: ${bad%%=*}" 78 "${bad#*=}" lookup -c bad.json -i dump.csv
done

# ---- an exchange is missing ----
grep -v -e ',BFO$' -e ',BSE$' dump.csv >nobse.csv
fails 'a dump without BSE costs SENSEX, with a warning' 0 \
    'SENSEX: the dump has no option that expires on 2026-11-23 or later' \
    lookup -c my.json -i nobse.csv
cp err said
ok '... its spot too' grep -qF 'SENSEX (table SENSEX) is not in the dump' said
is '... and the list of its options is empty' 0 instrument_token cat lookup/sensexOptionsTokenList.csv

# ---- refused, and nothing changes ----
same dump.csv
before() { cksum lookup/* >"$T/before"; }
before
: >empty.csv
fails 'empty' 65 'empty.csv:1: is empty' lookup -i empty.csv
echo "$dump_head" >header.csv
fails 'a header only' 65 'header.csv: has no instruments' lookup -i header.csv
printf '<!DOCTYPE html>\n<html>\n' >html.csv
fails 'HTML' 65 'html.csv:1: is HTML, not an instrument dump' lookup -i html.csv
head -c -20 dump.csv >cut.csv
fails 'cut in a row' 65 'cut.csv:29: is truncated' lookup -i cut.csv
head -c -2 dump.csv >cut.csv
fails 'cut in the last word' 65 'cut.csv:29: is truncated' lookup -i cut.csv
for c in instrument_token tradingsymbol name expiry strike tick_size lot_size \
    instrument_type segment exchange; do
	sed "1s/\\b$c\\b/x/" dump.csv >col.csv
	fails "no column $c" 65 "col.csv:1: no column $c" lookup -i col.csv
done
{ cat dump.csv; echo '1,1,X,"open,0,,0,0.05,1,EQ,NSE,NSE'; echo '2,1,Y,,0,,0,0,1,EQ,NSE,NSE'; } >quote.csv
fails 'a quote that is not closed' 65 'quote.csv:30: is truncated' lookup -i quote.csv
printf 'a\0b\n' >nul.csv
fails 'no text' 65 'nul.csv:1: a NUL byte' lookup -i nul.csv
awk 'NR > 1 { sub(/^[0-9]+/, "x") } { print }' dump.csv >badall.csv
fails 'only bad rows' 65 "column instrument_token is 'x'; 21 rows are bad" lookup -i badall.csv
fails 'no dump' 66 absent.csv lookup -i absent.csv
fails 'a directory for a dump' 66 'etc: is a directory' lookup -i etc
fails 'no list' 66 'das-n500 makes it' lookup -i dump.csv -l absent.csv
printf 'Symbol,TableName\nA,T\nB,T\n' >dup.csv
fails 'a table twice' 65 'dup.csv:3: table T is already that of A (line 2)' lookup -i dump.csv -l dup.csv
printf 'Symbol,TableName\nA,das_x\n' >forbidden.csv
fails 'a forbidden table' 65 "forbidden.csv:2: TableName is 'das_x'" lookup -i dump.csv -l forbidden.csv
printf 'Symbol,TableName\nA,A\n' >none.csv
fails 'nothing found' 65 'nothing of the list' das-lookup -d 2030-01-01 -i dump.csv -l none.csv
many() {	# N: a dump with so many NIFTY options
	cat dump.csv
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
		printf "%d,1,NIFTY26NOV%dCE,NIFTY,0,2026-11-24,%d,0.05,65,CE,NFO-OPT,NFO\n",
		    i * 256 + 65538, 30000 + i, 30000 + i }'
}
many 8982 >9001.csv
fails '9001 instruments' 65 '9001 instruments, the broker takes 9000' lookup -i 9001.csv
cksum lookup/* >after
ok 'nothing of that changed a file' cmp before after
many 8981 >9000.csv
fails '9000 are warned of' 0 '9000 instruments: 3 connections' lookup -n -i 9000.csv
many 2981 >3000.csv
lookup -n -i 3000.csv >/dev/null 2>err
is '3000 are not' 1 '' grep connections err
many 4482 >4501.csv
fails 'captureLines 2 takes half' 65 '4501 instruments, the broker takes 4500' \
    env DAS_CAPTURELINES=2 das-lookup -d 2026-11-23 -n -i 4501.csv
fails 'a bad date' 64 '-d 2026-13-01' das-lookup -d 2026-13-01
fails 'an argument' 64 usage lookup x
fails 'an unknown underlying' 78 'underlyings: NOPE has no row' sh -c '
    echo "{\"underlyings\": [\"NOPE\"]}" >nope.json; das-lookup -c nope.json -i dump.csv'

# ---- a disk that is full, a place that is taken: old files stay, none is half ----
full() ( trap '' XFSZ; ulimit -f 4; das-lookup -d 2026-11-23 -i 3000.csv )
fails 'no room for a file' 74 'File too large' full
cksum lookup/* >after
ok '... and the old ones are as they were' cmp before after
is '... and nothing else is left behind' 0 '' sh -c 'ls -A lookup | grep "^\."; :'
rm lookup/instruments.tsv && mkdir lookup/instruments.tsv
cksum lookup/*.csv lookup/*Table.tsv >before
fails 'a directory where a file should be' 73 'instruments.tsv: is a directory' lookup -i 3000.csv
cksum lookup/*.csv lookup/*Table.tsv >after
ok '... and the others are as they were' cmp before after
is '... and nothing else is left behind' 0 '' sh -c 'ls -A lookup | grep "^\."; :'
rmdir lookup/instruments.tsv
echo '{"sqlitePath": "etc"}' >nostore.json
lookup -c nostore.json -i dump.csv 2>err && rc=0 || rc=$?
is 'a store that cannot be used is a failure' 0 yes sh -c "[ $rc != 0 ] && echo yes"
ok '... but the lookups are there' test -s lookup/instruments.tsv

# ---- a big dump ----
many 120000 | sed 's/NIFTY26NOV\([0-9]*\)CE,NIFTY,/OTHER\1CE,OTHER,/' >big.csv
# shellcheck disable=SC3045 # dash and bash have it
small() ( ulimit -d 65536; das-lookup -n -d 2026-11-23 -i big.csv )
case $(command -v das-lookup) in
*-san/*) skip '120,000 rows within 64 MiB of data' 'a sanitizer needs more' ;;
*) ok '120,000 rows within 64 MiB of data' small ;;
esac

# ---- by net ----
DAS_CLOCK=2026-11-23T08:50:00+05:30
export DAS_CLOCK
mkdir net && cd net || exit 99
das-sim --port-file ports --write-config das.json 2>sim.err &
mine $! ; sim=$!
wait_for 10 test -s ports || { cat sim.err; exit 99; }
das-n500 -c das.json >/dev/null 2>&1
rm -f lookup/zerodhaInstrumentDump.csv
ok 'fetches the dump' das-lookup -c das.json
ok '... and keeps it' test -s lookup/zerodhaInstrumentDump.csv
ls -i lookup/zerodhaInstrumentDump.csv >a
ok 'and uses it again' das-lookup -c das.json
ls -i lookup/zerodhaInstrumentDump.csv >b
ok '... as it is' cmp a b
chosen() { awk -F'\t' -v n="$1" '$6 == n && $7 ~ /E$/ { print $8 }' lookup/instruments.tsv |
    sort | uniq -c | awk '{ print $2, $1 }'; }
counted() { awk -F, -v n="$1" '{ gsub(/"/, "") } $4 == n && $11 ~ /-OPT$/ { print $6 }' \
    lookup/zerodhaInstrumentDump.csv | sort | uniq -c | head -n 2 | awk '{ print $2, $1 }'; }
for i in NIFTY BANKNIFTY SENSEX; do
	is "options of $i" 0 "$(counted $i)" chosen $i
done
sed -i '$d' lookup/zerodhaInstrumentDump.csv
head -c -30 lookup/zerodhaInstrumentDump.csv >x && mv x lookup/zerodhaInstrumentDump.csv
touch -d 2026-11-23T08:50:00+05:30 lookup/zerodhaInstrumentDump.csv
ok 'a kept dump that is damaged is fetched again' das-lookup -c das.json
ls -i lookup/zerodhaInstrumentDump.csv >a
kill "$sim"
fails 'the broker is down: yesterday serves, with a warning' 0 'going on with the dump of 2026-11-23' \
    env DAS_CLOCK=2026-11-24T08:50:00+05:30 das-lookup -c das.json
head -n 50 lookup/zerodhaInstrumentDump.csv >tiny.csv
web() {	# MODE [FILE]: a broker that misbehaves
	[ -z "${web-}" ] || kill "$web"
	rm -f port
	badserver port "$@" &
	mine $!; web=$!
	wait_for 10 test -s port
	sed "s|\"kiteApiUrl\": \"[^\"]*\"|\"kiteApiUrl\": \"http://127.0.0.1:$(cut -f2 port)\"|
	    s|\"retryCount\": [0-9]*|\"retryCount\": 1, \"httpTimeoutSeconds\": 1|" das.json >web.json
	chmod 600 web.json
}
for t in 'html=65=is HTML' 'status500=75=answered 500' 'garbage=76=no HTTP' \
    'redirect-other=76=kiteApiUrl' 'truncate tiny.csv=75=127.0.0.1' \
    'file tiny.csv=65=has only 49 instruments' 'hang=75=within 4 s'; do
	mode=${t%%=*} rest=${t#*=}
	# shellcheck disable=SC2086 # mode and file
	web $mode
	rm -f lookup/zerodhaInstrumentDump.csv
	cksum lookup/* >before
	fails "broker: $mode" "${rest%%=*}" "${rest#*=}" das-lookup -c web.json
	cksum lookup/* >after
	ok '... and nothing is kept or changed' cmp before after
done
sed 's/"httpTimeoutSeconds": 1/"httpTimeoutSeconds": 60/' web.json >slow.json
chmod 600 slow.json
das-lookup -c slow.json 2>said & das=$!
sleep 0.5
kill $das && wait $das && rc=0 || rc=$?
is 'SIGTERM while the broker hangs ends it' 0 75 echo "$rc"
ok '... with a word' grep -q 'stopped while waiting' said
cksum lookup/* >after
ok '... and nothing is changed' cmp before after
done_testing
