#!/bin/sh
# das-tick-n.t - das-tick -n: would a capture work, and if not, why
. "$(dirname "$0")/tap.sh"

day=2026-11-25
anchor=$(date +%s.%N)
# The wall clock of the tools; 10:00:00 is the simulator's, whenever it is set.
clock() { DAS_CLOCK="${day}T$1+05:30@1/$anchor"; export DAS_CLOCK; }
row() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' out; }
with() {	# KEY VALUE: das-tick -n with that key in the configuration
	sed "s|\"$1\": *[^,]*|\"$1\": $2|" c.json >with.json
	chmod 600 with.json
	das-tick -c with.json -n
}
clock 10:00:00

das-sim --port-file port --write-config c.json 2>sim.err & mine $!
wait_for 60 test -f port
port=$(sed -n 's/^http\t//p' port)
das-token -c c.json && das-n500 -c c.json >out 2>err &&
    das-lookup -c c.json >out 2>err
sed -n '1,201p' lookup/instruments.tsv >some && mv some lookup/instruments.tsv
badticker port2 /dev/null log & mine $!
printf 'wait 2\nbeat 100 200\n' >mute
badticker port3 mute log3 & mine $!
wait_for 60 test -f port3
(with kiteTickerUrl "\"ws://127.0.0.1:$(cut -f 2 port3)\"" >mute.out 2>mute.err
echo $? >mute.rc) & mute=$!
mine $mute
wait_for 60 test -f with.json && wait_for 60 grep -q subscribe log3

# Another simulator, which ignores a tenth of each subscription.
das-sim --fault forget@00:00:00 --port-file port5 --data-dir few \
    --write-config few.json 2>sim5.err & mine $!
wait_for 60 test -f port5
cp -r lookup few
(das-token -c few.json && das-tick -c few.json -n >few.out 2>few.err
echo $? >few.rc) & few=$!
mine $few

ok 'all is well' das-tick -c c.json -n
is '... keys and values' 0 'key
user
token_age_s
clock_ahead_ms
url
api_key
instruments
connections
subscribed
confirmed
packets
first_packet_ms' cut -f 1 out
is '... all confirmed' 0 'DAS001 200 1 200 200' echo "$(row user)" \
    "$(row instruments)" "$(row connections)" "$(row subscribed)" \
    "$(row confirmed)"
is '... the API key is not shown' 0 'si******' row api_key
is '... nor anything else that is secret' 1 '' grep -E \
    "simulatedapi|$(sed -n '2s/.*\t//p' spool/access_token)" out err
is '... the clocks agree' 0 1 awk '$1 == "clock_ahead_ms" {
    print ($2 > -1500 && $2 < 1500) }' out
is '... nothing is written into the spool' 1 '' test -e spool/$day

das-tick -c c.json 2>words & tick=$!
mine $tick
wait_for 60 grep -q 'is open' words
ok 'beside a das-tick that captures' das-tick -c c.json -n
is '... which goes on' 0 "$(grep -c 'is open' words)" grep -c 'connection' words
kill $tick
wait $tick 2>err

# ---- why not ----
fails 'beside other options' 64 usage das-tick -c c.json -n -o -
clock 10:00:30
fails 'a clock that is fast' 78 's fast; set it' das-tick -c c.json -n
clock 09:59:00
fails '... slow' 78 's slow; set it' das-tick -c c.json -n
clock 10:00:00
cp spool/access_token good
sed 's/[^\t]*$/notthetoken/' good >spool/access_token
sed -i '1s/notthetoken/access_token/' spool/access_token
fails 'a token that is refused' 77 'they all end at six in the morning' \
    das-tick -c c.json -n
rm spool/access_token
fails 'no token' 77 'run das-token' das-tick -c c.json -n
cp good spool/access_token
fails 'no API key' 78 'key apiKey' with apiKey '"Your_Zerodha_apiKey"'
cp lookup/instruments.tsv kept
sed -i 1q lookup/instruments.tsv
fails 'nothing to subscribe' 65 'run das-lookup' das-tick -c c.json -n
mv kept lookup/instruments.tsv

# Servers that say something else: SAYS to the upgrade, and who the user is.
says() {	# NAME STATUS WORDS HTTP-STATUS
	printf '{"status":"success","data":{"user_id":"AB1234"}}' >user
	printf '/user/profile\t200\t-\tuser\t-\n/\t%s\t-\t-\t-\n' "$4" >routes
	rm -f port4
	badserver port4 routes routes & server=$!
	mine $server
	wait_for 60 test -f port4
	sed "s/127.0.0.1:$port/127.0.0.1:$(cut -f 2 port4)/" c.json >other.json
	chmod 600 other.json
	fails "$1" "$2" "$3" das-tick -c other.json -n
	kill $server
}
says 'no plan with market data' 77 'no plan with market data' 403
says 'too many connections' 75 'the broker takes 3 of an API key' 429
says 'a server in trouble' 75 'answers HTTP 502' 502
says 'no ticker' 76 'HTTP 200 instead of a WebSocket' 200
name=no..name		# which no name server is asked for
fails 'a name that is not resolved' 75 'check the network, /etc/resolv.conf' \
    with kiteTickerUrl "\"wss://$name\""
fails 'nobody listens' 75 'Connection refused' \
    with kiteTickerUrl '"ws://127.0.0.1:1"'
if das-sim --tls --port-file tls 2>tls.err & then
	mine $!
	wait_for 60 test -f tls
	fails 'a certificate that nobody knows' 69 'see caFile' with \
	    kiteTickerUrl "\"wss://127.0.0.1:$(sed -n 's/^http.*\t//p' tls)\""
fi
wait $mute
is 'nothing comes of the instruments' 0 65 cat mute.rc
ok '... and what to do is said' grep -q 'run das-lookup' mute.err
wait $few
is 'a part of the instruments does not come: it would work' 0 0 cat few.rc
ok '... and how many is said' grep -q '20 instruments did not come' few.err
done_testing
