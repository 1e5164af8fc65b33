#!/bin/sh
# das-token.t - the login against the simulator and against servers that
# misbehave at every step; no secret in any output
. "$(dirname "$0")/tap.sh"
export DAS_CLOCK=2026-11-23T08:00:10+05:30
: >all

# t ARGUMENTS: das-token -v; all that it says is kept for the last test
t() {
	das-token -v "$@" >out.t 2>err.t && rc=0 || rc=$?
	cat out.t err.t >>all
	cat out.t
	cat err.t >&2
	return "$rc"
}
token() { sed -n 2p spool/access_token | cut -f3; }
# set_key KEY JSON-VALUE FILE: the file with another value for the key
set_key() {
	sed "s|\"$1\": *[^,]*\(,*\)\$|\"$1\": $2\1|" "$3" >next.json
	chmod 600 next.json
	mv next.json "$3"
}
logins() { curl -s "http://127.0.0.1:$sim/sim/stats" | tr ',{' '\n' |
	sed -n 's/.*"logins": *//p' | tr -d '}'; }

# ---- the simulator: a login as it should be

das-sim -p 0 --port-file simport --write-config sim.json --data-dir "$PWD" &
mine $!
wait_for 5 test -s simport -a -s sim.json
sim=$(sed -n 's/^http\t//p' simport)

is 'a login' 0 '' t -c sim.json
is 'the token file is for its owner alone' 0 600 stat -c %a spool/access_token
is 'it has its header' 0 'timestamp	user_id	access_token' \
    sed -n 1p spool/access_token
is 'time and user' 0 '2026-11-23 08:00	DAS001' \
    sh -c "sed -n 2p spool/access_token | cut -c1-16,20- | cut -f1,2"
ok 'the broker takes the token' curl -sf -H 'X-Kite-Version: 3' \
    -H "Authorization: token simulatedapikey1:$(token)" \
    "http://127.0.0.1:$sim/user/profile"
first=$(token)
fails 'a second run keeps it' 0 'keeping the token' t -c sim.json
is 'it does' 0 "$first" token
fails '-n logs in again' 0 'storing the token' t -n -c sim.json
ok 'with another token' [ "$first" != "$(token)" ]
printf 'timestamp\tuser_id\taccess_token\n2026-11-23 05:59:59\tDAS001\t%s\n' \
    "$(token)" >spool/access_token
fails 'a token from before six is of yesterday' 0 'storing' t -c sim.json
DAS_CLOCK=2026-11-24T05:30:00+05:30
fails 'one of today lives until six tomorrow' 0 keeping t -c sim.json
DAS_CLOCK=2026-11-23T08:00:10+05:30
printf 'timestamp\tuser_id\taccess_token\n2026-11-23 07:00:00\tDAS001\t%s\n' \
    Bogus012345678901 >spool/access_token
fails 'a token that the broker takes no more' 0 'no more' t -c sim.json
ok 'is replaced' [ "$(token)" != Bogus012345678901 ]
sed -i 's/DAS001/XX0001/' spool/access_token
fails 'a token of another user' 0 'storing' t -c sim.json
echo garbage >spool/access_token
fails 'a token file that is none' 0 'storing' t -c sim.json
if command -v sqlite3 >/dev/null; then
	is 'kite1tokens has it' 0 "2026-11-23 08:00:10|-|-|$(token)" \
	    sqlite3 das.db 'SELECT * FROM kite1tokens ORDER BY 1 DESC LIMIT 1'
else
	skip 'kite1tokens has it' 'no sqlite3'
fi

# A code near its end waits for the next.
DAS_CLOCK=2026-11-23T08:00:29+05:30@1/$(date +%s.%N)
start=$(date +%s%3N)
das-token -c sim.json -n 2>>all && rc=0 || rc=$?
took=$(($(date +%s%3N) - start))
ok "a code near its end waits for the next ($rc, $took ms)" \
    [ "$rc" = 0 -a "$took" -ge 2500 -a "$took" -lt 9000 ]
DAS_CLOCK=2026-11-23T08:00:10+05:30

# ---- refusals: 77 at once, said once

refused() {	# NAME WORDS KEY VALUE
	name=$1 words=$2; shift 2
	cp sim.json bad.json; chmod 600 bad.json
	set_key "$1" "$2" bad.json
	fails "$name" 77 "$words" t -n -c bad.json
	ok "$name: tried once" sh -c '! grep -q "trying again" err.t'
}
mv das.db das.db.away		# no token there to go on with
refused 'a wrong password' 'check ZerodhaLoginName and ZerodhaPass' \
    ZerodhaPass '"hushpassword"'
refused 'a wrong user' 'login refused (403' ZerodhaLoginName '"XX0001"'
refused 'a wrong seed' 'check TOTP_seed and the clock' \
    TOTP_seed '"hush hush hush hush"'
refused 'a wrong API key' 'connect refused' apiKey '"hushkey"'
refused 'a wrong secret' 'check apiKey and apisec' apisec '"hushsec"'
DAS_CLOCK=2026-11-23T08:05:10+05:30
fails 'a clock that is fast' 77 'the clock here is 2' t -n -c sim.json
ok 'says so' grep -q 's fast$' err.t
DAS_CLOCK=2026-11-23T08:00:10+05:30

# ---- the configuration

echo '{"ZerodhaLoginName": "AB1234"}' >none.json
fails 'keys without a value' 78 'key ZerodhaPass has no value yet' t -c none.json
cp sim.json bad.json; set_key TOTP_seed '"hush018"' bad.json
fails 'a seed that is none' 78 'key TOTP_seed: is no base32 seed' t -c bad.json
cp sim.json bad.json; chmod 644 bad.json
fails 'secrets open to others' 78 'chmod 600' t -c bad.json
chmod 600 bad.json; set_key kiteLoginUrl '"http://kite.zerodha.com"' bad.json
fails 'plain http to the outside' 78 'plain http is for this machine only' \
    t -n -c bad.json
fails 'no configuration' 78 'nothing.json' t -c nothing.json
fails 'an argument' 64 usage t -c sim.json now

# ---- a broker of our own making

cat >my.json <<'JSON'
{"ZerodhaLoginName": "AB1234",
"ZerodhaPass": "hush+a&b=c%d e\u00e9",
"TOTP_seed": "hush hush hush hush",
"apiKey": "hushkey",
"apisec": "hushsec",
"kiteApiUrl": "http://127.0.0.1:1",
"kiteLoginUrl": "http://127.0.0.1:1",
"store": "sqlite", "mail": "spool",
"httpTimeoutSeconds": 1,
"retryCount": 2, "retryDelaySeconds": 0}
JSON
chmod 600 my.json
cat >login.json <<'JSON'
{"status":"success","data":{"user_id":"AB1234","request_id":"hushrequestid01",
"twofa_type":"app_code","twofa_types":["app_code","sms"]}}
JSON
echo '{"status":"success","data":{"profile":{}}}' >twofa.json
cat >session.json <<'JSON'
{"status":"success","data":{"user_id":"AB1234","access_token":"hushaccesstoken01",
"public_token":"x","login_time":"2026-11-23 08:00:10"}}
JSON
echo '{"status":"success","data":{"user_id":"AB1234"}}' >profile.json
err() { printf '{"status":"error","message":"%s","error_type":"%s"}\n' "$2" "$1"; }
err NetworkException 'hushrequestid01' >network.json
err UserException 'hush+a&b=c%d eé is wrong' >echo.json
err NewException 'Something new' >new.json
err TokenException 'Token is invalid or has expired.' >stale.json

# serve MODE [FILE]: a server; the configuration goes there
serve() {
	rm -f port requests
	badserver "$PWD/port" "$@" requests & mine $!
	wait_for 5 test -s port && port=$(cut -f2 port)
	set_key kiteLoginUrl "\"http://127.0.0.1:$port\"" my.json
	set_key kiteApiUrl "\"http://127.0.0.1:$port\"" my.json
	rm -rf spool das.db
}
# routes ROW...: these before the rows of a broker that works
routes() {
	: >table
	for row in "$@"; do
		echo "$row" | tr ' ' '\t' >>table
	done
	tr ' ' '\t' >>table <<-'EOT'
	/api/login 200 - login.json -
	/api/twofa 200 - twofa.json -
	/connect/login 302 /connect/finish?sess_id=hushsession1 - -
	/connect/finish 302 http://127.0.0.1:1/back?action=login&status=success&request_token=hushrequesttoken1 - -
	/session/token 200 - session.json -
	/user/profile 200 - profile.json -
	EOT
	serve routes table
}
asked() { grep -c "$1" requests; }

routes
is 'a login with relative redirects' 0 '' t -c my.json
is 'gives the token' 0 hushaccesstoken01 token
is 'step by step' 0 '/api/login
/api/twofa
/connect/login?api_key=hushkey&v=3
/connect/finish?sess_id=hushsession1
/session/token' sh -c 'cut -d" " -f2 requests'
is 'the password is encoded' 0 \
    'user_id=AB1234&password=hush%2Ba%26b%3Dc%25d%20e%C3%A9' \
    sh -c "sed -n 's/.*login HTTP.1.1\t//p' requests"
is 'the type of the code is the answer'\''s' 0 'twofa_type=app_code' \
    sh -c 'grep -o "twofa_type=.*" requests'
is 'the checksum is of key, token and secret' 0 "api_key=hushkey&request_token=\
hushrequesttoken1&checksum=$(printf hushkeyhushrequesttoken1hushsec | sha256sum |
    cut -d' ' -f1)" sh -c "sed -n 's/.*token HTTP.1.1\t//p' requests"
routes '/connect/login 302 http://127.0.0.1:1/?request_token=hushrequesttoken1 - -'
is 'the address of the app is not visited' 0 '' t -c my.json
is 'its token is used' 0 1 asked request_token=hushrequesttoken1
sed 's/"twofa_type":"app_code",//' login.json >notype.json
routes '/api/login 200 - notype.json -'
is 'no type: the first of twofa_types' 0 1 sh -c \
    'das-token -c my.json 2>>all; grep -c "twofa_type=app_code" requests'

# Each step failing: at once with 76 and 77, after all tries with 69.
step() {	# STATUS WORDS TRIES PATH ROW
	routes "$5"
	fails "$5" "$1" "$2" t -c my.json
	is "$5: asked $3 times" 0 "$3" asked "$4"
	ok "$5: no token file" test ! -e spool/access_token
}
step 77 'login refused (403, Something new)' 1 /api/login \
    '/api/login 403 - new.json -'
step 77 'login refused (200, Something new)' 1 /api/login \
    '/api/login 200 - new.json -'
step 77 'login refused (403)' 1 /api/login '/api/login 403 - echo.json -'
step 69 'login failed (503)' 2 /api/login '/api/login 503 - network.json -'
step 69 'login failed (429' 2 /api/login '/api/login 429 - new.json -'
step 76 'login: redirects elsewhere' 1 /api/login \
    '/api/login 302 http://127.0.0.1:1/ - -'
step 76 'no request_id' 1 /api/login '/api/login 200 - twofa.json -'
step 69 'answered 404 with a page' 2 /api/login '/api/login 404 - table -'
step 77 'switch on external TOTP' 1 /api/twofa '/api/twofa 403 - new.json -'
step 77 'waits for your consent' 1 /connect/login \
    '/connect/login 200 - table -'
step 76 'redirects to http://127.0.0.1:1, which is not the broker' 1 \
    /connect/login '/connect/login 302 http://127.0.0.1:1/x?sess=hushsession1 - -'
step 76 'redirects to http://kite.zerodha.com.evil.example' 1 /connect/login \
    '/connect/login 302 //kite.zerodha.com.evil.example/?t=hushsession1 - -'
step 76 'more than 10 redirects' 11 /connect/login \
    '/connect/login 302 /connect/login?hush - -'
step 76 'status is no success' 1 /connect/login '/connect/login 302 http://127.0.0.1:1/?request_token=hushrequesttoken1&status=cancelled - -'
step 76 'the request token is none' 1 /connect/login \
    '/connect/login 302 http://127.0.0.1:1/?request_token=hush%00%20x - -'
step 77 'connect refused (400, Something new)' 1 /connect/login \
    '/connect/login 400 - new.json -'
step 77 'check apiKey and apisec' 1 /session/token \
    '/session/token 403 - stale.json -'
step 76 'no access token' 1 /session/token '/session/token 200 - profile.json -'

# What fails late is begun anew, with a code that has not been used.
DAS_CLOCK=2026-11-23T08:00:10+05:30@100
step 69 'exchange of the request token failed (502)' 2 /session/token \
    '/session/token 502 - network.json -'
is 'with another code' 0 2 sh -c \
    'grep -o "twofa_value=[0-9]*" requests | sort -u | grep -c .'
routes '/session/token 500 - - 1'
fails 'one failure, then a token' 0 'trying again in 0 s' t -c my.json
DAS_CLOCK=2026-11-23T08:00:10+05:30

# A kept token whose broker does not answer.
routes '/user/profile 500 - - 1'
mkdir -p spool
printf 'timestamp\tuser_id\taccess_token\n%s\tAB1234\thushaccesstoken02\n' \
    '2026-11-23 07:00:00' >spool/access_token
fails 'a kept token is asked for again' 0 'keeping' t -c my.json
is 'and kept' 0 hushaccesstoken02 token
is 'without a login' 1 0 asked /api/login

# Servers that misbehave altogether.
bad() {	# STATUS WORDS MODE [FILE]
	want=$1 words=$2; shift 2
	serve "$@"
	fails "the broker: $*" "$want" "$words" t -c my.json
	ok "the broker: $*: no token file" test ! -e spool/access_token
}
bad 69 '(login); trying again in 0 s' refuse-after-accept
bad 69 'no whole answer within 1 s' hang
bad 69 'no whole answer within 1 s' slow login.json
bad 69 'answered 500 with a page' status500
bad 76 'the answer is no HTTP' garbage
bad 69 'answered 200 with a page' html
bad 76 'redirects elsewhere' redirect-other
bad 69 'partial' truncate login.json
set_key kiteLoginUrl '"http://127.0.0.1:1"' my.json
fails 'nobody there' 69 'Connection refused' t -c my.json

# ---- going on with what the store has

if command -v sqlite3 >/dev/null; then
	routes
	t -c my.json 2>/dev/null		# makes the table
	put() { sqlite3 das.db "DELETE FROM kite1tokens;
	    INSERT INTO kite1tokens VALUES ('$1', '-', '-', '$2')"; }
	routes '/api/login 503 - network.json -'
	t -c my.json 2>/dev/null || :
	sqlite3 das.db 'CREATE TABLE IF NOT EXISTS kite1tokens (timestamp TEXT
	    UNIQUE, requestUrl TEXT, reqToken TEXT, accessToken TEXT)'
	put '2026-11-23 07:00:00' hushstoretoken1
	fails 'a token of today in the store' 0 \
	    'going on with the token of 2026-11-23 07:00:00' t -c my.json
	is 'gets into the token file' 0 hushstoretoken1 token
	put '2026-11-23 05:00:00' hushstoretoken2; rm spool/access_token
	fails 'one of yesterday does not' 69 'login failed' t -c my.json
	routes '/api/login 503 - network.json -' '/user/profile 403 - stale.json -'
	sqlite3 das.db 'CREATE TABLE IF NOT EXISTS kite1tokens (timestamp TEXT
	    UNIQUE, requestUrl TEXT, reqToken TEXT, accessToken TEXT)'
	put '2026-11-23 07:00:00' hushstoretoken3
	fails 'nor one that the broker takes no more' 69 'login failed' t -c my.json
else
	skip 'a token in the store' 'no sqlite3'
fi

# ---- what cannot be written

routes
sed 's/"store"/"sqlitePath": "my.json\/das.db", "store"/' my.json >ro.json
chmod 600 ro.json
fails 'a store that cannot be opened costs no day' 0 'not in kite1tokens' \
    t -c ro.json
is 'the token is in its file' 0 hushaccesstoken01 token
sed 's/"store"/"tokenFile": "my.json\/token", "store"/' my.json >ro.json
fails 'a token file that cannot be written' 73 'is not kept' t -c ro.json
if [ -e /dev/full ] && mkdir full && mount -t tmpfs -o size=4k none full 2>/dev/null
then
	head -c 4096 /dev/zero >full/zero 2>/dev/null
	sed 's/"store"/"tokenFile": "full\/token", "store"/' my.json >ro.json
	fails 'a full disk' 75 'is not kept' t -c ro.json
	is 'leaves nothing behind' 0 zero ls -A full
	umount full
else
	skip 'a full disk' 'cannot mount one'
fi

# ---- TLS

if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem \
	    -days 2 -subj /CN=other.example \
	    -addext subjectAltName=DNS:other.example 2>/dev/null
	tls=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' \
	    2>/dev/null || shuf -i 40000-60000 -n 1)
	openssl s_server -quiet -accept "127.0.0.1:$tls" -key key.pem \
	    -cert cert.pem >/dev/null 2>&1 & mine $!
	set_key kiteLoginUrl "\"https://127.0.0.1:$tls\"" my.json
	wait_for 5 sh -c "openssl s_client -connect 127.0.0.1:$tls </dev/null"
	fails 'a certificate of nobody' 69 'certificate does not verify' \
	    t -n -c my.json
	sed 's/"store"/"caFile": "cert.pem", "store"/' my.json >ca.json
	chmod 600 ca.json
	fails 'a certificate of another host' 69 'certificate does not verify' \
	    t -n -c ca.json
	sed 's/"store"/"caFile": "nothing.pem", "store"/' my.json >ca.json
	fails 'a caFile that is not there' 78 'nothing.pem cannot be read' \
	    t -n -c ca.json
else
	skip 'certificates' 'no openssl'
fi

# ---- stopped

serve hang -
set_key httpTimeoutSeconds 60 my.json
das-token -v -c my.json 2>term & pid=$!; mine $pid
wait_for 5 grep -q login requests
kill $pid && wait $pid && rc=0 || rc=$?
is 'SIGTERM while the broker hangs' 0 75 echo "$rc"
ok 'says so' grep -q 'stopped before there was a token' term
cat term >>all

ok 'the output was looked at' sh -c '[ "$(grep -c . all)" -gt 80 ]'
is 'no secret in any output' 1 '' grep -inE \
    "hush|open & shut|simulatedapi|GEZDGNBV|$first|twofa_value|[0-9a-f]{64}" all
done_testing
