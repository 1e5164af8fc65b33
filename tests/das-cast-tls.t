#!/bin/sh
# das-cast-tls.t - das-cast beyond this machine: what it wants for that, TLS, and
# which pages and names it answers
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/cast.sh"

certificate() {	# NAME: NAME.pem and NAME.key, for das.example and 127.0.0.1
	(umask 077; openssl req -x509 -newkey ec -nodes -days 2 \
	    -pkeyopt ec_paramgen_curve:P-256 -keyout "$1.key" -out "$1.pem" \
	    -subj "/CN=$1" -addext \
	    subjectAltName=DNS:das.example,IP:127.0.0.1 2>/dev/null)
}
certificate first && certificate other
TOKEN='"castToken": "word of 16 bytes"'
PAIR='"castCert": "first.pem", "castKey": "first.key"'
all() {	# KEY-VALUES: listens everywhere
	rm -f "$DAS_CONFIG"
	echo "{\"store\": \"sqlite\", \"castListen\": \"0.0.0.0:0\",
	    \"castIntervalSeconds\": 1${1:+, $1}}" >"$DAS_CONFIG"
	chmod 600 "$DAS_CONFIG"
}

# ---- what must be there ----
all
fails 'no token' 78 'wants castToken, castCert and castKey: castToken is missing' das-cast
all "$TOKEN"
fails 'no certificate' 78 'castCert is missing' das-cast
all "$TOKEN, \"castCert\": \"first.pem\""
fails 'no key' 78 'key castKey: is missing' das-cast
all "$PAIR"
fails 'a certificate, and no token' 78 'castToken is missing' das-cast
all "$TOKEN, \"castCert\": \"first.pem\", \"castKey\": \"other.key\""
fails 'the key of another' 78 'is not the key of' das-cast
all "$TOKEN, \"castCert\": \"none.pem\", \"castKey\": \"first.key\""
fails 'no such file' 78 'none.pem: No such file' das-cast
all "$TOKEN, \"castCert\": \"first.key\", \"castKey\": \"first.key\""
fails 'no certificate in it' 78 'holds no certificate' das-cast
chmod 644 other.key
all "$TOKEN, \"castCert\": \"other.pem\", \"castKey\": \"other.key\""
fails 'a key that everybody may read' 78 'run: chmod 600' das-cast
chmod 600 other.key
config '"castKey": "first.key"'
fails 'half of a pair, on loopback too' 78 'castCert: is missing' das-cast

# ---- beyond loopback ----
begin 000001
row NIFTYCE 258 101.5 | put
listening() {	# starts it; $port of 0.0.0.0
	rm -f log
	das-cast 2>log & cast=$!
	mine $cast
	wait_for 10 grep -q '^das-cast: listens' log || cat log >&2
	port=$(sed -n 's/.*listens on [0-9.]*://p' log)
}
fetch() {	# PATH [OPTION...]: over TLS
	path=$1; shift
	curl -s -m 20 --cacert "${ca:-first.pem}" "$@" \
	    "https://127.0.0.1:$port$path"
}
status() { fetch "$@" -o body -w '%{http_code}'; }
BEARER='Authorization: Bearer word of 16 bytes'
all "$TOKEN, $PAIR"
listening
is 'health over TLS' 0 ok fetch /healthz
is 'without the token' 0 401 status /metrics
is 'with it' 0 200 status /metrics -H "$BEARER"
is 'TLS 1.2 will do' 0 200 status /metrics -H "$BEARER" --tls-max 1.2
is 'older does not' 35 000 status /metrics -H "$BEARER" --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0
is 'plain HTTP is told so' 0 'this port speaks TLS: https:// or wss://' \
    curl -s -m 20 "http://127.0.0.1:$port/healthz"
ok 'which is no secret' sh -c '! curl -s -m 20 -H "$2" "http://127.0.0.1:$1/metrics" | grep das_cast' sh "$port" "$BEARER"

# A WebSocket over TLS: messages through openssl, which sends what it reads.
# shellcheck disable=SC2094 # it waits for what the other side writes
upgraded() {	# MESSAGES BYTES-SENT-BEHIND-THE-UPGRADE
	{
		printf 'GET /?token=word+of+16+bytes HTTP/1.1\r\nHost: das.example\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
		[ -z "$2" ] || printf '%b' "$2"
		wait_for 20 grep -aq "$1" tls.out
		printf '\210\200\0\0\0\0'	# goodbye
	} | timeout 60 openssl s_client -quiet -connect "127.0.0.1:$port" \
	    -CAfile first.pem -verify_return_error >tls.out 2>tls.err
	grep -ao "$1" tls.out | head -n 1
}
is 'a WebSocket' 0 '"symbol":"NIFTYCE","token":"258"' \
    upgraded '"symbol":"NIFTYCE","token":"258"' ''
is '... that asks' 0 '"type":"pong"' upgraded '"type":"pong"' \
    '\0201\0217\0\0\0\0{"type":"ping"}'

# ---- much at once, to one that is slow ----
awk 'BEGIN { for (i = 0; i < 20000; i++)
    printf "SYM%d\t1\t2026-11-23T10:30:05+00:00\t%d\t1\t2\t3\t4\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n", i, i }' | put
seen() { fetch /metrics -H "$BEARER" | awk '$1 == "das_cast_rows_total" { exit $2 < 20001 }'; }
wait_for 20 seen
big() {	# get_latest_all, 3 MB, read after a while
	{
		printf 'GET /?token=word+of+16+bytes HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'
		printf '\201\231\0\0\0\0{"type":"get_latest_all"}\210\200\0\0\0\0'
		sleep 8
	} | timeout 60 openssl s_client -quiet -connect "127.0.0.1:$port" 2>tls.err |
	    { sleep 2; cat; } | tr '{' '\n' | grep -ac '"symbol":"SYM[0-9]*",.*"source":"ws"}'
}
is 'many records, none lost, none twice' 0 20000 big

# ---- hostile ----
half() {	# a handshake that does not go on
	castpoke "$port" 20 '\x16\x03\x01\x02\x00\x01\x00' | tail -n 1
}
half >half.out & half=$!
castpoke "$port" 20 >mute & mute=$!
ok 'no TLS behind the first byte' sh -c 'castpoke "$1" 20 "\x16GET / HTTP/1.1\r\n\r\n" | tail -n 1 | grep -q "END\|RESET"' sh "$port"
storm() {	# handshakes that are broken off, 200 at a time
	i=0
	while [ $i -lt 5 ]; do
		castpoke "$port" 0 idle=200 '\x16\x03\x01\x00\x05abcde'
		i=$((i + 1))
	done
	fetch /healthz
}
is '1000 connections that come and go' 0 ok storm
wait $half; wait $mute
is 'a handshake that does not end is ended' 0 END tail -n 1 half.out
is 'and who says nothing' 0 END tail -n 1 mute

# ---- connections of an address ----
own=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep '\.' | head -n 1)
if [ -n "$own" ]; then
	stop
	all "$TOKEN, $PAIR, \"castMaxPerAddress\": 3"
	listening
	stream() { exec curl -skN -m 100 -H "$BEARER" "https://$own:$port/events"; }
	stream >s1 & s1=$!; stream >s2 & s2=$!; stream >s3 & s3=$!
	mine $s1; mine $s2; mine $s3
	wait_for 20 grep -q welcome s1; wait_for 20 grep -q welcome s2
	ok 'three of one address' wait_for 20 grep -q welcome s3
	own_health() { curl -sk -m 20 "https://$own:$port/healthz"; }
	ok 'not four' sh -c '! curl -sk -m 20 "https://$1:$2/healthz"' sh "$own" "$port"
	is 'loopback is not counted' 0 ok fetch /healthz
	kill $s1; wait $s1 2>/dev/null
	ok 'when one has gone there is room' wait_for 20 own_health
	kill $s2 $s3; wait $s2 $s3 2>/dev/null
else
	skip 'connections of an address' 'this machine has none beyond loopback'
fi

# ---- another certificate ----
cp other.key first.key
sleep 1.5
is 'half of a new pair: the old one stays' 0 ok fetch /healthz
cp first.pem before.pem; cp other.pem first.pem
ok 'a new pair is told' wait_for 20 grep -q 'the new one is used' log
is 'and used' 0 ok fetch /healthz
ca=before.pem
is 'the old one is not' 60 000 status /healthz
ca=
is 'what was wrong was told once' 0 1 grep -c 'is not the key of.*stays' log
ok 'the token is in no message' sh -c '! grep -q "16 bytes" log'
stop

# ---- both on loopback ----
config "$PAIR"
start
is 'plain on loopback' 0 ok curl -s -m 20 "http://127.0.0.1:$port/healthz"
is 'and TLS on the same port' 0 ok fetch /healthz

# ---- names ----
named() {	# HOST [HEADER]: of a plain request
	poke 2 "GET /healthz HTTP/1.1\\r\\nHost: $1\\r\\n${2:+$2\\r\\n}\\r\\n" |
	    sed -n '1s/^HTTP.1.1 //p'
}
for h in localhost "localhost:$port" LOCALHOST 127.0.0.1 '[::1]' "[::1]:$port" \
    192.0.2.1:80 das.example "$(hostname):$port"; do
	is "Host $h" 0 '200 OK' named "$h"
done
for h in evil.example "evil.example:$port" localhost.evil.example 127.0.0.1.evil.example \
    '[::1' '[]' : localhost:x localhost:99999 'localhost,evil.example' 0x7f000001; do
	is "Host $h" 0 '421 Misdirected Request' named "$h"
done
is 'a page whose name was made to point here' 0 '421 Misdirected Request' \
    named "evil.example:$port" "Origin: http://evil.example:$port"
is 'a page of ours' 0 '200 OK' named "das.example:$port" "Origin: https://das.example:$port"
is 'a page of another port' 0 '403 Forbidden' named "localhost:$port" 'Origin: http://localhost:3000'
is 'a file' 0 '403 Forbidden' named "localhost:$port" 'Origin: null'
stop
config '"castOrigins": ["https://page.example"]'
start
is 'the host of a page on the list' 0 '200 OK' named page.example
is 'no certificate, no name' 0 '421 Misdirected Request' named das.example

# ---- no descriptors ----
accepted() { curl -s -m 20 "http://127.0.0.1:$port/metrics" | sed -n 's/^das_cast_connections_total //p'; }
busy() { awk '{ print $14 + $15 }' "/proc/$cast/stat"; }
prlimit --pid "$cast" --nofile=24:
castpoke "$port" 4 idle=60 wait=3500 >idle & idle=$!
ok 'without descriptors' wait_for 20 grep -q 'clients: Too many open files' log
from=$(busy)
sleep 2.5
ok 'it does not spin' test $(($(busy) - from)) -lt 60
is 'and says so once' 0 1 grep -c 'clients: Too many open files' log
wait $idle
is 'then goes on' 0 ok curl -s -m 20 "http://127.0.0.1:$port/healthz"
stop
done_testing
