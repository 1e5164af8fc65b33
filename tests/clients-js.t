#!/bin/sh
# clients-js.t - the module for Node and browsers, and a program written for the
# original, against a das-cast
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/clients.sh"

NODE_PATH=/usr/share/nodejs
export NODE_PATH
if ! node -e 'require("ws")' 2>/dev/null; then
	echo '1..0 # SKIP no node-ws'
	exit 0
fi
market
feed
cat >classes.js <<'X'
const { RealtimeDataClient, WebSocketDataReader, FeedError } = require(process.argv[2]);
const url = process.env.url;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
async function until(what) {
	for (let i = 0; i < 600 && !what(); i++)
		await wait(50);
	return what();
}
(async () => {
	const rows = [];
	const client = new RealtimeDataClient({ wsUrl: url, onData: (row) => rows.push(row) });
	console.log('asked before connect', (await client.get_latest('NIFTY 50')).ltp);
	await client.connect();
	console.log('rows', await until(() => rows.length > 40));
	console.log('keys', Object.keys(rows[0]).join(' '));
	const row = await client.get_latest('NIFTY24NOV2625000CE');
	console.log('latest', Object.keys(row).join(' '), row.volume, row.delta);
	console.log('none', await client.get_latest('NOSUCH'));
	const symbols = await client.get_symbols();
	console.log('symbols', symbols.length, symbols[0]);
	console.log('limit', (await client.get_latest_all(7)).length, (await client.get_latest_all()).length);
	const all = await Promise.all(symbols.map((s) => client.get_latest(s)));
	console.log('at once', all.every((r, i) => r.symbol === symbols[i]));
	client.close();
	const seen = rows.length;
	await wait(1500);
	console.log('closed', rows.length - seen, client.is_connected());

	const r = new WebSocketDataReader(url);
	console.log('reader', await until(() => r.cache.size > 40), r.is_connected());
	console.log('spot', await r.get_spot_ltp(), await r.get_spot_ltp('NIFTY BANK'), await r.get_spot_ltp('NO'));
	console.log((await r.pick_watchlist(2, 'NIFTY BANK')).join(' '));
	const w = await r.pick_watchlist(8);
	console.log('wider than what comes unasked', w.length, Object.keys(await r.fetch_market_data(w)).length);
	const g = await r.fetch_greeks_data('NIFTY 50');
	console.log('greeks', Object.keys(g).length, JSON.stringify(g['NIFTY24NOV2625000PE']));
	console.log('all', (await r.collect_complete_data()).map((x) => Object.keys(x).length).join(' '));
	r.close();
	console.log('closed', r.is_connected());
	for (const o of ['http://x', { wsUrl: 'ws://192.0.2.1:1', token: 'x' }])
		try {
			new RealtimeDataClient(o);
		} catch (e) {
			console.log(e.message);
		}
	const nobody = new RealtimeDataClient({ wsUrl: 'ws://127.0.0.1:1', timeoutMs: 1000 });
	await nobody.get_symbols().catch((e) => console.log(e instanceof FeedError, e.message));
	nobody.close();
})();
X
is 'the classes' 0 'asked before connect 25010.5
rows true
keys symbol token ts ltp bid ask volume oi delta gamma theta vega iv source
latest symbol token ts ltp bid ask volume oi delta gamma theta vega iv source 20000000 0.4115
none null
symbols 142 BANKNIFTY24NOV2657200CE
limit 7 100
at once true
closed 0 false
reader true true
spot 25010.5 58030.5 null
BANKNIFTY24NOV2657800CE BANKNIFTY24NOV2657800PE BANKNIFTY24NOV2657900CE BANKNIFTY24NOV2657900PE BANKNIFTY24NOV2658000CE BANKNIFTY24NOV2658000PE BANKNIFTY24NOV2658100CE BANKNIFTY24NOV2658100PE BANKNIFTY24NOV2658200CE BANKNIFTY24NOV2658200PE BANKNIFTY30NOV26FUT NIFTY BANK
wider than what comes unasked 36 36
greeks 22 {"delta":-0.4115,"gamma":0.0005,"theta":-35.21,"vega":10.64,"iv":15.66}
all 24 24 22
closed false
want a URL like ws://localhost:8765
a token goes over wss:// only
true ws://127.0.0.1:1: no connection: connect ECONNREFUSED 127.0.0.1:1' timeout 120 node classes.js "$SRC/src/clients/js/das-client.js"

# ---- a das-cast that is started again ----
cat >again.js <<'X'
const { RealtimeDataClient } = require(process.argv[2]);
const client = new RealtimeDataClient({
	wsUrl: process.env.url,
	onGap: (text) => console.log('gap', text),
	onData: (row) => {
		console.log(row.symbol, row.ltp);
		if (row.ltp > 25013)
			client.close();
	}
});
client.subscribe({ symbols: 'NIFTY 50', mode: 'tick' });
client.connect().then(() => client.get_latest('NIFTY 50')).then((row) => console.log(row.ltp));
setTimeout(() => client.close(), 60000).unref();
let connected = false, lost = false;
setInterval(async () => {
	if (connected && !client.is_connected()) {
		connected = false;
		lost = true;
	} else if (!connected && client.is_connected()) {
		connected = true;
		if (!lost)
			return;
		await client.get_latest('NIFTY 50');	// the subscription went before
		require('fs').writeFileSync('ready', '');
	}
}, 50).unref();
X
ticks() { snapshot "$1" | grep '^NIFTY 50'; }
node again.js "$SRC/src/clients/js/das-client.js" >again 2>&1 & p=$!
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
NIFTY 50 25013.5' grep -v '^gap' again

# ---- a server that has what was missed ----
broadcaster=$url
here="\"day\":\"$DAY\",\"seq\":7"
server <<X
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
sleep 300
drop
next
wait 1
text {"type":"error","id":3,"code":"bad_request","message":"no such row"}
wait 2
$(subscribed "\"day\":\"$DAY\",\"seq\":2")
$(row A 3)
hold
X
cat >resume.js <<'X'
const { RealtimeDataClient } = require(process.argv[2]);
const client = new RealtimeDataClient({
	wsUrl: process.env.url,
	onGap: (text) => console.log('gap', text),
	onData: (row) => {
		console.log(row.symbol, row.seq);
		if (row.seq === 3)
			client.close();
	}
});
client.subscribe({ symbols: ['A', 'B'], mode: 'tick' });
client.connect();
X
is 'breaks: goes on behind the last row, nothing twice, or a gap' 0 'A 8
B 9
A 10
gap rows after number 10 may be missing
A 3' timeout 60 node resume.js "$SRC/src/clients/js/das-client.js"
ok 'as it asks for it' sh -c 'grep -F "\"since\":9,\"day\":\"$1\"" asked' sh "$DAY"
unserver
url=$broadcaster

# ---- a program for the original, as it is but for the port ----
sed "s/localhost:8765/127.0.0.1:$port/" "$SRC/tests/clients/loop.js" >loop.js
node loop.js >shown 2>&1 & p=$!
mine $p
wait_for 60 sh -c '[ $(wc -l <shown) -ge 52 ]'
{ kill $p; wait $p; } 2>/dev/null
is 'a plain loop' 0 'Connected
NIFTY 50: LTP=25013.5, Volume=0, Delta=null, IV=null%
NIFTY24NOV2625000CE: LTP=100.05, Volume=20000000, Delta=0.4115, IV=15.66%
NIFTY30NOV26FUT: LTP=25100.25, Volume=1000, Delta=null, IV=null%' \
    sh -c 'LC_ALL=C sort -u shown | grep -E "^Conn|^NIFTY 50|^NIFTY30|25000CE"'

# ---- what a browser has: a WebSocket, and no require ----
cat >browser.js <<'X'
const fs = require('fs'), vm = require('vm'), WebSocket = require('ws');
// a browser's has no on(), and takes no options
function Plain(url) {
	const ws = new WebSocket(url);
	for (const name of ['onopen', 'onmessage', 'onclose', 'onerror'])
		Object.defineProperty(this, name, { set: (fn) => { ws[name] = fn; } });
	this.send = (text) => ws.send(text);
	this.close = () => ws.close();
}
const page = { WebSocket: Plain, URL, setTimeout, clearTimeout, Promise, JSON, console };
page.self = page;
vm.runInNewContext(fs.readFileSync(process.argv[2], 'utf8'), page);
const client = new page.DasClient.RealtimeDataClient({ wsUrl: process.env.url,
	token: process.argv[3] });
client.get_symbols().then((s) => { console.log(s.length); client.close(); });
X
is 'in a browser' 0 142 timeout 60 node browser.js "$SRC/src/clients/js/das-client.js"

# ---- the token, and TLS ----
unfeed
certificate
feed '"castToken": "hush word", "castCert": "cert.pem", "castKey": "key.pem"'
is 'in a browser, with the token' 0 142 timeout 60 node browser.js \
    "$SRC/src/clients/js/das-client.js" 'hush word'
cat >refused.js <<'X'
const { RealtimeDataClient } = require(process.argv[2]);
(async () => {
	const ca = require('fs').readFileSync('cert.pem');
	const secure = 'wss://localhost:' + process.argv[3];
	for (const o of [{ wsUrl: process.env.url, token: 'hush word' },
	    { wsUrl: process.env.url, token: 'other' },
	    { wsUrl: secure, token: 'hush word', ca, timeoutMs: 10000 },
	    { wsUrl: secure, token: 'hush word', timeoutMs: 3000 }]) {
		const client = new RealtimeDataClient(o);
		await client.get_symbols().then((s) => console.log(s.length),
		    (e) => console.log(e.code, e.message));
		client.close();
	}
})();
X
is 'the token' 0 "142
refused $url: refuses the token (HTTP 401)
142
unavailable wss://localhost:$port: no connection: self-signed certificate" timeout 60 node refused.js "$SRC/src/clients/js/das-client.js" "$port"
unfeed
done_testing
