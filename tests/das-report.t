#!/bin/sh
# das-report.t - the page of a day says what the day's files say
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
LOGS=log/${DAY}_DAS_Logs
# has NAME TEXT: a line of the page, whatever its blanks
has() { is "$1" 0 "$2" sh -c "tr -s ' ' <page | sed 's/^ //' | grep -xF -- '$2'"; }
report() { das-report >page 2>words; }

fails 'no such option' 64 'usage: das-report' das-report -x
fails 'no such date' 64 'not a day' das-report -d 23.11.2026
fails 'no such day' 66 "$DAY: neither in the spool" das-report
fails 'no configuration' 78 none.json das-report -c none.json

# ---- 50 options for 40 s, one late, one cached, two tables blank ----
instruments 50
segment 000001
{
	rows 1 2000 50
	rows 2001 2001 50 | sed "s/ 09:15:40/ 09:15:37/2"	# 3 s late
	rows 2002 2002 50 | sed 's/	1	-	/	1	c	/'
} >>"$TICKS/000001.tsv"
: >"$TICKS/CLOSED"
printf 'key\tvalue\nsubscribed\t51\nreconnects\t2\nrejects\t1\nupdated\t%s\n' \
    "$DAY 15:45:00.000000" >"spool/$DAY/status.tsv"
cat >lookup/lookupTables_Nifty500.csv <<'END'
Symbol,TableName
NIFTY 50,NIFTY
OPT1CE,OPT1CE
XYZ,XYZ
XYZ-BE,XYZ
END
printf '%s 08:30:00.000000    XYZ is now <XYZ-BE>\n2026-11-22 08:30:00    old\n' \
    "$DAY" >lookup/nifty500_SymbolsChanged.log
ok 'a day that is not filed has a page' report
is 'which says so' 0 'NOT FILED: das-backup has not ended for this day.' \
    sed -n 3p page
mkdir -p "$LOGS"
das-backup >"$LOGS/backup.out" 2>/dev/null
echo "$DAY 10:00:00 das-load: <words> & trouble" >"$LOGS/DAS_Errors_$DAY.log"
ok 'a day' report
is 'nothing to complain about' 0 '' cat words
is 'whose it is' 0 'DAS, Monday 23 November 2026' sed -n 1p page
is 'whole' 0 'Whole: nothing was missed, all is filed and verified.' sed -n 3p page
has 'subscribed' 'subscribed 51'
has 'seen' 'seen 50'
has 'ticks' 'ticks 2002'
has 'cached' 'of these cached 1'
has 'first and last' 'first and last tick 09:15:00 to 09:15:40'
has 'a second' 'ticks a second 33, in the busiest minute 33 (09:15)'
has 'lag' 'lag in seconds median 0.0, 99 % 0.0, worst 3.0'
has 'complete' 'completeness 100 %'
has 'reconnects' 'reconnects 2'
has 'rejects' 'rejected frames 1'
has 'loaded' 'rows loaded 2002'
has 'filed' "seconds filed $(sed 1d "$LOGS/backup.out" | cut -f 7)"
has 'wrongly' 'filed wrongly 0'
has 'the first of the busy' 'OPT1CE 41'
has 'changes' "XYZ is now <XYZ-BE>"
is 'of this day alone' 1 '' grep old page
has 'a table that nobody lists' \
    "XYZ XYZ,XYZ-BE none of them is listed today: suspended, renamed or gone"
has 'a table without a tick' 'NIFTY NIFTY 50 subscribed, but nothing was sent'
has 'errors' "$DAY 10:00:00 das-load: <words> & trouble"
is 'the page is kept' 0 '' cmp page "$LOGS/report_$DAY.txt"
ok 'and in HTML, all escaped' grep -q '&lt;words&gt; &amp; trouble' \
    "$LOGS/report_$DAY.html"
is 'no word of the feed is markup' 1 '' grep -E '<(words|XYZ)' "$LOGS/report_$DAY.html"
is 'nothing is half written' 0 '' find "$LOGS" -name '.*.[0-9]*'
if command -v gnuplot >/dev/null; then
	for p in ticks lag top; do
		is "a plot of $p" 0 89504e47 sh -c \
		    "od -An -tx1 -N4 $LOGS/${p}_$DAY.png | tr -d ' '"
	done
	is 'the page has them in it' 0 3 grep -c 'src="data:image/png;base64,' \
	    "$LOGS/report_$DAY.html"
	is 'and nothing from outside' 1 '' grep -E 'https?:|src="[^d]' \
	    "$LOGS/report_$DAY.html"
else
	skip 'plots' 'no gnuplot'
fi

# ---- volatility of the money ----
ltp_segment 000001
{
	ltp_rows 1 100 50
	ltp_rows 101 150 50 | sed 's/	0.51234567	/	0.1	/; s/	13.5	/	99	/'
	ltp_rows 101 101 50 | sed 's/	13.5	/	14.25	/'
} >>"$LTP/000001.tsv"
: >"$LTP/CLOSED"
report
if command -v gnuplot >/dev/null; then
	ok 'a plot of volatility' test -s "$LOGS/iv_$DAY.png"
fi

mv "archive/$DAY/instruments.tsv.zst" kept.zst
sed -i "s|	NIFTY	CE	|	../x'; system 'touch came'	CE	|" lookup/instruments.tsv
ok 'a name that is no name of a file' das-report
ok 'is not obeyed' test ! -e came
instruments 50; mv kept.zst "archive/$DAY/instruments.tsv.zst"

# ---- gaps ----
gap() { printf '%s\t%s\t%s\t1\t%s\t%s\tyes\t%s\n' "$@"; }
printf 'from\tto\tseconds\tconn\tcause\tinstruments\tresolved\treason\n' >ledger
{
	cat ledger
	gap "$DAY 09:15:10.000000" "$DAY 09:15:14.000000" 4.000 reset 51 'cut <off>'
	gap "$DAY 09:15:20.000000" "$DAY 09:15:21.000000" 1.000 clock 0 'set'
} >"spool/$DAY/gaps.tsv"
report
has 'a gap costs' 'completeness 90.0000 %'
has 'is counted, and a changed clock is none' 'gaps 1, 4.0 s'
has 'is listed' '09:15:10 4.0 s reset 51 cut <off>'
is 'and is the verdict' 0 'Filed and verified; 90.0000 % of the day was captured.' \
    sed -n 3p page
{ cat ledger; gap "$DAY 09:15:30.000000" '\N' '\N' dial 51 gone; } \
    >"spool/$DAY/gaps.tsv"
sed -i "s/15:45:00/09:15:50/" "spool/$DAY/status.tsv"
report
has 'one that never ended lasts as long as the day' 'gaps 1, 20.0 s'
has 'and costs that' 'completeness 60.0000 %'

# ---- a past day, from the archive alone ----
rm "spool/$DAY/gaps.tsv"
report
sed -n '/ticks /p;/first/p;/lag/p' page >want.page
rm -rf "$TICKS" "$LTP" "$LOGS"/report* "$LOGS"/*.png
ok 'a day of the archive' report
is 'the same ticks' 0 "$(cat want.page)" sed -n '/ticks /p;/first/p;/lag/p' page

mv "spool/$DAY/status.tsv" kept.tsv
report
has 'nobody says how many were subscribed' 'completeness -'
is 'which is not nothing captured' 0 \
    'Filed and verified; how much was captured is not known.' sed -n 3p page
mv kept.tsv "spool/$DAY/status.tsv"
packed=archive/$DAY/ticks/000001.tsv.pack
cp $packed whole
for at in 220 9000; do
	printf '\377\377' | dd of=$packed bs=1 seek=$at conv=notrunc 2>/dev/null
	fails "an archive damaged at byte $at" 65 'damaged' das-report
	is 'has a page that says so' 0 'NOT READ WHOLE: of topic ticks' \
	    sh -c "sed -n 3p $LOGS/report_$DAY.txt | cut -c 1-30"
	cp whole $packed
done

# ---- not right ----
awk -F '\t' -v OFS='\t' '$1 != "day" { $9 = 3 } { print }' "$LOGS/backup.out" >b
cp b "$LOGS/backup.out"
report
is 'instruments that are not as they came' 0 \
    'NOT RIGHT: 3 instruments are not filed as they came.' sed -n 3p page

# ---- faults ----
mkdir bin; printf '#!/bin/sh\necho no terminal png >&2; exit 1\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$T/bin:$PATH
fails 'a gnuplot that fails costs the plots' 0 'no plot of ticks: no terminal png' \
    das-report
ok 'not the page' test -s "$LOGS/report_$DAY.txt"
mkdir none
for t in sh awk cat cut date dirname base64 du df expr find grep head mkdir mktemp mv \
    readlink rm sed sort tail tr wc zstd od; do
	ln -s "$(command -v $t)" none/$t
done
fails 'nor does none' 0 'gnuplot is not installed' env \
    PATH="$T/none" "$SRC/bin/das-report"
if [ "$(id -u)" != 0 ]; then
	chmod 555 "$LOGS"
	fails 'a directory that takes nothing' 73 'cannot be written' das-report
	chmod 755 "$LOGS"
else
	rm -rf "$LOGS"; : >"$LOGS"
	fails 'a directory that is none' 73 'cannot be made' das-report
fi
done_testing
