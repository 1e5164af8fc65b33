#!/bin/sh
# das-export.t - what comes out is what is in the spool, in every format
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
OUT=exp/date=$DAY

fails 'no directory' 64 'usage: das-export' das-export "$DAY"
fails 'no day' 64 'usage: das-export' das-export -o exp
fails 'no such day' 66 "$DAY: no ticks in the spool" das-export -o exp "$DAY"
fails 'no such date' 64 'not a day' das-export -o exp today
fails 'no such format' 64 'not csv' das-export -f xml -o exp "$DAY"
fails 'no such topic' 64 'not ticks' das-export -t ../etc -o exp "$DAY"
fails 'no configuration' 78 none.json das-export -c none.json -o exp "$DAY"
ok 'nothing was made' test ! -e exp

instruments 3; segment 000001
{
	rows 1 5 3 | sed 's/	OPT3CE	/	a"b*\\\\nse\\\\t\r	/'
	printf '6\t%s 09:15:03.1\t1\t-\t256265\tNIFTY 50\t%s 09:15:03\t26000.05' \
	    "$DAY" "$DAY"
	printf '\t\\N%.0s' $(seq 44); echo
	rows 7 7 3 | sed 's/	OPT1CE	/	a"b, c\\\\d\\te\\nf	/'
} >>"$TICKS/000001.tsv"
segment 000002; rows 8 9 3 >>"$TICKS/000002.tsv"
ok 'a day as TSV' das-export -f tsv -o exp "$DAY"
is 'is the spool' 0 '' sh -c "(cat $TICKS/000001.tsv; sed 1d $TICKS/000002.tsv) |
    cmp - $OUT/ticks.tsv"
ok 'as CSV' das-export -o exp "$DAY"
cat >compare.pl <<'END'
# every value of a CSV file against the same of a TSV one
use strict; use warnings;
open(my $t, '<', $ARGV[0]) or die; open(my $c, '<', $ARGV[1]) or die;
my $csv = join('', <$c>); my $n = 0;
while (my $row = <$t>) {
	chomp $row;
	for my $f (split /\t/, $row, -1) {
		$csv =~ /\G(?:"((?:[^"]|"")*)"|([^",\n]*))[,\n]/gc or die "row $.\n";
		my $v = defined $1 ? $1 =~ s/""/"/gr : $2;
		my %e = ('\\\\' => '\\', '\t' => "\t", '\n' => "\n", '\N' => '');
		$f =~ s/(\\.)/$e{$1}/g;
		$f eq $v or die "row $.: '$f' is not '$v'\n";
		$n++;
	}
}
pos($csv) == length $csv or die "more than the rows\n";
print "$n\n";
END
is 'each value is the same' 0 $((52 * 10)) \
    perl compare.pl "$OUT/ticks.tsv" "$OUT/ticks.csv"
is 'one instrument' 0 '2
5
8' sh -c "das-export -s OPT2CE -o one $DAY; sed 1d one/date=$DAY/ticks.csv | cut -d, -f1"
is 'or two, one with a blank' 0 '2
5
6
8' sh -c "das-export -s 'NIFTY 50' -s OPT2CE -o two $DAY; sed 1d two/date=$DAY/ticks.csv | cut -d, -f1"
is 'or one that says a lot' 0 3 sh -c "das-export -f tsv -s \"\$1\" -o odd $DAY
    sed 1d odd/date=$DAY/ticks.tsv | cut -f 1" - "$(printf 'a"b*\\nse\\t\r')"
ltp_segment 000001; ltp_rows 1 4 2 >>"$LTP/000001.tsv"
ok 'another topic' das-export -t ltp -s SYM2CE -o exp "$DAY"
is 'by its symbol' 0 2 sh -c "grep -c ^SYM2CE, $OUT/ltp.csv"
fails 'of two days one is not there' 66 '2026-11-24: no ticks' \
    das-export -o three "$DAY" 2026-11-24
ok 'and none is written' test ! -e three

# ---- from the archive ----
for s in 1 2; do	# the archive takes only what das-tick can write
	sed -i '/a"b/d' "$TICKS/00000$s.tsv"
done
das-export -o plain "$DAY"
: >"$TICKS/CLOSED"
das-backup >/dev/null 2>told || sed 's/^/# /' told
rm -rf "$TICKS"
ok 'a filed day' das-export -o filed "$DAY"
is 'is the same' 0 '' cmp "plain/date=$DAY/ticks.csv" "filed/date=$DAY/ticks.csv"
pack=archive/$DAY/ticks/000001.tsv.pack
cp $pack whole
printf '\377\377' | dd of=$pack bs=1 seek=120 conv=notrunc 2>/dev/null
fails 'one that is damaged' 65 'nothing is written' das-export -o filed "$DAY"
is 'leaves the file that is there' 0 '' cmp "plain/date=$DAY/ticks.csv" \
    "filed/date=$DAY/ticks.csv"
cp whole $pack

# ---- Parquet ----
mkdir none
for t in sh cat dirname readlink awk expr mkdir mv rm head; do
	ln -s "$(command -v $t)" none/$t
done
fails 'no duckdb' 69 'duckdb is not installed' env PATH="$T/none" \
    "$SRC/bin/das-export" -f parquet -o exp "$DAY"
# answer QUERY: of the Parquet file
answer() { duckdb -c "SELECT $1 FROM read_parquet('filed/date=$DAY/ticks.parquet')"; }
if command -v duckdb >/dev/null; then
	ok 'as Parquet' das-export -f parquet -o filed "$DAY"
	answer "'rows ' || count(*)" >asked
	ok 'which has every row' grep -q 'rows 7' asked
	answer "typeof(max(volume)) || ' ' || typeof(max(price)) || ' ' ||
	    typeof(max(timestamp))" >asked
	ok 'and its types' grep -q 'BIGINT DOUBLE TIMESTAMP' asked
else
	skip 'Parquet' 'no duckdb'
fi
is 'nothing half written is left' 0 '' find exp one two plain filed -name '.*' -type f
done_testing
