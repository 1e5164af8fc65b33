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
hold
END
shares 257 513 769 19713 >lookup/instruments.tsv
tick

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
done_testing
