#!/bin/sh
# das-sim.t - the simulator, seen by curl and by its own figures
. "$(dirname "$0")/tap.sh"

DAS_CLOCK=2026-11-23T08:50:00+05:30
export DAS_CLOCK

sim() {	# OPTION...: starts one and waits until it is ready
	rm -f ports
	das-sim --port-file ports --write-config das.json --stats stats.tsv \
	    "$@" 2>sim.err &
	mine $!
	sim=$!
	wait_for 10 test -s ports || { cat sim.err; exit 99; }
	url=http://127.0.0.1:$(awk '$1 == "http" { print $2 }' ports)
	now=$(date -d "${DAS_CLOCK%@*}" +%s)
}
unsim() { kill "$sim"; wait "$sim" && ended=0 || ended=$?; }

http() {	# CURL-ARGUMENT...: status and type, the body goes to ./body
	curl -s -m 10 -o body -w '%{http_code} %{content_type}' "$@"
}
field() {	# NAME: a string in ./body
	sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" body
}
conf() { sed -n "s/.*\"$1\": \"\\(.*\\)\".*/\\1/p" das.json; }

# The one-time password at so many seconds from now.
totp() {
	perl -MDigest::SHA=hmac_sha1 -e '
		my $bits = join "", map { sprintf "%05b",
		    index "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", $_ } split //, $ARGV[0];
		my $h = hmac_sha1(pack("Q>", int($ARGV[1] / 30)), pack "B*", $bits);
		printf "%06d\n", (unpack("N", substr $h, ord(substr $h, -1) & 15, 4)
		    & 0x7fffffff) % 1000000' "$(conf TOTP_seed)" "$1"
}

login() { http -c jar --data-urlencode "user_id=$(conf ZerodhaLoginName)" \
    --data-urlencode "password=$(conf ZerodhaPass)" "$url/api/login"; }
twofa() { http -b jar -c jar -d "user_id=DAS001&request_id=$request&twofa_value=$1" \
    "$url/api/twofa"; }

sim
json='200 application/json'
is 'the configuration is private' 0 600 stat -c %a das.json

# ---- login ----
is 'a front page' 0 '200 text/html' http -c jar "$url/"
ok '... with a cookie' grep -q kf_session jar
is 'wrong password' 0 '403 application/json' http \
    -d 'user_id=DAS001&password=x' "$url/api/login"
is '... is a UserException' 0 UserException field error_type
is 'login' 0 "$json" login
request=$(field request_id)
is '... wants a one-time password' 0 totp field twofa_type
ok '... sets a cookie' grep -q kf_session jar
is 'a login without fields' 0 '400 application/json' http -d x=y "$url/api/login"

is 'wrong code' 0 '403 application/json' twofa "$(totp $((now + 3600)))"
is '... is a TwoFAException' 0 TwoFAException field error_type
is 'two steps late is wrong' 0 '403 application/json' twofa "$(totp $((now - 90)))"
is 'another kind of second factor is refused' 0 '400 application/json' \
    http -b jar -d "user_id=DAS001&request_id=$request&twofa_value=$(totp "$now")&twofa_type=app_code" "$url/api/twofa"
is 'without the cookies of a login there is a page' 0 '200 text/html' \
    http "$url/connect/login?api_key=$(conf apiKey)&v=3"
is 'one step late is good' 0 "$json" twofa "$(totp $((now - 30)))"
ok '... sets more cookies' grep -q 'enctoken.*+/.*==' jar
is 'a request_id is used up' 0 '400 application/json' twofa "$(totp "$now")"

# ---- request token and access token ----
redirect() { curl -s -m 10 -b jar -o /dev/null -w '%{http_code} %{redirect_url}' "$@"; }
is 'wrong key' 0 '400 application/json' http -b jar "$url/connect/login?api_key=x&v=3"
is 'wrong version' 0 '400 application/json' \
    http -b jar "$url/connect/login?api_key=$(conf apiKey)&v=2"
finish=$(redirect "$url/connect/login?api_key=$(conf apiKey)&v=3&redirect_params=a%3D1%26b%3D%2B")
is 'connect redirects to the same host' 0 302 sh -c 'echo "${1%% http*/connect/finish\?*}"' - "$finish"
last=$(redirect "${finish#* }")
is 'and then to the application' 0 "302 http://127.0.0.1/?request_token=" \
    sh -c 'echo "${1%%=*}="' - "$last"
is '... with the parameters' 0 'action=login&status=success&a=1&b=+' \
    sh -c 'echo "${1#*&}"' - "$last"
token=${last#*request_token=} token=${token%%&*}
is 'a way to finish is used up' 0 '400 application/json' http -b jar "${finish#* }"

sum() { printf %s "$(conf apiKey)$token$1" | sha256sum | cut -d' ' -f1; }
session() { http -H 'X-Kite-Version: 3' \
    -d "api_key=$(conf apiKey)&request_token=$token&checksum=$1" "$url/session/token"; }
is 'a wrong secret' 0 '403 application/json' session "$(sum wrong)"
is '... is a TokenException' 0 TokenException field error_type
is 'the right one' 0 "$json" session "$(sum "$(conf apisec)")"
access=$(field access_token)
is '... gives a token of 32 characters' 0 32 expr length "$access"
is '... and the time of login' 0 2026-11-23 sh -c 'echo "$1" | cut -c1-10' - "$(field login_time)"
is 'a request token is used up' 0 '403 application/json' \
    session "$(sum "$(conf apisec)")"

auth() { http -H "Authorization: token $(conf apiKey):$1" "$url/user/profile"; }
is 'profile' 0 "$json" auth "$access"
is '... is ours' 0 DAS001 field user_id
is 'profile with another token' 0 '403 application/json' auth x
is 'profile without' 0 '403 application/json' http "$url/user/profile"
is 'log out' 0 "$json" http -X DELETE \
    "$url/session/token?api_key=$(conf apiKey)&access_token=$access"
is 'then the token is dead' 0 '403 application/json' auth "$access"

# ---- lists ----
is 'instruments' 0 '200 text/csv' http "$url/instruments"
cp body plain
ok '... are a few thousand' sh -c '[ "$(wc -l <plain)" -gt 4000 ]'
is '... as gzip when the client can' 0 '200 text/csv' http -H 'Accept-Encoding: gzip' "$url/instruments"
is '... the same' 0 '' sh -c 'gunzip <body | cmp - plain'
is 'of one exchange' 0 '200 text/csv' http "$url/instruments/BFO"
is '... only those' 0 '' sh -c 'grep -E "^instrument_token|,BFO\$" plain | cmp - body'
nse="$url/content/indices/ind_nifty500list.csv"
is 'NSE wants a browser' 0 '403 text/html' http "$nse"
is '... and gets one' 0 '200 text/csv' http -A 'Mozilla/5.0 (X11)' "$nse"
is '... with 500 shares' 0 501 sh -c 'wc -l <body'
is 'so with holidays' 0 '403 text/html' http "$url/api/holiday-master?type=trading"
is '... and gets one' 0 "$json" http -A Mozilla/5.0 "$url/api/holiday-master?type=trading"
ok '... Christmas is one' grep -q '"CM":\[.*"tradingDate":"25-Dec-2026","weekDay":"Friday"' body
is 'Upstox does not care' 0 "$json" http "$url/v2/market/holidays"
ok 'closed' grep -q '"2026-12-25"[^}]*"closed_exchanges":\["NSE"' body
ok 'a trading holiday that is none' grep -q \
    '"2026-01-01"[^}]*"TRADING_HOLIDAY","closed_exchanges":\[\],"open_exchanges":\[{"exchange":"NSE","start_time":1767239100000' body
ok 'a Saturday with a session' grep -q '"2026-01-17"[^]]*\],"open_exchanges":\[{"exchange":"NSE"' body

# ---- bounds ----
is 'an unknown path' 0 '404 application/json' http "$url/nope"
is 'HEAD is GET without the body' 0 200 curl -s -m 10 -o body -w '%{http_code}' -I "$url/instruments"
is 'other upgrades are refused' 0 '400 text/plain' http -H 'Connection: Upgrade' -H 'Upgrade: h2c' "$url/sim/stats"
is 'a wrong method' 0 '405 application/json' http "$url/api/login"
head -c 70000 /dev/zero | tr '\0' a >big
is 'a body too long' 0 '413 text/plain' http -H 'Expect:' --data-binary @big "$url/api/login"
is 'figures' 0 "$json" http "$url/sim/stats"
ok '... one login' grep -q '"logins":1' body
login >/dev/null; request=$(field request_id)
for code in 000000 1 "" 99999999 abcdef; do twofa "$code" >/dev/null; done
is 'the fifth wrong code ends a login' 0 '400 application/json' twofa "$(totp "$now")"
unsim
is 'asked to stop, ends well' 0 0 echo "$ended"
is 'figures at the end' 0 "$(printf 'state\tdone')" grep state stats.tsv

# ---- files instead ----
printf 'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n256265,1001,NIFTY 50,"NIFTY 50",0,,0,0,0,EQ,INDICES,NSE\nx,1,BAD,,0,,0,0,0,EQ,NSE,NSE\n' >dump
printf 'Company Name,Industry,Symbol,Series,ISIN Code\n' >n500
printf '{"status":"success","data":[{"date":"2026-11-24","description":"Guru \\"N\\"","closed_exchanges":["NSE"],"open_exchanges":[]}]}' >hol
sim --instruments dump --nifty500 n500 --holidays hol
is 'a dump from a file' 0 '200 text/csv' http "$url/instruments"
is '... byte for byte' 0 '' cmp body dump
ok '... a bad row is told' grep -q 'das-sim: 1 rows are no instruments, the first: dump:3: ' sim.err
is 'a list from a file' 0 '200 text/csv' http -A Mozilla/5.0 "$url/content/indices/ind_nifty500list.csv"
is '... byte for byte' 0 '' cmp body n500
is 'holidays from a file' 0 "$json" http -A Mozilla/5.0 "$url/api/holiday-master?type=trading"
ok "... are NSE's too" grep -q '"24-Nov-2026","weekDay":"Tuesday","description":"Guru \\"N\\""' body
unsim

# ---- ticker ----
key() { conf apiKey; }
token() {	# the whole login; the token into $access, the ticker into $ws
	login >/dev/null; request=$(field request_id)
	twofa "$(totp "$now")" >/dev/null
	finish=$(redirect "$url/connect/login?api_key=$(key)&v=3")
	last=$(redirect "${finish#* }")
	token=${last#*request_token=} token=${token%%&*}
	session "$(sum "$(conf apisec)")" >/dev/null
	access=$(field access_token)
	ws="ws${url#http}/?api_key=$(key)&access_token=$access"
}
client() { wsclient "$ws" "$@" >got; }	# SECONDS WORD...
count() { grep -c "$1" got; }
stat_now() { curl -s -m 10 "$url/sim/stats" | grep -qE "\"$1\":\"?$2[\",}]"; }
stat_of() { wait_for 5 stat_now "$@"; }	# KEY VALUE
ticks() { awk -F'\t' -v t="$1" -v k="$2" '$1 == "tick" && $2 == t && $3 == k' got; }

DAS_CLOCK=2026-11-23T09:15:30+05:30
sim --rate 600
token
tab=$(printf '\t')
fails 'a bad token' 1 403 wsclient "ws${url#http}?api_key=$(key)&access_token=x" 5
fails 'no token' 1 400 wsclient "ws${url#http}" 5
fails 'another path' 1 404 wsclient "ws${url#http}/x?api_key=$(key)&access_token=$access" 5

ok 'a client' client 3 '{"a":"subscribe","v":[256265,5633,"6401",265,7]}' wait=1000 \
    '{"a":"mode","v":["full",[256265,5633,25601]]}' '{"a":"mode","v":["ltp",[265]]}' \
    'garbage' '[]' '{"a":"x"}' '{"a":"mode","v":3}' wait=1000 \
    '{"a":"unsubscribe","v":[256265,5633]}' wait=50 '{"a":"subscribe","v":[6401]}' wait=1000 \
    '{"a":"unsubscribe","v":[6401,265,7]}' wait=300 end
is '... is told about instruments' 0 1 count '^text.*"instruments_meta"'
is '... gets cached packets first' 0 "frame${tab}108${tab}3" sh -c 'grep -m 1 frame got'
ok '... of yesterday for a share, as quote' sh -c '[ "$1" ]' - "$(ticks 5633 quote)"
ok '... then full ones' sh -c '[ "$1" ]' - "$(ticks 5633 full)"
ok '... of an index too' sh -c '[ "$1" ] && [ "$2" ] && [ "$3" ]' - \
    "$(ticks 256265 index_quote)" "$(ticks 256265 index_full)" "$(ticks 265 ltp)"
is '... none for a token that is text' 0 '' ticks 6401 full
is '... but quotes for the number later' 0 6401 sh -c 'tail -n 200 got | cut -f2 | grep -m 1 6401'
ok '... heartbeats each second' sh -c '[ "$1" -ge 2 ] && [ "$1" -le 4 ]' - "$(count '^beat')"
is '... nothing bad' 1 0 count '^bad'
ok 'figures know the ticks' stat_of ticks_sent "$(count '^tick')"
ok '... and the cached ones, in the file too' wait_for 3 grep -q "^cached_sent${tab}4\$" stats.tsv

many() { awk -F, -v a="$1" -v n="$2" 'NR > a && NR <= a + n { printf "%s%s", c, $1; c = "," }' plain; }
client 5 quiet "{\"a\":\"subscribe\",\"v\":[$(many 1 3001)]}" texts=2 ticks=3000 end
is '3000 instruments are the limit' 0 1 count '^text.*"error","data":"Sub'
ok '... and so many come' stat_of subscribed_most 3000
clients=
for secs in 20 20 20; do wsclient "$ws" $secs & mine $!; clients="$clients $!"; done >out
ok 'three connections' stat_of connections 3
fails 'a fourth is one too many' 1 429 wsclient "$ws" 5
# shellcheck disable=SC2086 # a list of numbers
kill $clients
ok '... for a while' stat_of connections 0
unsim

# Subscribed in the middle of the day: the last known values are today's.
DAS_CLOCK=2026-11-23T13:00:00+05:30
sim --rate 60
token
client 3 '{"a":"subscribe","v":[256265]}' '{"a":"mode","v":["full",[256265]]}' wait=1500 \
    '{"a":"unsubscribe","v":[256265]}' wait=300 end
ok 'one cached packet' wait_for 3 grep -q "^cached_sent${tab}1\$" stats.tsv
ok '... which is of today' grep -q "^cached_old${tab}0\$" stats.tsv
ok '... and counts as a pair' stat_of pairs "$(awk -F'\t' '$1 == "tick" && $5 > 0 { print $2, $5 }' got | sort -u | wc -l)"
unsim
mv got got.first

# Before the open they are of the day before, also while the first tick waits.
DAS_CLOCK=2026-11-23T08:50:00+05:30
sim
token
set -- '{"a":"subscribe","v":[5633]}' '{"a":"mode","v":["full",[5633]]}'
wsclient "$ws" 20 "$@" >out & first=$!
mine $first
ok 'a client before the open' stat_of cached_sent 1
ok '... and another' client 3 "$@" ticks=1 end
ok '... get the same' stat_of cached_old 2
kill $first
unsim

# The same seed makes the same market, another one another.
DAS_CLOCK=2026-11-23T08:50:00+05:30
seed() {	# SEED FILE
	sim -x max --seed "$1"
	token
	client 5 '{"a":"subscribe","v":[5633]}' '{"a":"mode","v":["full",[5633]]}' ticks=41 end
	ticks 5633 full | sed 1d | head -n 40 >"$2"
	unsim
}
seed 1 one; seed 1 two; seed 2 three
is 'a market' 0 40 sh -c 'wc -l <one'
ok '... is made by a seed' cmp one two
is '... another by another' 1 '' cmp -s one three

# A client that sleeps loses nothing.
DAS_CLOCK=2026-11-23T09:14:57+05:30
sim --rate 600 -x max
token
toks=$(many 100 300)
client 9 quiet "{\"a\":\"subscribe\",\"v\":[$toks]}" "{\"a\":\"mode\",\"v\":[\"full\",[$toks]]}" \
    ticks=1000 sleep=1200 ticks=100001 end
ok 'at free pace there is a lot' sh -c '[ "$(sed -n "s/.* \([0-9]*\) ticks.*/\1/p" got)" -gt 100000 ]'
ok '... and a sleeper is waited for' stat_of holds '[1-9][0-9]*'
unsim

# ---- recordings ----
DAS_CLOCK=2026-11-23T08:50:00+05:30
perl -e '
	my $t = 1795405500 * 1000000;
	my $ltp = sub { pack("nNN", 8, @_) };
	my $full = sub { pack("nNN", 184, @_) . "\0" x 52 . pack("N", 1795405500 + $_[2]) . "\0" x 120 };
	my @f = (pack("n", 1) . $full->(5633, 100, 0), "\0",
	    pack("n", 2) . $full->(5633, 101, 1) . $ltp->(6401, 7),
	    pack("n", 1) . pack("n", 5) . "odd!!", pack("n", 1) . $full->(5633, 102, 1));
	print "DAScapt1"; my $all = "";
	for my $i (0 .. $#f) {
		print pack("q>nCCN", $t + $i * 100000, 1, 0, 0, length $f[$i]), $f[$i];
		$all .= $f[$i] if length $f[$i] > 1;
	}
	print pack("q>nCCN", $t + 500000, 1, 1, 0, 2), "{}";
	open my $o, ">", "frames"; print $o $all;' >cap
sim -r cap
token
client 5 '{"a":"subscribe","v":[5633]}' '{"a":"mode","v":["full",[5633]]}' raw=back texts=2 end
is 'a capture comes byte for byte' 0 '' cmp frames back
is '... texts too' 0 1 count '^text.{}$'
ok '... and that was the market' stat_of state closed
ok '... two pairs' stat_of pairs 2
unsim
sim -r cap --repeat 3 -x max
token
client 5 '{"a":"subscribe","v":[5633]}' '{"a":"mode","v":["full",[5633]]}' texts=4 end
is 'a capture three times, its times moved on' 0 '500 501 501 502 503 503 504 505 505' \
    sh -c 'awk "/^tick.*full/ { print \$5 - 1795405000 }" got | paste -sd " "'
is '... each with what does not decode' 0 3 count '^bad'
ok '... six pairs' stat_of pairs 6
ok '... then it is over' stat_of state closed
unsim
{ printf DAScapt1; tail -c +213 cap; } >cap.0001	# behind the first frame
head -c 212 cap >cap0
mv cap0 cap
sim -r cap -x 2
token
client 5 '{"a":"subscribe","v":[5633,6401]}' ticks=4 end
is 'in other modes come packets, from all segments' 0 "3 quote
1 ltp" sh -c 'awk "/^tick/ { print \$3 }" got | sort -r | uniq -c | sed "s/^ *//"'
unsim

{
	printf 'seq\trecvTime\tinstrument_token\tprice\tvolume\ttimestamp\tbq0\tbp0\tbo0\n'
	printf '1\t2026-11-23 09:15:00.5\t5633\t100.05\t3000000000\t2026-11-23 09:15:00\t1\t100\t2\n'
	printf '2\t2026-11-23 09:15:01.5\t256265\t26000.1\t\\N\t2026-11-23 09:15:01\t\\N\t\\N\t\\N\n'
} >rows
sim -t rows -x 1000
token
client 5 '{"a":"subscribe","v":[5633,256265]}' '{"a":"mode","v":["full",[5633,256265]]}' ticks=2 end
is 'rows come as packets' 0 "tick	5633	full	1000500000	1795405500	3000000000
tick	256265	index_full	260001000000	1795405501	0" grep tick got
ok '... and that was it' stat_of state closed
unsim
sed 's/100.05/x/' rows >bad
fails 'a row that is none' 65 "bad:2: price is 'x'" das-sim -t bad
fails 'a capture that is none' 65 'rows' das-sim -r rows
fails 'one or the other' 64 usage das-sim -r cap -t rows
fails 'again only what there is' 64 usage das-sim --repeat 2
fails 'not so often' 64 'not 1 to' das-sim -r cap --repeat 0
DAS_CLOCK=2026-12-25T10:00:00+05:30
sim
ok 'no ticks on a holiday' stat_of state closed
ok '... which is said' grep -q '2026-12-25: there is no session' sim.err
unsim

# ---- mail ----
DAS_CLOCK=2026-11-23T08:50:00+05:30
sim --smtp 0 --mail-dir mails
smtp=smtp://127.0.0.1:$(awk '$1 == "smtp" { print $2 }' ports)
is 'the configuration knows the mail server' 0 "$smtp" conf smtpUrl
printf 'Subject: one\r\n\r\n.dot\r\n..\r\nend\r\n' >mail
ok 'a mail' curl -s -m 10 --user me:secret --mail-from a@example.com \
    --mail-rcpt b@example.com --mail-rcpt c@example.com -T mail "$smtp"
is '... is kept as it was' 0 '' cmp mail mails/000001.eml
is '... with its envelope' 0 "field	value
from	a@example.com
to	b@example.com
to	c@example.com" cat mails/000001.tsv
ok '... and counted' stat_of mails 1
perl -e 'print "Subject: long\r\n\r\n", "x" x 20000, "\r\n"' >long
ok 'a line of 20000' curl -s -m 10 --mail-from a@example.com --mail-rcpt b@example.com -T long "$smtp"
is '... is kept too' 0 '' cmp long mails/000002.eml
is 'no recipient, no mail' 55 '' curl -s -m 10 --mail-from a@example.com --mail-rcpt '' -T mail "$smtp"
smtp() {	# lines to say; the codes of the answers
	perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(PeerAddr => shift, Timeout => 5) or die;
		for ("", @ARGV) { print $s "$_\r\n" if $_ ne ""; my $l; do { $l = <$s> } while $l =~ /^\d+-/; print substr($l, 0, 3), " " }' \
	    "${smtp#smtp://}" "$@"
}
is 'order is kept' 0 '220 503 250 503 503 250 552 500 221 ' smtp 'MAIL FROM:<a@b>' \
    'EHLO x' 'RCPT TO:<b@c>' DATA RSET 'MAIL FROM:<a@b> SIZE=99999999' 'X y' QUIT
is 'passwords of both kinds' 0 '220 250 334 334 235 334 235 235 504 ' smtp 'EHLO x' 'AUTH LOGIN' YQ== YQ== \
    'AUTH PLAIN' AGEAYg== 'AUTH PLAIN AGEAYg==' 'AUTH X'
unsim

# ---- what is no request ----
sim
raw() {	# TEXT with printf's escapes; the first line of the answer
	perl -MIO::Socket::INET -e '$SIG{ALRM} = sub { exit }; alarm 5;
		my $s = IO::Socket::INET->new(PeerAddr => shift) or die;
		syswrite $s, shift; my $l = <$s>; print $l =~ s/\r\n//r if defined $l' \
	    "${url#http://}" "$(printf '%b' "$1 HTTP/1.1\r\nHost: x\r\n$2x")"
}
post='POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd'
is 'a request and more in one packet' 0 'HTTP/1.1 200 OK' raw 'GET /' "\r\n$post$post"
is '... holds up nobody' 0 200 curl -s -m 5 -o body -w '%{http_code}' "$url/"
is 'CONNECT is not taken for mail' 0 '' raw 'CONNECT a:1' '\r\n'
unsim

# ---- refusals ----
fails 'a port that is none' 64 'not 0 to 65535' das-sim -p 70000
fails 'a fault that is none' 64 'das-sim: faults are: reset close closemid' das-sim --fault rest@09:15:00
fails '... without a time' 64 'mute: want mute@HH:MM:SS[+SECONDS]' das-sim --fault mute
fails '... that does not last' 64 'happens once' das-sim --fault reset@09:15:00+5
fails 'a day that is none' 64 'not YYYY-MM-DD' das-sim --day 2026-02-30
fails 'no such dump' 66 'nowhere' das-sim --instruments nowhere
fails 'holidays that are no JSON' 65 'not JSON' das-sim --holidays dump
fails 'a seed that is none' 78 'seed' env DAS_TOTP_SEED=1 das-sim
sim
fails 'a port that is taken' 69 'port' das-sim -p "${url##*:}"
unsim

done_testing
