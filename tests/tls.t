#!/bin/sh
# tls.t - a chain over TLS, and what is refused, against das-sim --tls
. "$(dirname "$0")/tap.sh"

DAS_CLOCK=2026-11-25T09:16:00+05:30@1/$(date +%s.%N)
export DAS_CLOCK

sim() {	# OPTION...: starts one with its configuration in das.json
	rm -f ports
	das-sim --port-file ports --write-config das.json --stats stats.tsv \
	    --data-dir "$PWD" --rate 600 "$@" 2>sim.err & sim=$!
	mine $sim
	wait_for 10 test -s ports || { cat sim.err; exit 99; }
	port=$(awk '$1 == "http" { print $2 }' ports)
}
unsim() { kill "$sim"; wait "$sim"; }
# The configuration with that caFile in ca.json; in new.json too, with a folder
# that has no token yet.
with_ca() {	# FILE
	sed "s|\"caFile\": .*|\"caFile\": \"$1\",|" das.json >ca.json
	sed "s|\"dataDir\": .*|\"dataDir\": \"$PWD/new\",|" ca.json >new.json
	chmod 600 ca.json new.json
}
bad='does not verify'

# ---- a certificate of its own ----
sim --tls
is 'the key is private' 0 600 stat -c %a sim-key.pem
ok 'the configuration trusts it' grep -q "\"caFile\": \"$PWD/sim-cert.pem\"" das.json
is '... and leads to TLS only' 1 '' sh -c 'grep -E "\"(http|ws):" das.json'
is 'https' 0 200 curl -s -m 10 --cacert sim-cert.pem -o body \
    -w '%{http_code}' "https://127.0.0.1:$port/sim/stats"
is '... to localhost too' 0 200 curl -s -m 10 --cacert sim-cert.pem -o body \
    -w '%{http_code}' "https://localhost:$port/sim/stats"
is '... refused for another name' 60 000 curl -s -m 10 --cacert sim-cert.pem \
    -o body -w '%{http_code}' --resolve "other.example:$port:127.0.0.1" \
    "https://other.example:$port/sim/stats"
is 'no plain HTTP' 1 '' sh -c \
    'curl -s -m 10 "http://127.0.0.1:$1/sim/stats" | grep instruments' - "$port"

for t in token n500 lookup; do
	ok "das-$t over TLS" "das-$t" -c das.json
done
das-tick -c das.json 2>tick.err & tick=$!
mine $tick
has_ticks() { cat spool/*/ticks/*.tsv 2>/dev/null | awk 'END { exit NR < 5000 }'; }
ok 'das-tick over TLS' wait_for 20 has_ticks
kill $tick; wait $tick && rc=0 || rc=$?
is '... ends as it should' 0 75 echo "$rc"
is '... no gap but before and after' 0 '' awk -F '\t' \
    'FNR > 1 && $5 != "late" && $5 != "stopped"' spool/2026-11-25/gaps.tsv
cp sim-cert.pem first.pem
unsim

# ---- one that was given, and the wrong ones ----
sim --tls
with_ca "$PWD/first.pem"
is 'every start has a new one' 1 '' cmp -s first.pem sim-cert.pem
fails 'das-token trusts no other' 69 "$bad" das-token -c new.json
fails '... nor does das-tick' 69 "$bad" das-tick -c ca.json
with_ca ''
fails 'the system trusts neither: das-token' 69 "$bad" das-token -c new.json
fails '... das-tick' 69 "$bad" das-tick -c ca.json
unsim

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
    -keyout other.key -out other.pem -subj /CN=other.example \
    -addext subjectAltName=DNS:other.example 2>/dev/null
sim --tls-cert other.pem --tls-key other.key
ok 'a certificate from a file' grep -q "\"caFile\": \"$PWD/other.pem\"" das.json
is '... is good for its host' 0 200 curl -s -m 10 --cacert other.pem -o body \
    -w '%{http_code}' --resolve "other.example:$port:127.0.0.1" \
    "https://other.example:$port/sim/stats"
with_ca "$PWD/other.pem"
fails "another host's certificate: das-token" 69 "$bad" das-token -c new.json
fails '... das-tick' 69 "$bad" das-tick -c das.json
unsim

fails 'half of a pair' 64 usage das-sim --tls-cert other.pem
fails 'no such certificate' 66 'none.pem' das-sim --tls-cert none.pem --tls-key other.key
fails 'a certificate that is none' 65 'holds no certificate' das-sim --tls-cert other.key --tls-key other.key
fails 'a key that is none' 65 'holds no key' das-sim --tls-cert other.pem --tls-key other.pem
fails "another one's key" 65 'is not the key of' das-sim --tls-cert other.pem --tls-key sim-key.pem
fails 'a folder that cannot be' 73 'sim-key.pem' das-sim --tls --data-dir /proc
done_testing
