#!/bin/sh
# das-tick-lines.t - what the connections of das-tick need: every instrument in
# full mode, an access token that is taken
. "$(dirname "$0")/tap.sh"

day=2026-11-25

# The wall clock of the tools: TIME SPEED.
clock() { DAS_CLOCK="${day}T$1+05:30@$2/$(date +%s.%N)"; export DAS_CLOCK; }
shares() {	# TOKEN...: instruments.tsv
	printf 'instrument_token\texchange\tsegment\ttradingsymbol\tsymbol\tname\t'
	printf 'kind\texpiry\tstrike\tlot_size\ttick_size\tdivisor\tTableName\t'
	printf 'dbName\n'
	for t; do
		printf '%s\tNSE\tNSE\tS%s\tS%s\tS%s\tEQ\t\\N\t\\N\t1\t0.05\t100' \
		    "$t" "$t" "$t" "$t"
		printf '\tS%s\tdb\n' "$t"
	done
}
# begin NAME [KEYS]: a ticker with the script on stdin, in a folder of its own
# that we are in from then on; the keys go to the configuration.
begin() {
	mkdir -p "$T/$1/lookup" "$T/$1/spool"
	cd "$T/$1" || exit 99
	cat >script
	badticker port script log & mine $!
	wait_for 5 test -f port
	printf 'timestamp\tuser_id\taccess_token\n%s 08:40:00\tAB1234\ttoken1\n' \
	    $day >spool/access_token
	cat >c.json <<-END
	{"apiKey": "key", "kiteTickerUrl": "ws://127.0.0.1:$(cut -f 2 port)",
	 "dataDir": "$PWD"${2:+, $2}}
	END
	chmod 600 c.json
}
tick() {	# das-tick in the background, ended by finish
	das-tick -c c.json 2>words &
	echo $! >pid
	mine $!
}
finish() {	# NAME: ends that one's das-tick, or waits for its end
	cd "$T/$1" || exit 99
	kill "$(cat pid)" 2>/dev/null
	wait "$(cat pid)" && ended=0 || ended=$?
}
status() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' spool/$day/status.tsv; }
is_status() { [ "$(status "$1")" = "$2" ]; }
clock 10:00:00 1

# ---- begun here, looked at below ----
# 0x4d01 comes in mode quote, 0x101 not at all until it is asked for again
p=00002710
begin asked <<END
wait 2
ticks 1 513 769
binary 0001002c00004d01${p}00000001${p}000000010000000100000001$p$p$p$p
beat 30 400
wait 4
ticks 1 257 513 19713
beat 300 400
END
shares 257 513 769 19713 >lookup/instruments.tsv
tick

# Ticks stop: three seconds of silence are enough for the test.
begin still '"tickSilenceSeconds": 3' <<END
wait 2
ticks 1 257
beat 500 200
next
wait 2
old 257
beat 500 200
next
wait 2
ticks 3 257
beat 500 200
END
shares 257 >lookup/instruments.tsv
tick
# The same before the open.
clock 09:14:00 1
begin early '"tickSilenceSeconds": 1' <<END
wait 2
old 257
beat 500 200
END
shares 257 >lookup/instruments.tsv
tick
clock 10:00:00 1

# Stands still while the server sends the last ticks and cuts it off.
begin stalls <<END
wait 2
ticks 3 257
sleep 3000
ticks 3 257
drop
next
wait 2
ticks 1 257
beat 300 400
END
shares 257 >lookup/instruments.tsv
tick
wait_for 5 is_status ticks 3
kill -STOP "$(cat pid)"
stalled=$(date +%s)
# A message that begins, and does not end before the connection does.
begin part <<END
wait 2
ticks 3 257
raw 827e00c80001
sleep 1500
drop
next
wait 2
ticks 1 257
beat 300 400
END
shares 257 >lookup/instruments.tsv
tick
# Somebody removes the day.
begin gone <<END
wait 2
storm 2 50 257
END
shares 257 >lookup/instruments.tsv
mkdir -p spool/$day/gaps.tsv	# nothing that could be read
tick
wait_for 5 test -s spool/$day/status.tsv
rm -r spool/$day
# Ticks to the very end, at full speed.
begin ends <<END
wait 2
storm 20000 1 257
END
shares 257 >lookup/instruments.tsv
tick
wait_for 5 test -s spool/$day/status.tsv
finish ends

# A token that is refused, and a command that does not help; its words in ran.
refuse() {	# NAME LINES: begins it
	begin "$1" "\"tokenCommand\": \"$T/$1/new-token\"" </dev/null
	printf '/\t403\t-\t-\t-\n' >routes
	badserver port403 routes routes asked & mine $!
	wait_for 5 test -f port403
	sed -i "s/127.0.0.1:[0-9]*/127.0.0.1:$(cut -f 2 port403)/" c.json
	printf '#!/bin/sh\necho "$*" >>ran\n%s\n' "$2" >new-token
	chmod +x new-token
	shares 257 >lookup/instruments.tsv
}
refuse passes 'echo data; exit 75'
tick

# The simulator's market, 150 of its instruments; one of two connections is lost,
# and then the other misses every 50th packet.
mkdir "$T/sim" && cd "$T/sim" || exit 99
clock 10:00:00 2
das-sim --port-file port --write-config c.json --rate 60 \
    --fault onelost@10:00:25 --fault dropsome@10:00:35 2>sim.err & mine $!
wait_for 9 test -f port
das-token -c c.json && das-n500 -c c.json >out && das-lookup -c c.json 2>err
sed -n '1,151p' lookup/instruments.tsv >some && mv some lookup/instruments.tsv
ends='"marketCloseHour": 10, "marketCloseMinute": 1'
sed "s/\"dataDir\"/$ends, \"captureLines\": 2, &/" c.json >two.json
mkdir "$T/one"
sed "s|\"dataDir\".*|$ends, \"dataDir\": \"$T/one\",|" c.json >"$T/one/c.json"
chmod 600 two.json "$T/one/c.json"
das-tick -c two.json -w two.cap 2>words & two=$!
mine $two
wait_for 9 is_status connections 2
mkdir "$T/one/spool"
cp -r lookup spool/access_token "$T/one"
mv "$T/one/access_token" "$T/one/spool"
cd "$T/one" || exit 99
das-tick -c c.json 2>words & one=$!
mine $one
clock 10:00:00 1

# ---- every instrument in full mode ----
cd "$T/asked" || exit 99
wait_for 5 is_status unconfirmed 2
is 'what is missing is a number of status.tsv' 0 2 status unconfirmed
wait_for 15 grep -q 'full mode now' words
is '... is asked for again after 5 s, and that is said' 0 'das-tick: connection 1: 2 of 4 instruments do not come in full mode, asked for again: S257, S19713
das-tick: connection 1: all 4 instruments come in full mode now' sed 1d words
is '... with its mode, nothing else' 0 '1	{"a":"subscribe","v":[257,19713]}
1	{"a":"mode","v":["full",[257,19713]]}' sed 1,4d log
wait_for 5 is_status unconfirmed 0
is '... then none is missing' 0 0 status unconfirmed
finish asked
is '... the rows are there' 0 6 sh -c "sed 1d spool/$day/ticks/*.tsv | grep -c ''"

# ---- heartbeats but no ticks ----
cd "$T/still" || exit 99
wait_for 20 is_status ticks 5
is 'no ticks while the market trades: the connection is made anew' 0 2 \
    grep -c 'no tick for [0-9]* s' words
is '... and twice as long later' 0 1 sh -c "grep -o 'for [0-9]* s' words |
    awk '{ s[NR] = \$2 } END { print (s[1] >= 3 && s[2] >= 6) }'"
ok '... the market is, in its words' grep -q 'though the market trades' words
finish still
is '... the ledger says so' 0 'noticks' sh -c \
    "awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if (\$i == \"cause\") c = i }
    NR > 1 { print \$c }' spool/$day/gaps.tsv | grep -v 'stopped\|late' | sort -u"
finish early
is 'before the open nobody waits for ticks' 1 '' grep 'no tick' words

# ---- the ledger ----
gap() { awk -F '\t' -v cause="$1" '$5 == cause { print '"$2"' }' spool/$day/gaps.tsv; }
cd "$T/ends" || exit 99
is 'what comes behind the goodbye ends no gap' 0 '\N no' gap stopped '$2, $7'
cd "$T/gone" || exit 99
wait "$(cat pid)" && ended=0 || ended=$?
is 'rows that somebody removes: it ends' 0 74 echo "$ended"
is '... and says why' 0 1 grep -c 'ticks: somebody has removed the rows' words
is 'a ledger that cannot be read is put aside, and the capture begins' 0 1 \
    grep -c 'gaps.tsv: cannot be read; put aside as gaps.tsv.aside' words
cd "$T/stalls" || exit 99
while [ $(($(date +%s) - stalled)) -lt 5 ]; do sleep 0.2; done
kill -CONT "$(cat pid)"
wait_for 9 is_status ticks 7
finish stalls
is 'cut off while it stood still: all that was received is there' 0 7 \
    sh -c "sed 1d spool/$day/ticks/*.tsv | grep -c ''"
is '... missed since it stood still' 0 1 gap reset '($3 >= 3)'
finish part
is 'a message that does not end' 0 '1 4' echo "$(status rejects)" \
    "$(status ticks)"
is '... nothing was heard while it came' 0 \
    "$(sed -n 4p spool/$day/ticks/000001.tsv | cut -f 2)" sh -c \
    "grep reset spool/$day/gaps.tsv | cut -f 1"

# ---- a token that is refused ----
cd "$T/passes" || exit 99
wait_for 5 grep -q 'status 75' words
is 'the command for a new token is run, and its failure said' 0 \
    "-c c.json" cat ran
is '... its output goes to stderr' 0 1 grep -cx data words
is '... nothing is tried again until there is a new token' 0 1 \
    grep -c GET asked
cp spool/access_token spool/new && mv spool/new spool/access_token
wait_for 5 sh -c '[ "$(grep -c GET asked)" = 2 ]'
is '... then it is, at once' 0 2 grep -c GET asked
is '... the command is not run again so soon' 0 1 grep -c '' ran
finish passes
is '... a signal ends the waiting' 0 75 echo "$ended"

refuse says 'exit 77'
fails 'the command is refused too' 77 'new-token ended with status 77' \
    das-tick -c c.json
refuse misses ''
rm new-token
fails 'there is no such command' 77 'tokenCommand' das-tick -c c.json
refuse good ''
fails 'the token is good and yet refused' 77 'no plan with market data' \
    das-tick -c c.json
refuse fresh 'cp spool/access_token new && mv new spool/access_token'
fails '... a new one too' 77 'no plan with market data' das-tick -c c.json
is '... which was tried' 0 2 grep -c GET asked
refuse hangs 'echo $$ >id; exec sleep 100'
tick
wait_for 5 test -s id
finish hangs
is 'a command that runs still ends with das-tick' 0 75 echo "$ended"
is '... indeed' 1 '' kill -0 "$(cat id)"

# ---- two connections ----
# Packets of a time when all were there, sorted: the columns of the broker.
packets() {
	sed 1d spool/$day/ticks/*.tsv | cut -f 4- | awk -F '\t' -v d=$day \
	    '$4 >= d " 10:00:15" && $4 < d " 10:00:55" && $1 !~ /d/' |
	    cut -f 2- | LC_ALL=C sort
}
cd "$T/one" || exit 99
wait $one && ended=0 || ended=$?
is 'captures on one connection' 0 '0 150' echo "$ended" "$(status seen)"
packets >"$T/sim/wanted"
cd "$T/sim" || exit 99
wait $two && ended=0 || ended=$?
is 'captures on two' 0 '0 2 150' echo "$ended" "$(status connections_wanted)" \
    "$(status subscribed)"
packets | uniq >had
uniq wanted | cmp - had >cmp.out 2>&1 && rc=0 || rc=1
is '... the same packets' 0 0 echo "$rc"
# What a row says again must be a repeat, or later than the window; what came
# twice on one connection does not count.
uniq -d wanted >twice
is '... once' 0 '' awk -F '\t' 'FNR == NR { skip[$0]; next }
    substr($7, 12) < "10:00:15" || substr($7, 12) >= "10:00:55" { next }
    { key = substr($0, length($1 FS $2 FS $3 FS $4 FS) + 1)
	split($2, t, /[ :]/); at = t[3] * 60 + t[4] }
    key in first && $4 !~ /d/ && !(key in skip) && at - first[key] <= 2
    !(key in first) { first[key] = at }' twice spool/$day/ticks/000001.tsv
is '... which are some' 0 1 awk 'END { print (NR > 2000) }' had
is '... though most came twice' 0 1 echo \
    $(($(status arbitrated) * 10 > $(status ticks) * 8))
lost=$(sed -n 's/.*connection \([12]\): .*; trying again/\1/p' words)
is '... and the one that was not lost has missed more' 0 1 echo \
    $(($(status missed_$((3 - lost))) > $(status "missed_$lost") + 15))
is '... one was lost, and came again' 0 1 status reconnects
is '... nothing was missed meanwhile, says the ledger' 0 "$lost	reset	0	yes" sh -c \
    "cut -f 4-7 spool/$day/gaps.tsv | grep reset"
ok '... the raw capture has what both brought, and decodes to the same rows' \
    das-tick -c two.json -r two.cap -o again.tsv
ok '... to the byte' cmp again.tsv spool/$day/ticks/000001.tsv
is '... all of it' 0 1 sh -c 'das-tick -r two.cap -o - 2>/dev/null |
    awk -v n="$1" "END { print (NR - 1 == n) }"' x \
    $(($(status ticks) + $(status arbitrated)))
done_testing
