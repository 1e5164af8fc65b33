#!/bin/sh
# das-pull.t - days come whole, once, into archive and store, and are marked
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
if ! command -v rsync >/dev/null; then
	echo '1..0 # SKIP no rsync'
	exit 0
fi
# in place of ssh: what it would run over there, here; "cut" breaks it off
cat >ssh <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do
	case $1 in
	-l) shift ;;
	-*) ;;
	*) break ;;
	esac
	shift
done
echo "$1" >>"$FAR.asked"
[ "$1" = far ] || exit 255
shift
[ -e "$FAR.cut" ] || exec sh -c "$*"
rm "$FAR.cut"
sh -c "$*" | { dd bs=1 count=3000; kill -9 $$; }
END
chmod +x ssh
FAR=$T/far; export FAR
RSYNC_RSH=$T/ssh; export RSYNC_RSH

fails 'nowhere' 64 'usage: das-pull' das-pull
fails 'no directory' 64 'names no directory' das-pull far:
fails 'a daemon' 64 'not [host:]dir' das-pull far::mod
fails 'no such date' 64 'not a day' das-pull far:x today
fails 'a directory that is not there' 66 'could not read' das-pull "far:$T/none"
fails 'a host that is not there' 75 'run das-pull again' das-pull "gone:$T/far"

# ---- a machine that records: two days, filed ----
instruments 20
for DAY in 2026-11-19 2026-11-20; do
	TICKS=spool/$DAY/ticks LTP=spool/$DAY/ltp
	mkdir -p "spool/$DAY"; cp lookup/instruments.tsv "spool/$DAY/"
	segment 000001; rows 1 400 20 >>"$TICKS/000001.tsv"
	segment 000002; rows 401 600 20 >>"$TICKS/000002.tsv"; : >"$TICKS/CLOSED"
	ltp_segment 000001; ltp_rows 1 40 20 >>"$LTP/000001.tsv"; : >"$LTP/CLOSED"
	ok "$DAY over there" sh -c "das-load -d $DAY ltp; das-backup -p -d $DAY"
done
# filed: what the store has, in one line
filed() {
	options "SELECT count(*), sum(price), min(timestamp), max(timestamp) FROM OPT7CE"
	sqlite3 ltp.db 'SELECT count(*), sum(ltp) FROM ltp_ticks'
}
filed >want.rows
mkdir far; mv archive ./*.db* far/; rm -rf spool lookup
mkdir -p far/archive/2026-11-23/ticks	# is being made
: >far/archive/2026-11-23/ticks/000001.tsv.pack

# ---- home ----
touch far.cut
fails 'a connection that breaks' 75 'run das-pull again' \
    das-pull "far:$T/far/archive" 2026-11-19
ok 'has left no day' test ! -e archive/2026-11-19
is 'nor a mark' 2 '' sh -c 'ls far/archive/*/TAKEN 2>/dev/null'
ok 'one day' das-pull "far:$T/far/archive" 2026-11-19
ok 'the next ones' das-pull "far:$T/far/archive"
is 'the days are here' 0 '2026-11-19
2026-11-20' ls archive
is 'byte by byte' 0 '' diff -r -x TAKEN -x 2026-11-23 far/archive archive
is 'and in the store, as over there' 0 "$(cat want.rows)" filed
is 'and are marked' 0 2 sh -c 'cat far/archive/*/TAKEN | wc -l'
is 'nothing else is left' 0 '' find archive -name '.coming*'
rm ./*.db*
ok 'a store that was lost' das-pull "far:$T/far/archive"
is 'is made from what is here' 0 "$(cat want.rows)" filed
ok 'again' das-pull "far:$T/far/archive"
is 'changes nothing' 0 "$(cat want.rows)" filed

# ---- into the archive alone, of a directory without a host ----
rm -rf archive ./*.db*
ok 'a mounted disk, without the store' das-pull -n "$T/far/archive" 2026-11-20
ok 'is here' test -s archive/2026-11-20/ticks/000001.tsv.pack
is 'and in no store' 2 '' sh -c 'ls ./*.db 2>/dev/null'

# ---- faults ----
flip() { printf '\377\376' | dd of="$1" bs=1 seek=99 conv=notrunc 2>/dev/null; }
flip archive/2026-11-20/ticks/000002.tsv.pack
fails 'a day that is damaged here' 65 'move it away' das-pull "$T/far/archive" 2026-11-20
rm -rf archive
flip far/archive/2026-11-20/ticks/000002.tsv.pack
fails 'and over there' 65 'is not taken' das-pull -n "$T/far/archive"
ok 'the one before it is' test -d archive/2026-11-19
ok 'that one is not' test ! -e archive/2026-11-20
rm far/archive/2026-11-20/ticks/000002.tsv.pack
fails 'a segment that is missing' 65 'is not taken' das-pull -n "$T/far/archive"
# hostile NAME: a day over there with that line beside good ones
hostile() {
	rm -rf bad; mkdir bad; cp -r far/archive/2026-11-19 bad/
	echo "$1" >>bad/2026-11-19/ticks/SHA256SUMS
	rm -rf archive/2026-11-19
	timeout 60 das-pull -n "$T/bad" 2026-11-19 <pipe
}
echo outside >outside; mkfifo pipe; exec 7<>pipe
outside=$(sha256sum outside | cut -d ' ' -f 1)
fails 'sums of what is outside of the day' 65 'is not taken' \
    hostile "$outside  ../../../outside"
fails 'of a path' 65 'is not taken' hostile "$outside  $T/outside"
fails 'of standard input, which is not waited for' 65 'is not taken' \
    hostile "$outside  -"
fails 'of a device that never ends' 65 'is not taken' \
    hostile "$outside  ../../../pipe"
exec 7>&-
rm -rf bad; mkdir bad; cp -r far/archive/2026-11-19 bad/
for d in '2026-11-18;touch x' '2026-11-18 2026-11-17' 2026-02-31 2026-99-99 \
    '1
2026-11-16'; do
	cp -r bad/2026-11-19 "bad/$d"
done
ok 'directories that are no days' das-pull -n "$T/bad"
is 'are left alone' 0 2026-11-19 sh -c 'ls archive; ls x 2>/dev/null || true'
fails 'nor is one asked for' 64 'not a day' das-pull -n "$T/bad" 2026-02-31
rm -rf archive/2026-11-19
ln -s "$T/outside" bad/2026-11-19/ticks/000003.tsv.pack
mv bad/2026-11-19/ticks/000001.tsv.pack moved
ln -s "$T/moved" bad/2026-11-19/ticks/000001.tsv.pack
fails 'a segment that is a link' 65 'is not taken' das-pull -n "$T/bad" 2026-11-19
exec 8>>archive/.das-pull.lock; flock 8
fails 'a second one' 75 'another das-pull' das-pull -n "$T/far/archive"
exec 8>&-
mkdir empty
fails 'no finished day' 66 'no finished day' das-pull "$T/empty"
done_testing
