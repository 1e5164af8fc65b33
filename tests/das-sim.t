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
now=$(date -d 2026-11-23T08:50:00+05:30 +%s)

login() { http -c jar --data-urlencode "user_id=$(conf ZerodhaLoginName)" \
    --data-urlencode "password=$(conf ZerodhaPass)" "$url/api/login"; }
twofa() { http -b jar -c jar -d "user_id=DAS001&request_id=$request&twofa_value=$1" \
    "$url/api/twofa"; }

sim
json='200 application/json'
is 'the configuration is private' 0 600 stat -c %a das.json

# ---- login ----
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

# ---- refusals ----
fails 'a port that is none' 64 'not 0 to 65535' das-sim -p 70000
fails 'a day that is none' 64 'not YYYY-MM-DD' das-sim --day 2026-02-30
fails 'no such dump' 66 'nowhere' das-sim --instruments nowhere
fails 'holidays that are no JSON' 65 'not JSON' das-sim --holidays dump
fails 'a seed that is none' 78 'seed' env DAS_TOTP_SEED=1 das-sim
sim
fails 'a port that is taken' 69 'port' das-sim -p "${url##*:}"
unsim

done_testing
