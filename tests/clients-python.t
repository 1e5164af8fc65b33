#!/bin/sh
# clients-python.t - the classes in Python, and programs written for the original,
# against a das-cast
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/clients.sh"

for py in python3 /usr/bin/python3 ''; do
	[ -z "$py" ] || ! "$py" -c 'import websocket' 2>/dev/null || break
done
if [ -z "$py" ]; then
	echo '1..0 # SKIP no python3-websocket'
	exit 0
fi
PYTHONPATH=$SRC/src/clients/python:$SRC/src/clients/python/original
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
market
feed

# ---- the classes ----
cat >classes.py <<'X'
import logging, os, sys, threading, time
from das_client import FeedError, RealtimeDataClient, WebSocketDataReader
logging.disable(logging.CRITICAL)
url = os.environ["url"]
def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(what())

rows, nested = [], []
def on_data(row):
    rows.append(row)
    if not nested:
        nested.append(client.get_latest("NIFTY BANK")["ltp"])
    raise RuntimeError("a callback that fails ends nothing")
client = RealtimeDataClient(ws_url=url, on_data_callback=on_data)
print("asked before connect", client.get_latest("NIFTY 50")["ltp"])
client.connect()
client.connect()
print("rows", until(lambda: len(rows) > 40), set(map(type, rows)) == {dict})
print("keys", " ".join(rows[0]))
print("a callback may ask", nested[0])
row = client.get_latest("NIFTY24NOV2625000CE")
print("latest", " ".join(row), row["volume"], row["delta"])
print("none", client.get_latest("NOSUCH"))
print("symbols", len(client.get_symbols()), client.get_symbols()[0])
print("limit", len(client.get_latest_all(limit=7)), len(client.get_latest_all()))

# many threads at once each get their own answer
wrong = []
def ask(symbol):
    for i in range(20):
        if client.get_latest(symbol)["symbol"] != symbol:
            wrong.append(symbol)
threads = [threading.Thread(target=ask, args=(s,))
           for s in client.get_symbols()[:16]]
for t in threads: t.start()
for t in threads: t.join()
print("threads", wrong)
client.close()
seen = len(rows)
time.sleep(1.5)
print("closed", len(rows) - seen, client.is_connected())

with WebSocketDataReader(url) as r:
    print("reader", until(lambda: len(r._data_cache) > 40), r.is_connected())
    print("spot", r.get_spot_ltp(), r.get_spot_ltp("NIFTY BANK"), r.get_spot_ltp("NO"))
    w = r.pick_watchlist(2, "NIFTY BANK")
    print(" ".join(w))
    w = r.pick_watchlist(atm_window=8)
    print("wider than what comes unasked", len(w), len(r.fetch_market_data(w)))
    g = r.fetch_greeks_data("NIFTY 50")
    print("greeks", len(g), g["NIFTY24NOV2625000PE"])
print("closed", r.is_connected())
r = WebSocketDataReader("ws://127.0.0.1:1")
print("nobody", r.is_connected(), r.get_spot_ltp(), r.pick_watchlist(),
      r.collect_complete_data())
r.close()
for bad in ("http://x", "localhost:8765"):
    try:
        RealtimeDataClient(bad)
    except ValueError:
        print("no URL")
try:
    RealtimeDataClient("ws://192.0.2.1:8765", token="x")
except ValueError as e:
    print(e)
try:
    RealtimeDataClient("ws://127.0.0.1:1", timeout=1).get_symbols()
except FeedError as e:
    print(e)
X
is 'the classes' 0 "asked before connect 25010.5
rows True True
keys symbol token ts ltp bid ask volume oi delta gamma theta vega iv source
a callback may ask 58030.5
latest symbol token ts ltp bid ask volume oi delta gamma theta vega iv source 20000000 0.4115
none None
symbols 142 BANKNIFTY24NOV2657200CE
limit 7 100
threads []
closed 0 False
reader True True
spot 25010.5 58030.5 None
BANKNIFTY24NOV2657800CE BANKNIFTY24NOV2657800PE BANKNIFTY24NOV2657900CE BANKNIFTY24NOV2657900PE BANKNIFTY24NOV2658000CE BANKNIFTY24NOV2658000PE BANKNIFTY24NOV2658100CE BANKNIFTY24NOV2658100PE BANKNIFTY24NOV2658200CE BANKNIFTY24NOV2658200PE BANKNIFTY30NOV26FUT NIFTY BANK
wider than what comes unasked 36 36
greeks 22 {'delta': -0.4115, 'gamma': 0.0005, 'theta': -35.21, 'vega': 10.64, 'iv': 15.66}
closed False
nobody False None [] ([], {}, {})
no URL
no URL
a token goes over wss:// only
ws://127.0.0.1:1: no connection" timeout 120 "$py" classes.py

# ---- a das-cast that is started again ----
cat >again.py <<'X'
import os, sys, time
from das_client import RealtimeDataClient
n = int(sys.argv[1])
rows = []
client = RealtimeDataClient(os.environ["url"], on_data_callback=rows.append,
                            on_gap_callback=print)
client.subscribe(symbols=["NIFTY 50"], mode="tick")
client.connect()
while not client.is_connected():
    time.sleep(0.05)
print(client.get_latest("NIFTY 50")["ltp"], flush=True)
end = time.monotonic() + 60
connected = True
while len(rows) < n and time.monotonic() < end:
    time.sleep(0.05)
    if connected and not client.is_connected():
        connected = False
    elif not connected and client.is_connected():
        connected = True
        client.get_latest("NIFTY 50")   # the subscription went before
        open("ready", "w").close()
for row in rows:
    print(row["symbol"], row.get("ltp"))
client.close()
X
ticks() { snapshot "$1" | grep '^NIFTY 50'; }
"$py" again.py 2 >again 2>again.err & p=$!
mine $p
wait_for 30 test -s again
ticks 1 >>"$LTP/000001.tsv"
sleep 2.5		# it is repeated meanwhile, and not given again
unfeed
feed
wait_for 60 test -e ready
ticks 3 >>"$LTP/000001.tsv"
wait $p
is 'a das-cast that is started again: rows go on, none twice' 0 '25010.5
NIFTY 50 25011.5
NIFTY 50 25013.5' sh -c 'grep -v missing again'

# ---- a server that has what was missed ----
broadcaster=$url
here="\"day\":\"$DAY\",\"seq\":7"
server <<X
$(row EARLY 5)
$(subscribed "$here")
$(row OLD 3)
$(row A 8)
$(row B 9)
sleep 300
drop
next
$(subscribed "$here")
$(row B 9)
$(row A 10)
hold
X
is 'a break: goes on behind the last row, nothing twice, no gap' 0 'A 8
B 9
A 10' "$py" - <<'X'
import os, time
from das_client import RealtimeDataClient
rows = []
client = RealtimeDataClient(os.environ["url"], on_data_callback=rows.append,
                            on_gap_callback=print)
client.subscribe(symbols=["A", "B"], mode="tick")
client.connect()
end = time.monotonic() + 60
while len(rows) < 3 and time.monotonic() < end:
    time.sleep(0.05)
for row in rows:
    print(row["symbol"], row["seq"])
client.close()
X
ok 'as it asks for it' sh -c 'grep -F "\"since\": 9, \"day\": \"$1\"" asked' sh "$DAY"
unserver
server <<X
$(subscribed "$here")
$(row A 8)
drop
next
wait 1
text {"type":"error","id":2,"code":"bad_request","message":"no such row"}
wait 2
$(subscribed "\"day\":\"$DAY\",\"seq\":2")
$(row A 3)
hold
X
is 'a server with another spool: a gap, and rows go on' 0 'rows after number 8 may be missing
8 3' "$py" - <<'X'
import os, time
from das_client import RealtimeDataClient
rows = []
client = RealtimeDataClient(os.environ["url"], on_data_callback=rows.append,
                            on_gap_callback=print)
client.subscribe(symbols="A", mode="tick")
client.connect()
end = time.monotonic() + 60
while len(rows) < 2 and time.monotonic() < end:
    time.sleep(0.05)
print(*[row["seq"] for row in rows])
client.close()
X
unserver

server <<'X'
wait 1
text {"type":"historical","id":1,"symbol":"A","data":[{"symbol":"A","ltp":1.5},{"symbol":"A","ltp":2}]}
wait 2
text {"type":"query_result","id":2,"columns":["symbol","n"],"rows":[["A",1],["B",null]],"truncated":false}
wait 3
text {"type":"error","id":3,"code":"bad_request","message":"no"}
hold
X
is 'history and SQL' 0 "[1.5, 2]
[{'symbol': 'A', 'n': 1}, {'symbol': 'B', 'n': None}]
bad_request no" "$py" - <<'X'
import os
from das_client import FeedError, RealtimeDataClient
client = RealtimeDataClient(os.environ["url"])
print([row["ltp"] for row in client.get_historical(
    symbol="A", start_ts="2026-11-23T04:00:00+00:00",
    end_ts="2026-11-23T05:00:00+00:00")])
print(client.query("SELECT symbol, n FROM t WHERE n = ?", (7,)))
try:
    client.query("DROP")
except FeedError as e:
    print(e.code, e)
client.close()
X
ok 'as they are asked for' sh -c 'grep -qF "\"start_ts\": \"2026-11-23T04:00:00+00:00\"" asked &&
    grep -qF "\"params\": [7]" asked'
unserver
url=$broadcaster

# ---- programs for the original, as they are but for the port ----
program() {	# FILE LINES: what it prints, until so many
	sed "s/localhost:8765/127.0.0.1:$port/" "$SRC/tests/clients/$1" >"$1"
	: >shown			# not that of the one before
	"$py" "$1" >shown 2>shown.err & p=$!
	wait_for 60 sh -c '[ $(wc -l <shown) -ge '"$2"' ] || ! kill -0 '$p
	{ kill $p; wait $p; } 2>/dev/null
	cat shown.err >&2
	LC_ALL=C sort -u shown
}
# What the class connects to where it is told nothing.
mkdir first
sed "s/localhost:8765/127.0.0.1:$port/" "$SRC/src/clients/python/das_client/client.py" >client.py
cp -R "$SRC/src/clients/python/das_client" first
mv client.py first/das_client
PYTHONPATH=$PWD/first:$PYTHONPATH
is 'a price monitor' 0 'BANKNIFTY24NOV2657500CE: 100.05
49' awk 'NR == 1; END { print NR }' <<X
$(program prices.py 102 | grep -v '^NIFTY 50')
X
is 'a greeks monitor' 0 'NIFTY24NOV2625500PE: -0.4115 0.000500 -35.21 10.64 15.66%' \
    tail -n 1 <<X
$(program greeks.py 88)
X
is 'a volume alert' 0 'ALERT: NIFTY24NOV2625500PE volume spike: 20,000,000' \
    tail -n 1 <<X
$(program volumes.py 88)
X
is 'a plain loop' 0 'Connected: Connected to Real-Time Data Centre
NIFTY 50: LTP=25013.5, Volume=0, Delta=None, IV=None%
NIFTY24NOV2625000CE: LTP=100.05, Volume=20000000, Delta=0.4115, IV=15.66%
NIFTY30NOV26FUT: LTP=25100.25, Volume=1000, Delta=None, IV=None%' \
    grep -E '^Conn|^NIFTY 50|^NIFTY30|25000CE' <<X
$(program loop.py 60)
X
is 'the latest, asked at once' 0 'latest NIFTY 50 25013.5
pong' program latest.py 2
is 'a reader of the other shape' 0 '50 25013.5' program batch.py 1
is 'a program for the reader' 0 'all 24 24 22
future BANKNIFTY28DEC26FUT 25100.25
greeks 22
market 24
spot 25013.5
watchlist 24' program reader.py 6

# The published program in C# reads into 4096 bytes, and takes what a read gives for
# a message.
cat >frames.py <<'X'
import json, os, websocket
ws = websocket.create_connection(os.environ["url"], timeout=20)
frames = [ws.recv_frame() for i in range(120)]
ws.close()
print(all(f.fin and f.opcode == websocket.ABNF.OPCODE_TEXT and
          len(f.data) < 4096 for f in frames))
print(sorted({str(json.loads(f.data).get("type")) for f in frames}))
X
is 'what is sent unasked: a frame a message, of less than 4096 bytes' 0 \
    "True
['None', 'welcome']" "$py" frames.py

# ---- the token, and TLS ----
unfeed
certificate
feed '"castToken": "hush", "castCert": "cert.pem", "castKey": "key.pem"'
cat >refused.py <<'X'
import logging, os, sys
from das_client import FeedError, RealtimeDataClient
logging.basicConfig(stream=sys.stdout)
for token in ("hush", "other"):
    client = RealtimeDataClient(os.environ["url"], token=token)
    try:
        print(len(client.get_symbols()))
    except FeedError as e:
        print(e.code)
    client.close()
X
is 'the token' 0 "142
ERROR:das_client:$url: refuses the token (HTTP 401)
refused" "$py" refused.py
cat >tls.py <<'X'
import logging, sys
from das_client import FeedError, RealtimeDataClient
logging.disable(logging.CRITICAL)
for host, cafile in (("localhost", "cert.pem"), ("localhost", None), ("127.0.0.1", "cert.pem")):
    client = RealtimeDataClient("wss://%s:%s" % (host, sys.argv[1]), token="hush", cafile=cafile)
    try:
        print(len(client.get_symbols()))
    except FeedError as e:
        print(e.code, "does not verify" in str(e))
    client.close()
X
is 'TLS, verified' 0 '142
refused True
refused True' timeout 60 "$py" tls.py "$port"
unfeed

# ---- it installs, without a network ----
if "$py" -c 'import setuptools, pip' 2>/dev/null; then
	cp -R "$SRC/src/clients/python" package
	ok 'pip installs it' env -u PYTHONPATH "$py" -m pip -q install --no-index \
	    --no-build-isolation --no-deps --target there ./package
	is '... and it is found' 0 RealtimeDataClient env PYTHONPATH=there "$py" -c \
	    'import das_client; print(das_client.RealtimeDataClient.__name__)'
else
	skip 'pip installs it' 'no pip'
fi
done_testing
