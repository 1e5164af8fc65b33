#!/bin/sh
# das-follow.t - a topic on the standard output, whole rows and each once
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"

fails 'no topic' 64 'usage: das-follow' das-follow
fails 'two topics' 64 'usage: das-follow' das-follow a b
fails 'a path' 64 'usage: das-follow' das-follow ../a
fails 'no such date' 64 'not a day' das-follow -d yesterday ticks
fails 'nothing is there' 66 "$TICKS" das-follow -n ticks
for s in 1 x:1 1:x 0:0 1:-1; do
	fails "-s $s" 64 'not SEGMENT:OFFSET' das-follow -s $s ticks
done

segment 000001
is 'only a header' 0 "$COLS" das-follow -n ticks
rows 1 5 2 >>"$TICKS/000001.tsv"
at=$(wc -c <"$TICKS/000001.tsv")
rows 6 6 2 | tr -d '\n' >>"$TICKS/000001.tsv"
is 'whole rows only' 0 "$COLS
$(rows 1 5 2)" das-follow -n ticks
is 'another day' 0 "$COLS
$(rows 1 5 2)" env -u DAS_CLOCK das-follow -n -d "$DAY" ticks
segment 000002; rows 6 9 2 >>"$TICKS/000002.tsv"
is 'across segments, one header' 0 "$COLS
$(rows 1 9 2)" das-follow -n ticks
is 'from a position' 0 "$COLS
$(rows 6 9 2)" das-follow -n -s "1:$at" ticks
is 'from a segment' 0 "$COLS
$(rows 6 9 2)" das-follow -n -s 2:0 ticks
fails 'inside of a row' 65 "000001.tsv: no row begins at byte $((at - 1))" \
    das-follow -n -s "1:$((at - 1))" ticks
fails 'behind the end' 65 'no row begins' das-follow -n -s 2:999999 ticks
fails 'no such segment' 66 '000007.tsv' das-follow -n -s 7:0 ticks

# ---- other columns ----
rm -rf spool; mkdir -p "$TICKS"
printf 'a\tb\n1\t2\n' >"$TICKS/000001.tsv"
printf 'b\tc\ta\n4\tx\t3\n6\ty\t5\n' >"$TICKS/000002.tsv"
printf 'c\tb\nz\t8\n' >"$TICKS/000003.tsv"
printf 'a\tb\n9\t\\N\n' >"$TICKS/000004.tsv"
is 'columns in the order of the first header' 0 \
    "$(printf 'a\tb\n1\t2\n3\t4\n5\t6\n\\N\t8\n9\t\\N')" das-follow -n ticks
cp err told
is 'said for each' 0 \
    "000002.tsv has other columns: 0 are null, 1 left out
000003.tsv has other columns: 1 are null, 1 left out" \
    sed 's,.*/,,' told
printf 'c\tb\nz\n' >"$TICKS/000003.tsv"
fails 'a row that does not fit' 65 'fewer fields than columns' \
    das-follow -n ticks

# ---- following ----
rm -rf spool
timeout 60 das-follow ticks >got 2>log & pid=$!; mine $pid
sleep 0.2
segment 000001; rows 1 100 50 >>"$TICKS/000001.tsv"
ok 'a topic that begins later' wait_for 10 sh -c '[ "$(wc -l <got)" = 101 ]'
rows 101 101 50 | cut -c1-50 | tr -d '\n' >>"$TICKS/000001.tsv"
segment 000002; rows 101 200 50 >>"$TICKS/000002.tsv"
: >"$TICKS/CLOSED"
ok 'ends when it is CLOSED' wait $pid
is 'and all is there' 0 "$(rows 1 200 50 | sha256sum)" sh -c \
    'sed 1d got | sha256sum'
is 'with no word but for what it waits' 0 'ticks: not there yet; waiting for it' \
    sed 's,.*/,,' log

rm "$TICKS/CLOSED"
timeout 60 das-follow ticks >again 2>log & pid=$!; mine $pid
ok 'follows' wait_for 10 sh -c '[ "$(wc -l <again)" = 201 ]' 2>/dev/null
kill $pid; wait $pid && rc=0 || rc=$?
is 'asked to stop' 0 75 echo "$rc"
is 'tells where' 0 "das-follow: stopped; -s 2:$(wc -c <"$TICKS/000002.tsv") goes on here" \
    cat log
is 'head has seen enough' 0 "$(printf '%s\n' "$COLS"; rows 1 2 50)
0" sh -c '{ timeout 60 das-follow ticks 2>log; echo $? >rc; } | head -n 3; cat rc log'
is 'also when nothing comes' 0 0 sh -c \
    '{ timeout 60 das-follow -s 2:0 ticks 2>log; echo $? >rc; } | head -n 101 >/dev/null
    cat rc log'

# ---- a day that is in the archive ----
rm -rf spool log; instruments 50
segment 000001; rows 1 100 50 >>"$TICKS/000001.tsv"
segment 000002; rows 101 3000 50 >>"$TICKS/000002.tsv"
at=$(wc -c <"$TICKS/000001.tsv")
half=$(rows 101 1500 50 | cat "$TICKS/000001.tsv" - | wc -c)
half=$((half - at + ${#COLS} + 1))
printf torn >>"$TICKS/000002.tsv"; : >"$TICKS/CLOSED"
timeout 60 das-follow ticks >whole
ok 'a day is filed' sh -c 'das-backup >/dev/null 2>&1'
rm "$TICKS/000001.tsv"
ok 'its first segment' sh -c 'timeout 60 das-follow ticks | cmp - whole'
cp -r spool mixed; rm -rf spool
ok 'the whole day' sh -c 'timeout 60 das-follow ticks | cmp - whole'
ok '... asked for by its date' sh -c \
    "env -u DAS_CLOCK das-follow -n -d $DAY ticks | cmp - whole"
is 'from a position in it' 0 "$COLS
$(rows 1501 3000 50)" timeout 60 das-follow -s "2:$half" ticks
is 'from where a segment ends' 0 "$COLS
$(rows 101 3000 50)" timeout 60 das-follow -s "1:$at" ticks
is 'from a segment of it' 0 "$COLS
$(rows 101 3000 50)" timeout 60 das-follow -s 2:0 ticks
fails 'inside of a row of it' 65 "000002.tsv: no row begins, at byte $((half - 1))" \
    timeout 60 das-follow -s "2:$((half - 1))" ticks
fails 'behind its end' 65 'shorter than the position' \
    timeout 60 das-follow -s 2:99999999 ticks
fails 'no such segment there' 66 '000003.tsv' timeout 60 das-follow -s 3:0 ticks
mv "archive/$DAY/ticks/000001.tsv.pack" kept
fails 'a hole in it' 65 'missing' timeout 60 das-follow ticks
mkdir -p "$TICKS"
cp "mixed/$DAY/ticks/"* "$TICKS" 2>/dev/null
fails 'nor is it in the spool' 65 '000001.tsv is missing' timeout 60 das-follow ticks
mv kept "archive/$DAY/ticks/000001.tsv.pack"
ok 'the first from the archive, the second from the spool' sh -c \
    'timeout 60 das-follow ticks | cmp - whole'
rm -f "$TICKS"/0*.tsv "$TICKS/CLOSED"
ok 'a directory without segments is no day' sh -c \
    'timeout 60 das-follow ticks | cmp - whole'
rm -rf spool
segment 000003; rows 3001 3005 50 >>"$TICKS/000003.tsv"
is 'a day that is written on' 0 "$(cat whole; rows 3001 3005 50)" \
    timeout 60 das-follow -n ticks
cp "archive/$DAY/ticks/000001.tsv.pack" kept
cp "archive/$DAY/ticks/000002.tsv.pack" "archive/$DAY/ticks/000001.tsv.pack"
fails '... says why' 65 '000001.tsv.pack: its SHA-256' timeout 60 das-follow -n ticks
is 'another segment of that name: not a row of it' 65 '' sh -c 'timeout 60 das-follow -n ticks'
mv kept "archive/$DAY/ticks/000001.tsv.pack"
head -c 5000 "archive/$DAY/ticks/000002.tsv.pack" >short
mv short "archive/$DAY/ticks/000002.tsv.pack"
fails 'a damaged archive' 65 '000002.tsv.pack: cut short' timeout 60 das-follow -n ticks
if [ -c /dev/full ]; then
	fails 'a full disk' 74 'standard output' sh -c 'timeout 60 das-follow -n ticks >/dev/full'
else
	skip 'a full disk' 'no /dev/full'
fi
done_testing
