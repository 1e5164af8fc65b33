#!/bin/sh
# das-n500.t - the list: made, extended, rolled, and left alone
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/lists.sh"
LC_ALL=C
export LC_ALL

list=lookup/lookupTables_Nifty500.csv
log=lookup/nifty500_SymbolsChanged.log
head='change	Symbol	TableName	why'
n500() { das-n500 -d 2026-11-23 "$@"; }
quiet() { "$@" 2>/dev/null; }
row() { grep "^$1," $list; }

# ---- made ----
nse 496 'M&M,EQ' 'BAJAJ-AUTO,EQ' 'HSCL,BE' 'DUMMYX,EQ' >nse.csv
dump "$(share 200001 'M&M')" "$(share 200257 BAJAJ-AUTO)" \
    "$(share 200513 HSCL-BE)" "$(share 200769 OPTED)" \
    "$(share 201025 OTHER)" "$(option 3 OPTED26NOV100CE OPTED 2026-11-24 100 CE NFO)" \
    "$(option 4 GONE26NOV100CE S001 2026-11-24 100 CE NFO)" >dump.csv

{
	echo 'Symbol,TableName'
	{
		awk 'BEGIN { for (i = 1; i <= 496; i++)
			printf "S%03d,S%03d\n", i, i }'
		echo 'NIFTY 50,NIFTY'
		echo 'NIFTY BANK,BANKNIFTY'
		echo 'SENSEX,SENSEX'
		echo 'NIFTY26NOVFUT,NIFTYFUT'
		echo 'BANKNIFTY26NOVFUT,BANKNIFTYFUT'
		echo 'SENSEX26NOVFUT,SENSEXFUT'
		echo 'M&M,M_M'
		echo 'BAJAJ-AUTO,BAJAJ_AUTO'
		echo 'HSCL-BE,HSCL'
		echo 'DUMMYX,DUMMYX'
		echo 'OPTED,OPTED'
	} | sort
} >want.csv
ok 'is a dry run' n500 -n -l nse.csv -i dump.csv
ok '... that writes nothing' test ! -e lookup
ok 'makes the list' n500 -l nse.csv -i dump.csv
ok '... of these rows' cmp want.csv $list
is '... and logs that' 0 1 sh -c "grep -c 'made .* with 507 symbols' $log"
ok '... and keeps what it came from' cmp nse.csv lookup/ind_nifty500_list_2026-11-23.csv
fails 'says what the dump lacks' 0 "1 of NSE's 500 are not in the dump: DUMMYX" \
    n500 -l nse.csv -i dump.csv

# ---- left alone ----
ls -i $list >before
is 'nothing changes' 0 "$head" quiet n500 -l nse.csv -i dump.csv
ls -i $list >after
ok '... and the file is the same' cmp before after
is '... and the log' 0 1 grep -c '' $log
nse 500 | sed 's/$/\r/' >crlf.csv
printf '\357\273\277' | cat - crlf.csv >bom.csv
ok 'BOM, CR LF' n500 -n -l bom.csv -i dump.csv

# ---- extended and rolled ----
sed -i 's/^S007,.*/S007,OLDNAME/; s/^S008,.*/S008-BE,S008/' $list
printf '%s\n' 'MINE,MY_TABLE' 'NIFTY26DECFUT,NEXT_FUT' >>$list
cp $list was.csv
nse 496 'NEW,EQ' 'NEW2,BE' 'ODD&ONE,EQ' 'A B,EQ' >nse2.csv
{
	dump "$(share 201281 S007-BE)" "$(share 201537 S009-BZ)" \
	    "$(share 201793 NEW)" "$(share 202049 NEW2)" \
	    "$(share 202305 MINE-BE)" |
	    grep -v -e ',S007,' -e ',S009,' -e 'NOVFUT'
	future 2282 BANKNIFTY27JANFUT BANKNIFTY 2027-01-26 NFO
	future 2053 SENSEX26DECFUT SENSEX 2026-12-31 BFO
} >dump2.csv
quiet n500 -l nse2.csv -i dump2.csv >changes
sort changes | cut -f 1-3 >got
sort >want <<E
added${tab}NEW${tab}NEW
added${tab}NEW2${tab}NEW2
added${tab}ODD&ONE${tab}ODD_ONE
added${tab}S007-BE${tab}OLDNAME
added${tab}S008${tab}S008
added${tab}S009-BZ${tab}S009
added${tab}MINE-BE${tab}MY_TABLE
rolled${tab}BANKNIFTY26DECFUT${tab}BANKNIFTYFUT
rolled${tab}SENSEX26DECFUT${tab}SENSEXFUT
change${tab}Symbol${tab}TableName
E
ok 'extends, follows moves by the dump, rolls' diff want got
{
	sed 1d was.csv | grep -v -e '^BANKNIFTY26NOVFUT,' -e '^SENSEX26NOVFUT,'
	awk -F'\t' '$1 != "change" { print $2 "," $3 }' want
} | sort >rows
sed 1d $list >got
ok 'every other row is as it was, sorted' cmp rows got
is 'the old list is kept' 0 '' cmp was.csv lookup/lookupTables_Nifty500_2026-11-23.csv
is 'every change is in the log' 0 9 sh -c "grep -c -e ' added ' -e ' rolled ' $log"
ok '... with its time' grep -qE \
    '^20[0-9-]{8} [0-9:]{8}\.[0-9]{6}    rolled SENSEX26DECFUT, table SENSEXFUT: .*SENSEX26NOVFUT$' $log
fails 'a future that is another row says so' 0 \
    'NIFTY26DECFUT: has a row with table NEXT_FUT, so table NIFTYFUT stays with NIFTY26NOVFUT' \
    n500 -l nse2.csv -i dump2.csv
fails 'a symbol that cannot be a table is named' 0 "A B: 'A B' cannot be a table name; left out" \
    n500 -l nse2.csv -i dump2.csv
echo 'ZZ,ZZ' >>$list
nse 499 'YY,EQ' >nse3.csv
ok 'a second change on that day' n500 -l nse3.csv -i dump2.csv
is '... is made' 0 "YY,YY
ZZ,ZZ" grep -e ^YY, -e ^ZZ, $list
ok '... and the kept list is the one before the first' \
    cmp was.csv lookup/lookupTables_Nifty500_2026-11-23.csv
is 'the day of expiry still has its future' 0 NIFTY26NOVFUT,NIFTYFUT sh -c "
    mkdir -p e/etc && cp etc/dasConfig.json e/etc
    das-n500 -c e/etc/dasConfig.json -d 2026-11-24 -l nse.csv -i dump.csv >/dev/null 2>&1
    grep ,NIFTYFUT e/$list"
is '... the day after the next' 0 NIFTY26DECFUT,NIFTYFUT sh -c "
    das-n500 -c e/etc/dasConfig.json -d 2026-11-25 -l nse.csv -i dump.csv >/dev/null 2>&1
    grep ,NIFTYFUT e/$list"
ok '... named when there is none' sh -c "
    das-n500 -c e/etc/dasConfig.json -d 2027-06-01 -l nse.csv -i dump.csv 2>&1 |
    grep -q 'NIFTY: the dump has no future that expires on 2027-06-01 or later'"

# ---- table names that clash ----
rm -r lookup
nse 498 'M&M,EQ' 'M-M,EQ' >clash.csv
dump "$(share 200001 'M&M')" "$(share 200257 M-M)" >clash-dump.csv
fails 'two shares, one table: the clash is named' 0 'M-M: table M_M is that of M&M already' \
    n500 -l clash.csv -i clash-dump.csv
is '... and the second gets another' 0 'M-M,M_M_2' row M-M
is '... for good' 0 "$head" quiet n500 -l clash.csv -i clash-dump.csv

# ---- what is refused ----
rm -r lookup
quiet n500 -l nse.csv -i dump.csv >/dev/null
cksum lookup/* >before
nse 449 >few.csv
nse 551 >many.csv
fails '449 rows' 65 'few.csv: has 449 rows, want 450 to 550' n500 -l few.csv -i dump.csv
fails '551 rows' 65 'many.csv:552: has more than 550 rows' n500 -l many.csv -i dump.csv
nse 450 >450.csv
ok '450 rows' n500 -n -l 450.csv -i dump.csv
nse 550 >550.csv
ok '550 rows' n500 -n -l 550.csv -i dump.csv
: >empty.csv
fails 'empty' 65 'empty.csv: is empty' n500 -l empty.csv -i dump.csv
echo '<!DOCTYPE html><p>Resource not found' >html.csv
fails 'HTML' 65 'html.csv:1: is HTML' n500 -l html.csv -i dump.csv
sed 's/,Series/,Serie/' nse.csv >noseries.csv
fails 'no column' 65 'noseries.csv:1: no column Series' n500 -l noseries.csv -i dump.csv
sed '17s/,[^,]*$//' nse.csv >short.csv
fails 'a short row' 65 'short.csv:17: fewer fields' n500 -l short.csv -i dump.csv
sed '17s/S016//' nse.csv >nosym.csv
fails 'no symbol' 65 "nosym.csv:17: Symbol is ''" n500 -l nosym.csv -i dump.csv
fails 'no such list' 66 'absent.csv' n500 -l absent.csv -i dump.csv
fails 'no such dump' 66 'absent.csv' n500 -l nse.csv -i absent.csv
fails 'HTML for a dump' 65 'html.csv:1: is HTML' n500 -l nse.csv -i html.csv
head -c -10 dump.csv >cut.csv
fails 'a dump cut short' 65 'cut.csv:516: is truncated' n500 -l nse.csv -i cut.csv
fails 'a bad date' 64 '-d 2026-02-30' n500 -d 2026-02-30
fails 'an argument' 64 'usage' n500 x
cksum lookup/* >after
ok 'nothing of that changed a file' cmp before after

broken() {	# NAME WORDS SED: the list, edited, is refused
	cp $list good
	sed -i "$3" $list
	cksum $list >before
	fails "list: $1" 65 "$list:$2" n500 -l nse2.csv -i dump.csv
	cksum $list >after
	ok '... and left as it was' cmp before after
	mv good $list
}
broken 'a table twice' '4: table BANKNIFTYFUT is already that of BANKNIFTY26NOVFUT (line 3)' \
    '4s/,.*/,BANKNIFTYFUT/'
broken 'a table twice but for the case' '4: table BankNiftyFut is already' \
    '4s/,.*/,BankNiftyFut/'
broken 'a forbidden table' "4: TableName is 'dailytable'" '4s/,.*/,dailytable/'
broken 'a table with a blank' "4: TableName is 'a b'" '4s/,.*/,a b/'
broken 'no table' "4: TableName is ''" '4s/,.*/,/'
broken 'a symbol twice' '4: symbol BANKNIFTY26NOVFUT is there already (line 3)' '4s/^[^,]*/BANKNIFTY26NOVFUT/'
broken 'no symbol' "4: Symbol is ''" '4s/^[^,]*//'
broken 'a short row' '4: fewer fields' '4s/,.*//'
broken 'another header' '1: no column TableName' '1s/TableName/Table/'
broken 'a column more' '1: has 3 columns' 's/$/,x/'
sed -i '4s/,.*/,BANKNIFTY/; 5s/.*/BAJAJ-AUTO-BE,BAJAJ_AUTO/' $list
fails 'X and X-BE may share, two others not' 65 'table BANKNIFTY is already' \
    n500 -l nse.csv -i dump.csv

# ---- configuration ----
rm -r lookup
echo '{"underlyings": ["NIFTY", "NOPE"]}' >nope.json
fails 'an unknown underlying' 78 'underlyings: NOPE has no row for 2026-11-23' \
    n500 -c nope.json -l nse.csv -i dump.csv
fails 'no configuration' 78 'absent.json' n500 -c absent.json
cp "$SRC/lookup/indices.tsv" . && mkdir lookup
sed '3s/2000-01-01/2000-13-01/' indices.tsv >lookup/indices.tsv
fails 'a bad index table' 65 "indices.tsv:3: from is '2000-13-01'" \
    n500 -l nse.csv -i dump.csv
sed '3s/BANKNIFTY/NIFTY/' indices.tsv >lookup/indices.tsv
fails '... two rows for a day' 65 'indices.tsv:3: NIFTY has another row' \
    n500 -l nse.csv -i dump.csv
sed '3s/BANKNIFTYFUT/a b/' indices.tsv >lookup/indices.tsv
fails '... a bad table' 65 "indices.tsv:3: future_table is 'a b'" \
    n500 -l nse.csv -i dump.csv
rm -r lookup

# ---- a directory or disk that does not take it ----
if [ "$(id -u)" != 0 ]; then
	mkdir lookup && chmod 500 lookup
	fails 'a read-only directory' 73 lookup n500 -l nse.csv -i dump.csv
	chmod 700 lookup && rmdir lookup
else
	skip 'a read-only directory' 'root may write anywhere'
fi
: >lookup
fails 'a file where the directory should be' 66 'Not a directory' n500 -l nse.csv -i dump.csv
rm lookup
quiet n500 -l nse.csv -i dump.csv >/dev/null
cksum lookup/* >before
full() ( trap '' XFSZ; ulimit -f 4; n500 -l nse3.csv -i dump2.csv )
fails 'no room for a file' 74 'File too large' full
cksum lookup/* >after
ok '... and all is as it was' cmp before after
is '... and nothing is left behind' 0 '' sh -c 'ls -A lookup | grep "^\."; :'
fails 'a full disk behind stdout' 74 'standard output' sh -c \
    'das-n500 -n -d 2026-11-23 -l nse.csv -i dump.csv >/dev/full'

# ---- by net: das-sim refuses a client that is no browser, as NSE does ----
DAS_CLOCK=2026-11-23T08:50:00+05:30
export DAS_CLOCK
mkdir net && cd net || exit 99
das-sim --port-file ports --write-config das.json 2>sim.err &
mine $! ; sim=$!
wait_for 10 test -s ports || { cat sim.err; exit 99; }
ok 'fetches the list and the dump' das-n500 -c das.json
is '... 500 and what else there is' 0 '' sh -c "
    awk -F, 'NR > 1 { print \$(NF - 2) }' lookup/ind_nifty500list.csv | sort >a
    sed '1d; s/-BE,.*//; s/,.*//' $list | sort >b; comm -23 a b"
ls -i lookup/zerodhaInstrumentDump.csv >a
ok 'again' das-n500 -c das.json
ls -i lookup/zerodhaInstrumentDump.csv >b
ok '... a fresh dump is used again' cmp a b
later() { DAS_CLOCK=2026-11-23T09:51:00+05:30 "$@"; }
ok 'an hour later' later das-n500 -c das.json
ls -i lookup/zerodhaInstrumentDump.csv >b
ok '... the dump is fetched anew' sh -c '! cmp -s a b'
kill "$sim"
touch -d 2026-11-23T08:50:00+05:30 lookup/zerodhaInstrumentDump.csv
fails 'all down: the list and the dump from before, with a warning' 0 \
    'going on with the list from before' das-n500 -c das.json
later2() { DAS_CLOCK=2026-11-25T08:51:00+05:30 "$@"; }
fails '... and the dump of that day' 0 'going on with the dump of 2026-11-23' \
    later2 das-n500 -c das.json
later3() { DAS_CLOCK=2026-12-03T08:51:00+05:30 "$@"; }
fails 'a dump of last week is too old' 75 'connect' later3 das-n500 -c das.json

# web MODE [FILE]: a server that misbehaves is NSE
web() {
	[ -z "${web-}" ] || kill "$web"
	rm -f port
	badserver port "$@" &
	mine $!; web=$!
	wait_for 10 test -s port
	sed "s|\"nseListUrl\": \"[^\"]*\"|\"nseListUrl\": \"http://127.0.0.1:$(cut -f2 port)/x\"|
	    s|\"retryCount\": [0-9]*|\"retryCount\": 2, \"httpTimeoutSeconds\": 1|" das.json >web.json
	chmod 600 web.json
}
nse 449 >few.csv
das-n500 -c das.json >/dev/null 2>&1	# back on the 23rd
cksum $list >before
for t in 'html:is HTML' 'status500:answered 500' 'garbage:no HTTP' \
    'redirect-other:put the new address into nseListUrl' 'truncate few.csv:127.0.0.1' \
    'file few.csv:has 449 rows' 'refuse-after-accept:127.0.0.1' 'hang:within 1 s'; do
	# shellcheck disable=SC2086 # mode and file
	web ${t%%:*}
	fails "NSE: ${t%%:*}" 0 "${t#*:}" das-n500 -c web.json
	cp err said
	ok '... tried twice, then the list from before' sh -c \
	    'grep -q "try 1: " said && grep -q "from before, .*/lookup/ind_" said'
done
cksum $list >after
ok 'the list is as it was' cmp before after
sed 's/"httpTimeoutSeconds": 1/"httpTimeoutSeconds": 60/' web.json >slow.json
chmod 600 slow.json
das-n500 -c slow.json >out 2>said & das=$!
sleep 0.5
kill $das && wait $das && rc=0 || rc=$?
is 'SIGTERM while NSE hangs ends it' 0 75 echo "$rc"
ok '... with a word' grep -q 'stopped while waiting' said
cksum $list >after
ok '... and the list is as it was' cmp before after
rm lookup/ind_nifty500list.csv
fails 'without an old list that is the end' 75 'no whole answer' das-n500 -c web.json
web html
fails '... with its own status' 65 'and no list from before' das-n500 -c web.json
cd .. || exit 99
unset DAS_CLOCK

done_testing
