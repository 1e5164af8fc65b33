#!/bin/sh
# clients-js-browser.t - the module in a Chromium: in das-cast's own page, and as a
# script of another page, whose origin das-cast has to be told
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/clients.sh"
JS=$SRC/src/clients/js/das-client.js
for tool in chromium chromedriver python3; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
b() { "$SRC/tests/browser" "$T/browser" "$@"; }
kill_all() {	# of tap.sh: the browser too
	[ ! -d browser ] || b stop
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill $pids 2>/dev/null || true
}
one=NIFTY24NOV2625000CE
spool() { sed 1d "$LTP/000001.tsv"; }
# numbered: rows of two symbols as they are in the spool, and their seq: the segment
# and where the row ends in it
numbered() {
	LC_ALL=C awk -F '\t' -v o=$one '{ at += length($0) + 1 }
	    $1 == o || $1 == "NIFTY 50" { print $0 "\t" 536870912 + at }' "$LTP/000001.tsv"
}
n_rows() { numbered | grep -c .; }
ask() {	# EXPRESSION: of the client, as a row of the spool
	b "js=return client.$1.then(r => Object.values(r).map(v => v === null ? '\\\\N' : v).join('\\t'))"
}
# works PAGE NTH: the client in the page that is open, against the spool
works() {
	is "$1: connects" 0 true b "js=window.rows = []; window.gaps = [];
	    window.client = new DasClient.RealtimeDataClient({ wsUrl: '$url', timeoutMs: 20000,
		onData: row => rows.push(row), onGap: g => gaps.push(g) });
	    client.subscribe({ symbols: ['NIFTY 50', '$one'], mode: 'tick', since: 0 });
	    return client.connect().then(() => client.is_connected())"
	is "$1: get_latest, an option" 0 "$(spool | grep "^$one" | tail -n 1)" ask "get_latest('$one')"
	is "$1: and an index" 0 "$(spool | grep '^NIFTY 50' | tail -n 1)" ask 'get_latest("NIFTY 50")'
	is "$1: get_symbols" 0 "$(spool | cut -f 1 | LC_ALL=C sort -u)" ask 'get_symbols().then(s => [s.join("\n")])'
	ok "$1: the rows there were" b wait=60 "js=return rows.length >= $(n_rows)"
	snapshot "$2" >>"$LTP/000001.tsv"
	ok "$1: and those that come" b wait=60 "js=return rows.length >= $(n_rows)"
	is "$1: are those of the spool" 0 "$(numbered)" b 'js=return rows.map(r =>
	    Object.values(r).map(v => v === null ? "\\N" : v).join("\t")).join("\n")'
	is "$1: without a gap, and closes" 0 '0 false' b \
	    'js=client.close(); return gaps.length + " " + client.is_connected()'
}

mkdir site
cp "$JS" site
echo '<!DOCTYPE html><script src="das-client.js"></script>' >site/index.html
python3 -u -m http.server --bind 127.0.0.1 --directory site 0 >site.log 2>&1 & p=$!
mine $p
wait_for 30 grep -q '^Serving' site.log
site=$(sed -n 's/.* port \([0-9]*\).*/http:\/\/127.0.0.1:\1/p;q' site.log)

market
feed
ok 'a browser' b start
b open="http://127.0.0.1:$port/" js="$(cat "$JS")"
works 'its own page' 1
b open="$site/"
is 'another page: not let in' 0 "true unavailable $url: no connection" b \
    "js=const c = new DasClient.RealtimeDataClient({ wsUrl: '$url', timeoutMs: 5000 });
    return new Promise(done => new WebSocket('$url').onerror = () => done(true)).then(bad =>
	c.get_symbols().catch(e => { c.close(); return bad + ' ' + e.code + ' ' + e.message; }))"
unfeed
feed "\"castOrigins\": [\"$site\"]"
works 'another page, in castOrigins' 2
unfeed
done_testing
