#!/bin/sh
# das-gap.t - silences, found from the rows alone
. "$(dirname "$0")/tap.sh"

HEAD='from	to	seconds	seq_from	seq_to	conn_from	conn_to	instrument_token	tradingsymbol'
D=2026-11-25
head='seq	recvTime	conn	flag	instrument_token	tradingsymbol	price'
# Rows from lines "TIME CONN FLAG TOKEN"; seq goes on over calls.
seq=0
rows() {
	echo "$head"
	while read -r at conn flag token; do
		seq=$((seq + 1))
		printf '%s\n' "$seq	$D $at	$conn	$flag	$token	S$token	1.00"
	done
}

fails 'an option that is none' 64 'usage: das-gap' das-gap -x
for s in 0 86401 1.5 ''; do
	fails "-s '$s'" 64 'not 1 to 86400' das-gap -s "$s"
done
fails '-t of a name' 64 'not an instrument_token' das-gap -t INFY
fails 'a file that is not there' 66 'nothing.tsv' das-gap nothing.tsv

rows >a.tsv <<END
09:15:00.000000 1 - 1
09:15:05.000000 1 - 2
09:15:10.000001 2 - 1
09:15:20 1 d 2
END
is 'more than 5 seconds' 1 "$HEAD
$D 09:15:05.000000	$D 09:15:10.000001	5.000	2	3	1	2	\\N	\\N
$D 09:15:10.000001	$D 09:15:20.000000	9.999	3	4	2	1	\\N	\\N" das-gap a.tsv
is 'not more than 10' 0 "$HEAD" das-gap -s 10 a.tsv
is 'an instrument' 1 "$HEAD
$D 09:15:00.000000	$D 09:15:10.000001	10.000	1	3	1	2	\\N	\\N" das-gap -t 1 a.tsv
is 'two of them' 1 "$HEAD
$D 09:15:10.000001	$D 09:15:20.000000	9.999	3	4	2	1	\\N	\\N" \
    das-gap -s 9 -t 1 -t 2 a.tsv
is 'each by itself' 1 "$HEAD
$D 09:15:00.000000	$D 09:15:10.000001	10.000	1	3	1	2	1	S1
$D 09:15:05.000000	$D 09:15:20.000000	15.000	2	4	1	1	2	S2" das-gap -i a.tsv
is 'one of each' 1 "$HEAD
$D 09:15:05.000000	$D 09:15:20.000000	15.000	2	4	1	1	2	S2" das-gap -i -t 2 a.tsv

# over files, pipes, and headers in the middle
rows >b.tsv <<END
09:15:22 1 - 1
09:15:32 1 c 1
09:15:33 1 co 2
09:15:34 1 - 2
END
is 'over files; cached values are no life' 1 "$HEAD
$D 09:15:22.000000	$D 09:15:34.000000	12.000	5	8	1	1	\\N	\\N" das-gap -s 10 a.tsv b.tsv
is '... unless they are asked for' 0 "$HEAD" das-gap -k -s 10 a.tsv b.tsv
cat a.tsv b.tsv >both.tsv
is 'a header in the middle' 1 "$(das-gap a.tsv b.tsv)" das-gap both.tsv
is 'standard input' 1 "$(das-gap a.tsv b.tsv)" sh -c 'cat a.tsv b.tsv | das-gap'
awk -F '\t' -v OFS='\t' '{ print NR == 1 ? "new" : "x", $5, $4, $3, $2, $1, $6 }' b.tsv >c.tsv
is 'columns by name' 1 "$(das-gap both.tsv)" das-gap a.tsv c.tsv
cut -f 1-6 a.tsv >d.tsv
is 'columns that it does not need' 1 "$(das-gap a.tsv)" das-gap d.tsv
printf '%s' "9	$D 10:00:00	1	-	1	S1	1.0" | cat a.tsv - >torn.tsv
is 'a torn tail' 1 "$(das-gap a.tsv)" das-gap torn.tsv
echo "$head" >empty.tsv
is 'no rows' 0 "$HEAD" das-gap empty.tsv
: >nothing.tsv
is 'nothing' 0 "$HEAD" das-gap nothing.tsv

# a clock that was set back
rows >back.tsv <<END
09:15:30 1 - 1
09:15:29.999 1 - 1
09:14:30 1 - 1
09:14:36 1 - 1
END
fails 'a clock that goes back is told' 1 'goes back 3 times, by up to 59.999 s' das-gap both.tsv back.tsv
is '... what follows is compared with it' 1 "$HEAD
$D 09:14:30.000000	$D 09:14:36.000000	6.000	11	12	1	1	\\N	\\N" das-gap back.tsv

bad() {	# NAME WORDS ROW
	printf '%b\n' "$head" "$3" >bad.tsv
	fails "$1" 65 "bad.tsv:$2" das-gap bad.tsv
}
bad 'seq' '2: bad seq' "0	$D 09:15:00	1	-	1	S	1"
bad 'recvTime' '2: bad recvTime' "1	09:15:00	1	-	1	S	1"
bad 'conn' '2: bad conn' "1	$D 09:15:00	x	-	1	S	1"
bad 'token' '2: bad instrument_token' "1	$D 09:15:00	1	-	-1	S	1"
bad 'a field is missing' '2: fewer fields' "1	$D 09:15:00	1	-	1	S"
bad 'one too many' '2: more fields' "1	$D 09:15:00	1	-	1	S	1	2"
bad 'a NUL' '2: a NUL' '1\0000'
bad 'another header lacks a column' '2: no column recvTime' 'seq	conn'
echo 'a	b' >bad.tsv
fails 'no ticks' 65 'bad.tsv:1: no column seq' das-gap bad.tsv
awk -v h="$head" 'BEGIN { print h; for (i = 1; i <= 65537; i++)
    print i "\t2026-11-25 09:15:00\t1\t-\t" i "\tS\t1" }' >many.tsv
is 'any number of instruments' 0 "$HEAD" das-gap many.tsv
fails '... but not each by itself' 65 'more than 65536 instruments' das-gap -i many.tsv
[ -e /dev/full ] && fails 'a full disk' 74 '' sh -c 'das-gap a.tsv >/dev/full'
done_testing
