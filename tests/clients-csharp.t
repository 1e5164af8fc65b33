#!/bin/sh
# clients-csharp.t - programs in C#, of the shape published for the original, against
# a das-cast
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/clients.sh"

if ! command -v mcs >/dev/null || ! command -v mono >/dev/null; then
	echo '1..0 # SKIP no mono-mcs, mono-runtime'
	exit 0
fi
market
# shellcheck disable=SC2119 # without keys of its own
feed

compile() {	# PROGRAM, as it is but for the port
	sed "s/localhost:8765/127.0.0.1:$port/" "$SRC/tests/clients/$1.cs" >"$1.cs"
	mcs "$1.cs"
}
timeless() { sed 's/"timestamp":"[^"]*","subscribers":[0-9]*/.../; s/"timestamp":"[^"]*"/.../'; }

# ---- a plain loop: what is sent unasked ----
ok 'a plain loop: mcs takes it' compile loop
timeout 120 mono loop.exe >shown 2>shown.err & p=$!
mine $p
ok '... and it is sent rows, a second time too' \
    wait_for 60 sh -c '[ $(wc -l <shown) -ge 60 ]'

# ---- the latest, beside it ----
ok 'the latest, asked at once: mcs takes it' compile latest
is '... and the next message is the answer; a ping, a close' 0 \
    '{"type":"welcome","message":"Connected to Real-Time Data Centre",...}
{"symbol":"NIFTY 50","token":"256265","ts":"2026-11-23T04:00:00+00:00","ltp":25010.5,"bid":null,"ask":null,"volume":0,"oi":null,"delta":null,"gamma":null,"theta":null,"vega":null,"iv":null,"source":"ws","type":"latest"}
{"type":"pong",...}
Closed NormalClosure' timeless <<X
$(timeout 60 mono latest.exe 2>&1)
X

# ---- das-cast goes ----
unfeed
ok 'the loop ends when das-cast does' wait $p
is '... and not by an exception' 0 '' cat shown.err
is 'all that came unasked: the welcome, and whole rows, one a read' 0 'Connected
Received: {"type":"welcome","message":"Connected to Real-Time Data Centre",...}' timeless <<X
$(grep -vE '^Received: \{"symbol":"[^"{}]+","token":"[0-9]+",[^{}]*,"source":"ws"\}$' shown)
X
is '... as they are in the spool' 0 'Received: {"symbol":"NIFTY 50","token":"256265","ts":"2026-11-23T04:00:00+00:00","ltp":25010.5,"bid":null,"ask":null,"volume":0,"oi":null,"delta":null,"gamma":null,"theta":null,"vega":null,"iv":null,"source":"ws"}
Received: {"symbol":"NIFTY24NOV2625000CE","token":"343042","ts":"2026-11-23T04:00:00+00:00","ltp":100.05,"bid":99.5,"ask":100.5,"volume":20000000,"oi":75000,"delta":0.4115,"gamma":0.0005,"theta":-35.21,"vega":10.64,"iv":15.66,"source":"ws"}' \
    sh -c 'LC_ALL=C sort -u shown | grep -E "\"(NIFTY 50|NIFTY24NOV2625000CE)\""'
done_testing
