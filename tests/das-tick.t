#!/bin/sh
# das-tick.t - the capture: decoding, a ticker that behaves and several that do
# not, ends and restarts
. "$(dirname "$0")/tap.sh"

day=2026-11-25
ticks=spool/$day/ticks
ca=

# The wall clock of the tools: TIME SPEED.
clock() { DAS_CLOCK="${day}T$1+05:30@$2/$(date +%s.%N)"; export DAS_CLOCK; }
config() {	# PORT CLOSE-HOUR CLOSE-MINUTE [SCHEME://HOST]
	cat >c.json <<-END
	{"apiKey": "key & more", "kiteTickerUrl": "${4:-ws://127.0.0.1}:$1",
	 "marketCloseHour": $2, "marketCloseMinute": $3,
	 "caFile": "$ca", "dataDir": "$PWD", "holdMegabytes": ${hold:-256},
	 "tokenCommand": ""}
	END
	chmod 600 c.json
}
shares() {	# COUNT: tokens 257, 513 ...
	awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "%d\tNSE\tNSE\t" \
	    "S%d\tS%d\tS%d\tEQ\t\\N\t\\N\t1\t0.05\t100\tS%d\tdb\n",
	    i * 256 + 1, i, i, i, i }'
}
instruments() {
	printf 'instrument_token\texchange\tsegment\ttradingsymbol\tsymbol\tname\t'
	printf 'kind\texpiry\tstrike\tlot_size\ttick_size\tdivisor\tTableName\t'
	printf 'dbName\n'
	cat
}
columns() { cut -f "$1" "$2" | sed 1d; }
count() { sed 1d "$1" | grep -c ''; }
status() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' spool/$day/status.tsv; }
is_state() { [ "$(status state)" = "$1" ]; }
has_ticks() { [ "$(status pid)" = $tick ] && [ "$(status ticks)" -ge "$1" ]; }
# Ends a process; its status goes to $rc.
end() { kill "-$1" "$2"; wait "$2" && rc=0 || rc=$?; }

mkdir lookup spool
infy='408065	NSE	NSE	INFY	INFY	INFOSYS	EQ	\N	\N	1	0.05	100	INFY	db'
tata='884737	NSE	NSE	TATAMOTORS	TATAMOTORS	TATA	EQ	\N	\N	1	0.05	100	TATAMOTORS	db'
nifty='256265	NSE	INDICES	NIFTY 50	NIFTY 50	NIFTY 50	index	\N	\N	0	0	100	NIFTY	db'
printf '%s\n' "$infy" "$tata" "$nifty" | instruments >three.tsv
cp three.tsv lookup/instruments.tsv
printf 'timestamp\tuser_id\taccess_token\n' >spool/access_token
printf '2026-11-25 08:40:00\tAB1234\tstale\n' >>spool/access_token
printf '2026-11-25 08:41:00\tAB1234\tto+k/en=\n' >>spool/access_token

# ---- a line that is dead, a disk that is full: begun here, looked at last ----
ticker() {	# HOUR MINUTE: starts it with the script on stdin, ends at that
	rm -rf port log
	cat >script
	badticker port script log & pid=$!
	mine $pid
	wait_for 5 test -f port
	config "$(cut -f 2 port)" "$1" "$2"
}
mkdir dead
hold=16
cp -r lookup spool dead
cd dead || exit 99
clock 09:15:00 10
ticker 9 17 <<'END'
wait 2
ticks 1 408065
sleep 60000
next
wait 2
ticks 40000 408065 884737
beat 100 100
next
wait 2
ticks 7 408065
hold
END
(
	trap '' XFSZ
	exec prlimit --fsize=200000: das-tick -c c.json
) 2>full & dead=$!
mine $dead
(
	wait_for 40 grep -q 'disconnected until' full && sleep 1
	status state >was
	exec prlimit --pid $dead --fsize=unlimited:
) & mine $!
hold=
cd ..
mkdir held
cp -r lookup spool held
cd held || exit 99
clock 09:15:00 1
ticker 9 59 <<'END'
wait 2
ticks 1000 408065 884737
beat 1000 100
hold
END
mkfifo slow
DAS_TICKSILENCESECONDS=0 das-tick -c c.json -o slow 2>words & held=$!
mine $held
{ sleep 7; exec cat; } <slow >rows & mine $!
cd ..
mkdir lost
cp -r lookup spool lost
cd lost || exit 99
clock 09:15:00 1
ticker 9 17 <<'END'
wait 2
ticks 100 408065
sleep 1000
ticks 2000 408065 884737
beat 100 100
hold
END
(
	trap '' XFSZ
	exec prlimit --fsize=100000: das-tick -c c.json
) 2>full & lost=$!
mine $lost
(
	wait_for 20 grep -q 'rows are held' full
	kill -TERM $lost
) & mine $!
cd ..

# ---- answers that never come, frames that break the protocol ----
aside() {	# NAME: a folder of its own; what pid serves is its ticker
	mkdir "$1"
	cp -r lookup spool "$1"
	cd "$1" || exit 99
}
clock 09:15:00 10
aside hang
badserver port hang & mine $!
wait_for 5 test -f port
config "$(cut -f 2 port)" 9 17
das-tick -c c.json 2>words & mine $!
echo $! >pid
cd ..
aside frames
ticker 9 17 <<'END'
wait 2
ticks 1 408065
raw c203010203
hold
next
wait 2
ticks 1 884737
raw 8281010203047f
hold
next
wait 2
ticks 1 408065
beat 300 100
END
das-tick -c c.json 2>words & mine $!
echo $! >pid
cd ..

# ---- decoding ----
nifty_hex=0003e9090027d5570027db2f0027ce780027d2f70027e358fffff1ff
cat >rows <<END
2026-11-25T09:15:00.000001+05:30 1 o
2026-11-25T09:15:00.2+05:30 1 b 00
2026-11-25T09:15:00.25+05:30 1 t {"type":"instruments_meta","data":{"count":1}}
2026-11-25T09:15:00.3+05:30 1 b 00020020${nifty_hex}386d43800020${nifty_hex}6b0659f8
2026-11-25T09:15:01.5+05:30 2 b 0003000800063a010002669c0003010203000800063a010002669c
2026-11-25T09:15:01.6+05:30 1 b 000100080000000100000005
END
mkcapture small.cap <rows
n5='\N	\N	\N	\N	\N'
n34="\\N	\\N	\\N	\\N	$n5	$n5	$n5	$n5	$n5	$n5"
index="26105.19	$n5	26099.11	26120.15	26087.60	26141.04	-0.1371	$n34"
head=$(das-tick -r small.cap -o - 2>/dev/null | head -n 1)
is 'decodes, without a configuration' 0 "$head
1	2026-11-25 09:15:00.300000	1	c	256265	\\N	2000-01-01 05:30:00	$index
2	2026-11-25 09:15:00.300000	1	-	256265	\\N	2026-11-25 09:16:00	$index
3	2026-11-25 09:15:01.500000	2	-	408065	\\N	\\N	1573.40	$n5	$n5	$n34
4	2026-11-25 09:15:01.500000	2	d	408065	\\N	\\N	1573.40	$n5	$n5	$n34
5	2026-11-25 09:15:01.600000	1	c	1	\\N	\\N	0.05	$n5	$n5	$n34" \
    das-tick -r small.cap -o -
fails '... and says what did not decode' 0 '1 of 3 frames did not' \
    das-tick -r small.cap -o rows.tsv
config 1 15 35
is 'names come from instruments.tsv' 0 'NIFTY 50
NIFTY 50
INFY
INFY
\N' sh -c 'das-tick -c c.json -r small.cap -o - 2>/dev/null | cut -f 6 | sed 1d'
fails 'text is told' 0 'first of its kind: {"type":"instruments_meta"' \
    das-tick -r small.cap -o rows.tsv
is 'a capture on standard input' 0 6 sh -c \
    'das-tick -r - -o - <small.cap 2>/dev/null | grep -c ""'
for at in 8 24 40 60 $(($(wc -c <small.cap) - 1)); do
	head -c $at small.cap >cut.cap
	ok "cut after $at bytes" das-tick -r cut.cap -o cut.tsv
done
fails '... says where' 0 'ends inside of a frame, at byte' \
    das-tick -r cut.cap -o cut.tsv
head -c 7 small.cap >cut.cap
fails 'no capture' 65 'is no capture' das-tick -r cut.cap -o cut.tsv
fails 'no file' 65 'No such file' das-tick -r nothing.cap -o cut.tsv
fails 'a full disk' 74 'No space left' das-tick -r small.cap -o /dev/full
fails 'reads and writes a capture' 64 usage das-tick -r small.cap -w x.cap
fails 'an argument too many' 64 usage das-tick small.cap

ok 'decodes into the spool' das-tick -c c.json -r small.cap
das-tick -c c.json -r small.cap -o want.tsv 2>/dev/null
ok '... the same rows' cmp want.tsv $ticks/000001.tsv
ok '... and closes the day' test -f $ticks/CLOSED
is '... the frame that did not decode is kept' 0 2 sh -c \
    "das-tick -r spool/$day/rejects.bin -o - 2>/dev/null | sed 1d | grep -c ''"
fails '... and nobody writes that day again' 73 CLOSED \
    das-tick -c c.json -r small.cap
rm -r spool/$day

# ---- what must be there first ----
clock 09:15:00 1
fails 'no configuration' 78 c2.json das-tick -c c2.json
sed 's/"apiKey"[^,]*,//' c.json >bad.json && chmod 600 bad.json
fails 'the API key is not filled in' 78 'key apiKey' das-tick -c bad.json
rm lookup/instruments.tsv
fails 'no instruments' 65 'run das-lookup' das-tick -c c.json
: | instruments >lookup/instruments.tsv
fails 'empty instruments' 65 'holds no instruments' das-tick -c c.json
echo 'x	NSE' >>lookup/instruments.tsv
fails 'bad instruments' 65 'instruments.tsv:2' das-tick -c c.json
shares 9001 | instruments >lookup/instruments.tsv
fails 'too many instruments' 65 'holds 9001 instruments, the broker takes 9000' \
    das-tick -c c.json
cp three.tsv lookup/instruments.tsv
mv spool/access_token kept
fails 'no access token' 77 'run das-token' das-tick -c c.json
echo '<html>' >spool/access_token
fails 'no token in the token file' 65 'no column access_token' das-tick -c c.json
head -n 1 kept >spool/access_token
fails 'an empty token file' 77 'holds no access token' das-tick -c c.json
mv kept spool/access_token
config 1 15 35 ws://192.0.2.1
fails 'plain ws to the outside' 78 'use wss' das-tick -c c.json
config 1 15 35 http://127.0.0.1
fails 'no WebSocket URL' 78 'no URL of a WebSocket' das-tick -c c.json
rm -rf spool/$day
mkdir -p spool/$day
echo in the way >$ticks
fails 'the topic cannot be made' 73 $ticks das-tick -c c.json
rm -r spool/$day
chmod 500 spool
if ! touch spool/probe 2>/dev/null; then
	fails 'a read-only spool' 73 'Permission denied' das-tick -c c.json
else
	rm spool/probe
	skip 'a read-only spool' 'root may write everywhere'
fi
chmod 700 spool

# ---- servers that are no ticker ----
serve() {	# MODE [FILE]
	rm -rf port spool/$day
	badserver port "$@" & pid=$!
	mine $pid
	wait_for 5 test -f port
	config "$(cut -f 2 port)" 15 35
}
bad() {	# NAME STATUS WORDS MODE [FILE]
	name=$1 want=$2 words=$3; shift 3
	serve "$@"
	fails "$name" "$want" "$words" das-tick -c c.json
	cp err words
	kill $pid
	is '... leaves no secret in its words' 1 '' \
	    grep -E 'key|more|to.k|%2B' words
}
printf '/\t403\t-\t-\t-\n' >not-allowed
bad 'a token that is refused' 77 'refuses the credentials (HTTP 403)' routes not-allowed
printf '/\t404\t-\t-\t-\n' >not-found
bad 'not found' 76 'HTTP 404' routes not-found
bad 'a page' 76 'HTTP 200' html
bad 'a redirect elsewhere' 76 'not followed' redirect-other
serve garbage
clock 15:34:59 1
fails 'no HTTP' 69 'never connected' das-tick -c c.json
kill $pid
serve status500
clock 15:34:58 1
fails 'a server in trouble is tried until the close' 69 'never connected' \
    das-tick -c c.json
cp err words
is '... more than once, but said once' 0 2 grep -c 'HTTP 500' words
ok '... the day is closed' test -f $ticks/CLOSED
is '... and the gap is in the ledger' 0 "$day 09:15:00.000000	$day 15:35:00.000000	22800.000	1	late	3	no" \
    columns 1-7 spool/$day/gaps.tsv
ok '... which says why' grep -q 'at the market.s open; .*HTTP 500' spool/$day/gaps.tsv

# ---- TLS ----
tls() {	# NAME: a server with a certificate for that name; its port in $port
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj "/CN=$1" -addext "subjectAltName=DNS:$1" \
	    -keyout "$1.key" -out "$1.pem" 2>/dev/null
	openssl s_server -accept localhost:0 -www -key "$1.key" \
	    -cert "$1.pem" >"$1.out" 2>&1 & mine $!
	wait_for 5 grep -q ACCEPT "$1.out"
	port=$(sed -n 's/^ACCEPT.*://p' "$1.out")
	config "$port" 15 35 wss://localhost
}
if command -v openssl >/dev/null; then
	rm -rf spool/$day
	clock 09:15:00 1
	tls localhost
	fails 'a certificate that nobody signed' 69 'does not verify' \
	    das-tick -c c.json
	ca=$T/localhost.pem
	config "$port" 15 35 wss://localhost
	fails '... is good when caFile says so' 76 'HTTP 200' das-tick -c c.json
	ca=$T/other.example.pem
	tls other.example
	fails "another host's certificate" 69 'does not verify' \
	    das-tick -c c.json
	ca=$T/nothing.pem
	config "$port" 15 35 wss://localhost
	fails 'caFile is not there' 78 nothing.pem das-tick -c c.json
	ca=
else
	skip TLS 'no openssl'
fi

# ---- a ticker ----
rm -rf spool/$day
clock 09:15:00 15
ticker 9 16 <<'END'
wait 2
old 408065 884737
ticks 3 408065 884737
text {"type":"order","data":{"order_id":"1\n"}}
text hello
text {"type":"order","data":{"order_id":"2"}}
binary 0002 0003 010203 0008 00063a01 0002669c
binary 0002
binary 0002
beat 2 50
drop
next
wait 2
old 408065
ticks 2 408065
raw 82 7e 0100 0001
drop
next
wait 2
ticks 1 884737
close 1001
next
raw 82 7f 0000000000200000
fill 2097152
hold
next
wait 2
ticks 1 884737
hold
END
ok 'captures to the close' das-tick -c c.json -w raw.cap
cp err words
kill $pid
is '... every tick, numbered, with flags' 0 '1	c	INFY
2	c	TATAMOTORS
3	-	INFY
4	-	TATAMOTORS
5	-	INFY
6	-	TATAMOTORS
7	-	INFY
8	-	TATAMOTORS
9	-	INFY
10	co	INFY
11	-	INFY
12	-	INFY
13	-	TATAMOTORS
14	-	TATAMOTORS' columns 1,4,6 $ticks/000001.tsv
is '... asked for as the broker wants it' 0 \
    '1	GET /?api_key=key%20%26%20more&access_token=to%2Bk%2Fen%3D HTTP/1.1
1	X-Kite-Version: 3
1	{"a":"subscribe","v":[256265,408065,884737]}
1	{"a":"mode","v":["full",[256265,408065,884737]]}' head -n 4 log
is '... a late start and three gaps: no tick came between the last two losses' \
    0 "late	3	yes
reset	3	yes
reset	3	yes
closed	3	yes" columns 5-7 spool/$day/gaps.tsv
ok '... with reasons' grep -q 'closed by the server (1001)' spool/$day/gaps.tsv
is '... in order' 0 '' awk -F '\t' 'NR > 1 && ($1 >= $2 || (NR > 2 && $1 < last)) {
    print } { last = $2 }' spool/$day/gaps.tsv
fails '... the rejects are kept' 0 '5 of 5 frames did not decode' \
    das-tick -r spool/$day/rejects.bin -o rows.tsv
is '... and told, each kind once' 0 'a packet of 3 bytes, a length that is not known
a frame of 2 bytes announces 2 packets and has 0
only the first N bytes of a message are there: it is too long, or the connection ended' \
    sh -c "sed -n 's/^das-tick: \(.*\); the frame is kept in .*rejects.bin$/\1/p' words |
    sed 's/first [0-9]*/first N/'"
is '... and counted by kind' 0 '1 0 0 0 2 0 2' echo "$(status rejects_length)" \
    "$(status rejects_kind)" "$(status rejects_cut)" \
    "$(status rejects_behind)" "$(status rejects_count)" \
    "$(status rejects_empty)" "$(status rejects_broken)"
is '... texts are kept whole' 0 '1	order	{"type":"order","data":{"order_id":"1\\n"}}
1	\N	hello
1	order	{"type":"order","data":{"order_id":"2"}}' columns 2-4 spool/$day/texts.tsv
is '... and shown' 0 3 grep -c 'the ticker sends' words
is '... the figures' 0 'closed 14 3 3 5 4 4' echo "$(status state)" \
    "$(status ticks)" "$(status subscribed)" "$(status cached)" \
    "$(status rejects)" "$(status reconnects)" "$(status gaps)"
ok '... the raw capture decodes to the same rows' \
    das-tick -c c.json -r raw.cap -o raw.tsv
ok '... to the byte' cmp raw.tsv $ticks/000001.tsv
fails 'a day that is closed' 73 CLOSED das-tick -c c.json

# ---- ends and restarts ----
rm -rf spool/$day
clock 09:15:00 1
ticker 15 35 <<'END'
wait 2
ticks 1000 408065 884737 256001
beat 1000 100
END
das-tick -c c.json 2>first & tick=$!
mine $tick
wait_for 5 has_ticks 3000
is 'is connected' 0 connected status state
fails 'a second one on the same spool' 75 "process $tick" das-tick -c c.json
end TERM $tick
is 'stopped by a signal' 0 75 echo "$rc"
is '... says so' 0 stopped status state
is '... and leaves the day open' 1 '' test -e $ticks/CLOSED
das-tick -c c.json 2>second & tick=$!
mine $tick
wait_for 5 has_ticks 3000
rss=$(awk '/^VmHWM/ { print $2 }' /proc/$tick/status)
case $(command -v das-tick) in
*/build-san/*) skip 'needs less than 24 MB' 'sanitizers need more' ;;
*) ok "needs less than 24 MB ($rss KB)" test "$rss" -lt 24576 ;;
esac
end KILL $tick
is 'killed' 0 137 echo "$rc"
printf '6001\t2026-11-25 09:1' >>$ticks/000002.tsv
das-tick -c c.json 2>third & tick=$!
mine $tick
wait_for 5 has_ticks 3000
is 'the torn tail is told' 0 1 grep -c 'cut off 20 bytes' third
end INT $tick
is 'ended' 0 75 echo "$rc"
cat $ticks/*.tsv | grep -v '^seq' >all
is 'numbers go on without a hole' 0 9000 \
    awk '$1 != NR { print "line", NR, $1 } END { print NR }' all
is 'the ledger has the dead times' 0 '1	late	3	yes
1	stopped	3	yes
1	killed	3	yes
1	stopped	3	no' columns 4-7 spool/$day/gaps.tsv
is '... each begins where rows end, and ends where they go on' 0 3 awk -F '\t' '
    FNR == 1 { next }
    FILENAME == "all" { row[n++] = $2; next }
    { from = to = 0
      for (i = 0; i < n; i++) {
	if (row[i] <= $1) from = i + 1
	if (row[i] < $2) to = i + 1
      }
      good += from == to && $2 != "\\N" }
    END { print good }' all spool/$day/gaps.tsv

clock 09:14:00 1
das-tick -c c.json 2>fourth & tick=$!
mine $tick
wait_for 5 has_ticks 3000
end TERM $tick
is 'a clock that was set back hides no gap' 0 \
    "$day 09:14	das-tick was stopped; the clock was set back" sh -c \
    "cut -f 1,8 spool/$day/gaps.tsv | sed -n '5s/:[0-9.]*\t/\t/p'"

clock 15:35:01 1
config 1 15 35
fails 'started after the close' 0 'nothing is left to capture' das-tick -c c.json
ok '... finishes the day' test -f $ticks/CLOSED
is '... with the gap up to the close' 0 '2026-11-25 15:35:00.000000' sh -c \
    "cut -f 2 spool/$day/gaps.tsv | tail -n 1"

# ---- the capture follows the session ----
DAS_MARKETCLOSE=auto; export DAS_MARKETCLOSE
rm -rf spool/$day
clock 15:25:00 300
ticker 9 16 <<'END'
wait 2
ticks 1 408065
hold
END
# minutes from the last row, or from TIME, to the last word of status.tsv
after() { awk -F '\t' -v at="$1" '
	function min(s) { split(substr(s, 12), t, ":")
	    return t[1] * 60 + t[2] + t[3] / 60 }
	FNR == 1 { next }
	$1 == "updated" { end = min($2) }
	$1 + 0 > 0 { at = substr($2, 12) }
	END { d = end - min("1234-67-90 " at)
	    print (d >= 10 && d < 20 ? "10" : d) }' "${2:-/dev/null}" spool/*/status.tsv; }
ok 'marketClose auto: exchange time stands still' das-tick -c c.json
is '... 10 minutes after the close it ends' 0 10 after 15:30:00
ok '... and the day is closed' test -f $ticks/CLOSED
kill $pid
rm -rf spool/$day
clock 15:28:00 150
ticker 9 16 <<'END'
wait 2
sleep 1500
ticks 1 408065
hold
END
ok 'marketClose auto: exchange time moves on behind the close' das-tick -c c.json
is '... it ends 10 minutes after that' 0 10 after - $ticks/000001.tsv
kill $pid
rm -rf spool/$day
day=2026-11-22
clock 10:00:00 1
fails 'marketClose auto: a Sunday' 0 'no session today, nothing to capture' \
    das-tick -c c.json
{ printf 'exchange\tfrom\tto\tdays\topen\tclose\n'
  printf "NSE\t$day\t$day\tspecial\t%s\t%s\n" 17:00 17:30 18:00 19:00
} >lookup/sessions.tsv
rm -rf spool/$day
clock 17:28:00 1200
ticker 9 16 <<'END'
wait 2
hold
END
ok 'marketClose auto: two windows on a Sunday' das-tick -c c.json
is '... it ends behind the second' 0 10 after 19:00:00
kill $pid
rm -rf spool/$day
fails 'marketClose auto: long after the close' 0 'closed at 2026-11-22 19:30' \
    env "DAS_CLOCK=${day}T19:31:00+05:30" das-tick -c c.json
rm -rf spool/$day lookup/sessions.tsv
day=2026-11-25
unset DAS_MARKETCLOSE

# ---- more than a connection takes, on standard output ----
rm -rf spool/$day
clock 09:15:00 20
shares 3001 | instruments >lookup/instruments.tsv
ticker 9 16 <<'END'
wait 6
ticks 1 257
ticks 1 513
hold
END
ok 'two connections' das-tick -c c.json -o rows.tsv
kill $pid
is '... share the instruments' 0 '257 768256 1500 1501' sh -c \
    "grep -o 'subscribe\",\"v\":.*' log | tr -c '0-9\n' ' ' | awk '
    { for (i = 1; i <= NF; i++) n[\$i]++; t[NF == 500 ? 0 : 1] += NF; l[NR] = NF }
    END { for (k in n) if (n[k] != 1) print k, \"is there\", n[k]
    print 257, 768256 - (n[768257] != 1), l[1] + l[2] + l[3],
	l[4] + l[5] + l[6] + l[7] }'"
is '... the rows say which' 0 '1
2' sh -c 'sed 1d rows.tsv | cut -f 3 | sort -u'
is '... nothing is spooled' 1 '' test -e spool/$day
ticker 15 35 <<'END'
wait 6
ticks 1 257
sleep 2000
ticks 1 257
hold
next
wait 6
ticks 1 513
drop
next
drop
END
last() { cat $ticks/*.tsv | tail -n 1 | cut -f 1; }
das-tick -c c.json 2>log2 & tick=$!
mine $tick
wait_for 10 sh -c "[ \$(cat $ticks/*.tsv | grep -Ec '(257|513)') = 3 ]"
end KILL $tick
is 'killed with one of two connections lost' 0 3 last
das-tick -c c.json 2>log3 & tick=$!
mine $tick
wait_for 5 grep -q 'trying again' log3
end TERM $tick
kill $pid
is '... the gap of that one begins where it was lost' 0 '2	reset	1501	ok
1	killed	1500' sh -c "grep '\\\\N' spool/$day/gaps.tsv | sort | awk -F '\t' '
    NR == 1 { split(\$1, a, /[ :]/); row = \$4 \"\t\" \$5 \"\t\" \$6 }
    NR == 2 { split(\$1, b, /[ :]/); d = (b[3] - a[3]) * 60 + b[4] - a[4]
	print row \"\t\" (d > 20 && d < 60 ? \"ok\" : d)
	print \$4 \"\t\" \$5 \"\t\" \$6 }'"
cp three.tsv lookup/instruments.tsv

# ---- a clock that is off ----
rm -rf spool/$day
shares 300 | instruments >lookup/instruments.tsv
tokens=$(shares 300 | cut -f 1 | paste -sd ' ')
{
	echo 'wait 2'
	# exchange times that move on
	seq 3 | sed "s/.*/ticks 1 $tokens\nsleep 1050/"
	echo 'old 257 513'
	echo hold
} >moves
clock 09:15:00 1
ticker 15 35 <moves
clock 09:15:12 1
das-tick -c c.json 2>words & tick=$!
mine $tick
ok 'our clock is ahead' wait_for 9 \
    grep -q 'ticks come 1[12]\.[0-9] s after their exchange time' words
is_ahead() { [ "$(status clock_offset_ms)" -ge 11000 ]; }
ok '... by so much' wait_for 3 is_ahead
ok 'exchange times of long ago' wait_for 9 \
    grep -q "a tick's exchange time is [0-9.]* days in the past" words
end TERM $tick
kill $pid
is '... are counted' 0 2 status strange_times
rm -rf spool/$day
clock 09:15:12 1
sed -i /^old/d moves
ticker 15 35 <moves
clock 09:15:00 1
das-tick -c c.json 2>words & tick=$!
mine $tick
ok 'our clock is behind' wait_for 9 \
    grep -q 'ticks come 1[12]\.[0-9] s before their exchange time' words
end TERM $tick
kill $pid
is '... no time is strange' 0 0 status strange_times

# ---- the simulator ----
rows() { cat $ticks/*.tsv | grep -vc '^seq'; }
figure() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' stats; }
sent_all() {
	[ "$(figure connections)" = 0 ] && [ "$(rows)" -gt 2000 ] &&
	    [ "$(figure ticks_sent)" = "$(rows)" ]
}
simulate() {	# CLOCK SPEED HOUR MINUTE OPTION...: and ends at that time
	clock "$1" "$2"
	hour=$3 minute=$4; shift 4
	rm -rf spool/$day port stats
	das-sim --port-file port --write-config sim.json --stats stats "$@" &
	pid=$!
	mine $pid
	wait_for 9 test -f port
	at="\"marketCloseHour\": $hour, \"marketCloseMinute\": $minute"
	sed "s/\"dataDir\"/$at, &/" sim.json >c.json
	chmod 600 c.json
	das-token -c c.json
}
mkcapture gen.cap 400 100
awk 'BEGIN { for (i = 10000; i < 12500; i++) printf "%d\tNFO\tNFO-OPT\tS%d\t" \
    "S%d\tS\tCE\t2026-11-26\t100\t75\t0.05\t100\tS%d\tdb\n",
    i * 256 + 2, i, i, i }' | instruments >lookup/instruments.tsv
simulate 09:15:00 40 9 20 -r gen.cap -x 40
cp spool/access_token good
awk -F '\t' -v OFS='\t' 'NR > 1 { $3 = "notthetoken" } { print }' good \
    >spool/access_token
fails 'a token that the simulator refuses' 77 'HTTP 403' \
    env DAS_TOKENCOMMAND=./no-such das-tick -c c.json
ok 'captures what the simulator replays, with a token of das-token' \
    das-tick -c c.json -w sim.cap -W 2
is '... which it was not before' 1 '' cmp -s spool/access_token good
ok '... every tick that was sent' wait_for 3 sent_all
is '... which are all of them' 0 40000 rows
is '... one row a tick' 0 40000 status ticks
kill $pid
is '... the raw capture is in segments of 2 MB' 0 'sim.cap
sim.cap.0001
sim.cap.0002
sim.cap.0003' sh -c 'find . -name "sim.cap*" -size +1000k -size -2049k |
    sed "s,./,," | sort'
ok '... which decode to the same rows' das-tick -c c.json -r sim.cap -o raw.tsv
cat $ticks/*.tsv | awk 'NR == 1 || !/^seq/' >live.tsv
ok '... to the byte' cmp raw.tsv live.tsv
mv sim.cap.0001 gone
fails '... one that is missing is no end' 65 'sim.cap.0001 is missing' \
    das-tick -c c.json -r sim.cap -o raw.tsv

simulate 09:15:00 20 9 19 -r gen.cap -x 20
das-tick -c c.json -w kill.cap -W 1 2>first & tick=$!
mine $tick
wait_for 9 has_ticks 7000
end KILL $tick
is 'killed under load' 0 137 echo "$rc"
newest=$(find . -name 'kill.cap*' | sort | tail -n 1)
mv "$newest" torn
head -c $(($(wc -c <torn) - 3)) torn >"$newest"
ok '... goes on' das-tick -c c.json -w kill.cap -W 1
is '... numbers have no hole' 0 1 sh -c "cat $ticks/*.tsv | grep -v '^seq' |
    awk '\$1 != NR { print NR, \$1; exit } END { print (NR > 10000) }'"
is '... rows are whole' 0 52 sh -c \
    "awk -F '\t' '{ print NF }' $ticks/*.tsv | sort -u"
ok '... the gap is in the ledger' grep -q 'das-tick was killed' \
    spool/$day/gaps.tsv
last=$(tail -n 1 $ticks/000001.tsv | cut -f 1)
is '... to the row, as das-gap finds it in the rows' 1 \
    "$(awk -F '\t' '$5 == "killed" { print $1, $2 }' spool/$day/gaps.tsv)" \
    sh -c "das-gap -k -s 1 $ticks/*.tsv >found; rc=\$?
    awk -F '\t' '\$4 == $last { print \$1, \$2 }' found; exit \$rc"
kill $pid
frames() { cut -f 2,3,5- "$@" | grep -v '^recvTime' | sort; }
das-tick -c c.json -r kill.cap -o raw.tsv 2>words
frames raw.tsv >raw
frames $ticks/*.tsv >live
ok '... the raw capture went on in its newest segment' sh -c \
    "[ -s raw ] && [ $newest != ./kill.cap ] && ! grep -q inside words &&
    [ $(wc -c <"$newest") -gt $(wc -c <torn) ]"
# heartbeats are frames too
ok '... and lacks only the frame that was torn' sh -c \
    'case $(comm -3 raw live | grep -c "") in 0 | 100) ;; *) false ;; esac'
fails 'a segment of no size' 64 'not 1 to' das-tick -c c.json -w x.cap -W 0

# ---- what was begun at the top ----
begun() {	# NAME: waits for that one's end; it is in $ended
	cd "$T/$1" || exit 99
	read -r begun <pid
	wait "$begun" && ended=0 || ended=$?
}
begun hang
is 'an upgrade that is not answered' 0 69 echo "$ended"
ok '... is told' grep -q 'connected, but no answer to the upgrade for 7 s' words
is '... leaves no secret in the words' 1 '' grep -E 'key|to.k|%2B' words
begun frames
is 'frames that break the protocol' 0 '0 1 1' echo "$ended" \
    "$(grep -c 'sent a frame with reserved bits set' words)" \
    "$(grep -c 'sent a masked frame' words)"
is '... the connection is made again' 0 '1-408065 2-884737 3-408065' sh -c \
    "cut -f 1,5 $ticks/000001.tsv | sed 1d | tr '\\t\\n' '- ' | sed 's/ \$//'"
is '... why is in the ledger' 0 2 sh -c \
    "cut -f 5 spool/$day/gaps.tsv | grep -c protocol"
is '... and the bytes are kept' 0 '0 2' echo "$(status rejects)" \
    "$(status fragments)"
cd "$T" || exit 99
cd dead || exit 99
wait $dead && ended=0 || ended=$?
is 'a silent line is given up' 0 1 grep -c 'silent for 5 s' full
is 'a full disk is told, once' 0 1 grep -c 'rows are held' full
is '... and in the status' 0 'disk full' cat was
is '... 16 MB are held, then it disconnects' 0 1 grep -c 'disconnected until' full
is '... and it is told that it is over' 0 1 grep -c 'none is lost' full
is '... all that was held is written, and what came later' 0 '0 7' echo "$ended" \
    "$(tail -n 7 $ticks/000001.tsv | awk -F '\t' '$11 < 1007' | grep -c '')"
is '... without a hole' 0 1 awk 'NR > 1 && $1 != NR - 1
    END { print (NR > 40000 && NR < 80000) }' $ticks/000001.tsv
is '... the ledger says why' 0 1 grep -c 'disk full' spool/$day/gaps.tsv
cd ../held || exit 99
wait_for 20 sh -c '[ $(grep -c "" rows) -ge 2001 ]'
is 'held up for 7 s it takes what has arrived' 0 2001 grep -c '' rows
is '... and keeps the connection' 1 '' grep 'trying again' words
kill $held
cd ../lost || exit 99
wait $lost && ended=0 || ended=$?
is 'rows that the disk never took are told' 0 1 grep -c 'are lost' full
is '... they are in the ledger' 0 '3 no' awk -F '\t' '
    NR == FNR { last = $2; next }
    $5 == "disk" { print $6, $7 ($1 <= last && $2 > last ? "" : " not then") }' \
    $ticks/000001.tsv spool/$day/gaps.tsv
done_testing
