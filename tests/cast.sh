# shellcheck shell=sh
# cast.sh - sourced behind tap.sh and spool.sh by tests of das-cast: its
# configuration, its rows, and what is said to it

LTP=spool/$DAY/ltp
HEAD=$(echo symbol token ts ltp bid ask volume oi delta gamma theta vega iv \
    source | tr ' ' "$TAB")

# config KEY-VALUES: the configuration, a free port, an interval of 1 s
config() {
	rm -f "$DAS_CONFIG"
	echo "{\"store\": \"sqlite\", \"castListen\": \"127.0.0.1:0\",
	    \"castIntervalSeconds\": 1${1:+, $1}}" >"$DAS_CONFIG"
	chmod 600 "$DAS_CONFIG"
}
# start: das-cast in the background; $cast, $port
start() {
	rm -f log
	das-cast 2>log & cast=$!
	mine $cast
	wait_for 10 grep -q '^das-cast: listens' log || cat log >&2
	port=$(sed -n 's/.*listens on 127.0.0.1://p' log)
}
stop() { kill "$cast" && wait "$cast"; }
# row SYMBOL TOKEN PRICE [SECOND]: of an option
row() {
	printf '%s\t%s\t2026-11-23T10:30:%02d+00:00\t%s\t99.5\t100\t75\t1000\t0.5\t0.001\t-1.5\t2.5\t12.5\tws\n' \
	    "$1" "$2" "${4:-5}" "$3"
}
index() {	# PRICE
	printf 'NIFTY 50\t256265\t2026-11-23T10:30:05+00:00\t%s\t\\N\t\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tws\n' "$1"
}
begin() {	# SEGMENT
	mkdir -p "$LTP"
	printf '%s\n' "$HEAD" >"$LTP/$1.tsv"
}
put() { cat >>"$LTP/000001.tsv"; }
# json SYMBOL TOKEN PRICE [SECOND]: what is made of a row
json() {
	printf '{"symbol":"%s","token":"%s","ts":"2026-11-23T10:30:%02d+00:00","ltp":%s,"bid":99.5,"ask":100,"volume":75,"oi":1000,"delta":0.5,"gamma":0.001,"theta":-1.5,"vega":2.5,"iv":12.5,"source":"ws"}' \
	    "$1" "$2" "${4:-5}" "$3"
}
# shellcheck disable=SC2034 # for who sources this
INDEX='{"symbol":"NIFTY 50","token":"256265","ts":"2026-11-23T10:30:05+00:00","ltp":25000.5,"bid":null,"ask":null,"volume":0,"oi":null,"delta":null,"gamma":null,"theta":null,"vega":null,"iv":null,"source":"ws"}'
# hear PATH SECONDS WORD...: messages, times and numbers that differ taken out
hear() {
	path=$1 for=$2; shift 2
	wsclient "ws://127.0.0.1:$port$path" "$for" "$@" | cut -f 2 |
	    sed 's/"timestamp":"2026-11-23T[0-9:.]*+00:00"/"timestamp":T/
		/"type":"[un]*subscribed"/s/"seq":[0-9]*/"seq":S/
		s/,"upstream":{.*}}$/}/'
}
poke() { castpoke "$port" "$@"; }
get() {	# PATH [HEADER]: status and body
	poke 2 "GET $1 HTTP/1.1\\r\\nHost: localhost\\r\\n${2:+$2\\r\\n}\\r\\n" |
	    sed -n '1s/^HTTP.1.1 //p; /^$/,$p'
}
# shellcheck disable=SC2034
WELCOME='{"type":"welcome","message":"Connected to Real-Time Data Centre","timestamp":T,"subscribers":1}'
# one REQUEST: the answer to it
one() { hear / 9 texts=1 "$1" texts=2 end | sed -n 2p; }
error() {	# NAME CODE REQUEST
	name=$1 code=$2; shift 2
	ok "$name" sh -c 'case $1 in "{\"type\":\"error\",\"code\":\"$2\",\"message\":\""*) ;;
	    *) echo "$1"; exit 1 ;; esac' sh "$(one "$@")" "$code"
}
