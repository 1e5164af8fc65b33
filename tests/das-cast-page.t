#!/bin/sh
# das-cast-page.t - the page of das-cast: how it is served; and in a Chromium, that
# it shows what is on the wire, all of it as text, and goes on for hours
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
PAGE=$SRC/src/clients/page/das.html
. "$SRC/tests/cast.sh"
b() { "$SRC/tests/browser" "$T/browser" "$@"; }
kill_all() {	# of tap.sh: the browser too
	[ ! -d browser ] || b stop
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill $pids 2>/dev/null || true
}
# serve KEY-VALUES: das-cast on a port that stays; $url
stays=$(free_ports 1)
serve() {
	config "$@"
	sed -i "s/127.0.0.1:0/127.0.0.1:$stays/" "$DAS_CONFIG"
	start
	url=http://127.0.0.1:$port/
}

# ---- how it is served ----
serve
curl -s -D got.head "$url" -o body
is 'the page is the file' 0 '' cmp body "$PAGE"
header() { tr -d '\r' <got.head | sed -n "s/^$1: //p"; }
is 'as HTML' 0 'text/html; charset=utf-8' header Content-Type
is 'and nothing else' 0 nosniff header X-Content-Type-Options
is 'in no frame' 0 DENY header X-Frame-Options
is 'tells nobody where it was' 0 no-referrer header Referrer-Policy
sum_of() {	# TAG: of what stands between <TAG> and </TAG>, in base64
	perl -MDigest::SHA=sha256_base64 -0777 -ne \
	    "m{<$1>(.*?)</$1>}s and print sha256_base64(\$1), '='" "$PAGE"
}
is 'runs what stands in it, and connects to us' 0 "default-src 'none'; script-src 'sha256-$(sum_of script)'; style-src 'sha256-$(sum_of style)'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" \
    header Content-Security-Policy
tag=$(header ETag)
is 'who has it does not get it again' 0 '304 0' curl -s -o /dev/null \
    -w '%{http_code} %{size_download}' -H "If-None-Match: \"x\", $tag" "$url"
is 'who has another one does' 0 200 curl -s -o /dev/null -w '%{http_code}' \
    -H 'If-None-Match: "x"' "$url"
is 'nothing comes from elsewhere' 1 '' sh -c 'grep -nE "(src|href) *= *\"?(https?:)?//|@import|url\(" "$1"' \
    sh "$PAGE"
is 'nothing becomes HTML or code' 1 '' \
    grep -nE 'innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|setAttribute\(.(style|on)' "$PAGE"
stop

if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
	skip 'in a browser' 'no chromium, or no chromium-driver'
	done_testing
	exit
fi

# ---- a market ----
# Two indices; NIFTY with futures, 41 strikes and two expiries; a share; and a
# name that nobody should believe.
EVIL='<img src=x onerror=hacked=1>'
DAS_CLOCK=${DAY}T11:00:00+05:30
mkdir -p lookup
awk -v OFS='\t' -v evil="$EVIL" '
	function option(name, day, e, s, db,    k) {
		for (k = 0; k < 2; k++)
			print ++token * 256 + 2, "NFO", "NFO-OPT",
			    name day s (k ? "PE" : "CE"), name day s (k ? "PE" : "CE"),
			    name, k ? "PE" : "CE", e, s, 75, 0.05, 100,
			    name day s (k ? "PE" : "CE"), db
	}
	BEGIN {
		print "instrument_token", "exchange", "segment", "tradingsymbol",
		    "symbol", "name", "kind", "expiry", "strike", "lot_size",
		    "tick_size", "divisor", "TableName", "dbName"
		for (s = 24000; s <= 26000; s += 50) {
			option("NIFTY", "24NOV26", "2026-11-24", s, "o")
			option("NIFTY", "01DEC26", "2026-12-01", s, "o")
		}
		option("BANKNIFTY", "24NOV26", "2026-11-24", 58000, "o")
		print ++token * 256 + 2, "NFO", "NFO-FUT", "NIFTY26NOVFUT",
		    "NIFTY24NOV26FUT", "NIFTY", "FUT", "2026-11-24", 0, 75,
		    0.05, 100, "F", "n"
		print ++token * 256 + 2, "NFO", "NFO-OPT", evil, evil, "NIFTY",
		    "CE", "2026-11-24", 25010, 75, 0.05, 100, "E", "n"
		print 256265, "NSE", "INDICES", "NIFTY 50", "NIFTY 50",
		    "NIFTY 50", "index", "\\N", 0, 0, 0, 100, "NIFTY", "n"
		print 260105, "NSE", "INDICES", "NIFTY BANK", "NIFTY BANK",
		    "NIFTY BANK", "index", "\\N", 0, 0, 0, 100, "BANKNIFTY", "n"
		print 738561, "NSE", "NSE", "RELIANCE", "RELIANCE", "RELIANCE",
		    "EQ", "\\N", 0, 1, 0.05, 100, "RELIANCE", "n"
	}' >lookup/instruments.tsv
# quotes STEP: a row of each, all of them other ones at each step
quotes() {
	awk -F '\t' -v OFS='\t' -v step="$1" '
	function rs(v) { return sprintf("%.2f", v) }
	# never half of a last digit that is shown
	function greek(v) { return sprintf("%.10f", v + 1.1e-7) }
	NR == 1 { next }
	{
		spot = 25012.35 + step
		ts = sprintf("2026-11-23T05:%02d:%02d+00:00", 30 + step / 60 % 25,
		    step % 60)
		if ($7 != "CE" && $7 != "PE") {
			p = $6 ~ /BANK/ ? 58123.4 : $7 == "EQ" ? 1500 : spot
			p += $7 == "FUT" ? 20.5 : 0
			print $5, $1, ts, rs(p), rs(p - 0.3), rs(p + 0.3), 1234567, $7 == "FUT" ? 11223375 : "\\N",
			    "\\N", "\\N", "\\N", "\\N", "\\N", "ws"
			next
		}
		far = ($9 - spot) / 500
		value = ($7 == "CE" ? spot - $9 : $9 - spot)
		price = (value > 0 ? value : 0) + 80 / (1 + far * far) + step / 10
		iv = 11.2 + far * far / 2 + step / 100 + ($7 == "PE" ? 0.31 : 0)
		print $5, $1, ts, rs(price), rs(price - 0.4), rs(price + 0.4),
		    4000000 + $9 + step, 12300075 - int(far * far * 1000) * 75,
		    greek(0.51 - far / 10 - ($7 == "PE")),
		    greek(0.00101 - far * far / 1e5), greek(-12.41 + far),
		    greek(13.32 - far * far), greek(iv), "ws"
	}' lookup/instruments.tsv
}
ticks() {	# five levels for each instrument
	awk -F '\t' -v OFS='\t' -v day="$DAY" 'NR == 1 { next }
	{
		t = day " 11:00:05"
		printf "%d\t%s.5\t1\t-\t%s\t%s\t%s\t%s\t75\t100\t1234567\t10\t20\t" \
		    "99\t101\t98\t97\t1\t%s\t%s\t8\t6", NR, t, $1, $4, t, 100,
		    t, $7 == "EQ" ? "\\N" : 750
		for (j = 0; j < 10; j++)
			if ($7 == "index")
				printf "\t\\N\t\\N\t\\N"
			else
				printf "\t%d\t%.2f\t%d", 100000 * (j + 1) + NR,
				    100 + (j < 5 ? -j : j - 4) / 20, j + 2
		print ""
	}' lookup/instruments.tsv
}
# capture STATE LAST-TICK: what das-tick says of itself
capture() {
	printf 'key\tvalue\nstate\t%s\nupdated\t%s 23:59:59.000000\nlast_tick\t%s %s.000000\n' \
	    "$1" "$DAY" "$DAY" "$2" >status.new
	printf 'connections\t3\nticks\t1234567\nticks_per_second\t4321\nlag_ms\t321\nreconnects\t2\nrejects\t0\ngaps\t1\n' >>status.new
	mv status.new "spool/$DAY/status.tsv"
}
rm -rf spool
segment 000001
ticks >>"$TICKS/000001.tsv"
begin 000001
quotes 0 | put
printf 'from\tto\tseconds\tconn\tcause\tinstruments\tresolved\treason\n%s 10:01:02.000000\t%s 10:01:09.000000\t7.000\t1\treset\t0\tyes\t<b>reset</b>\n' \
    "$DAY" "$DAY" >"spool/$DAY/gaps.tsv"
capture connected 11:59:00
serve
ok 'a browser' b start
b size=1440x900
# sees SECONDS NAME SCRIPT: it becomes true
sees() { seconds=$1; shift; name=$1; shift; ok "$name" b "wait=$seconds" "js=$1"; }
b open="$url"
sees 60 'live' 'return page.rows.size > 80 && document.getElementById("state").textContent === "Live"'
sees 30 'the strikes around the money' \
    'const l = [...document.querySelectorAll("#chain tbody tr:not([hidden]) th")].map(e => e.textContent);
    return l.length === 21 && l[0] === "24,550" && l[10] === "25,010" && l[20] === "25,500"'
sees 30 'and the money' 'return document.querySelector("#chain tr.atm th").textContent === "25,010"'

# equal COUNT: as many values in the chain as COUNT, all of them those of the wire
equal() {
	b 'js=const o = {};
	for (const [s, c] of chain.cells)
		o[s] = Object.fromEntries(COLS.map(k => [k.key, c[k.key].textContent]));
	return { o, digits: Object.fromEntries(COLS.map(k => [k.key, k.digits])),
	    seen: [...document.querySelectorAll("#chain tbody tr:not([hidden]) button")].map(e => e.title) }' >page.json
	wsclient "ws://127.0.0.1:$port/" 30 texts=1 '{"type":"get_latest_all"}' texts=2 end |
	    sed -n '2s/^[^{]*//p' >wire.json
	perl -MJSON::PP -e 'sub slurp { local (@ARGV, $/) = @_; decode_json(<>) }
	    my ($page, $wire) = (slurp("page.json"), slurp("wire.json"));
	    my %w = map { $_->{symbol} => $_ } @{$wire->{data}};
	    my ($n, $bad) = (0, 0);
	    for my $s (@{$page->{seen}}) {
		for my $k (keys %{$page->{digits}}) {
			my $p = $page->{o}{$s}{$k};
			my $v = sprintf "%.$page->{digits}{$k}f", $w{$s}{$k};
			$p =~ tr/,//d;
			$n++;
			print "$s $k: $p on the page, $v on the wire\n"
			    if $p ne $v && ++$bad;
		}
	    }
	    print "$n equal\n" if !$bad'
}
is 'the chain is what is on the wire' 0 '410 equal' equal
is 'open interest in lakhs and crores' 0 '1,22,92,200' \
    b 'js=return chain.cells.get("NIFTY24NOV2624850CE").oi.textContent'
is 'the index' 0 'NIFTY|25,012.35|+24,915.35 (+25,685.93 %)' \
    b 'js=return [...document.querySelector("#indices button").children].map(e => e.textContent).join("|").replace(/−/g, "-")'
is 'the future' 0 'Future 24 Nov  25,032.85' b 'js=return pricekey.children[1].textContent'
pcr() {
	awk -F '\t' '$1 ~ /NIFTY24NOV/ && $1 !~ /BANK|FUT/ || $1 ~ /^</ { oi[$1 ~ /PE$/] += $8 }
	    END { printf "%.2f\n", oi[1] / oi[0] }' "$LTP/000001.tsv"
}
is 'put/call ratio' 0 "$(pcr)" b 'js=return facts_of("Put/call OI");
	function facts_of(n) { return [...document.querySelectorAll("#facts div")].find(d => d.firstChild.textContent === n).lastChild.textContent }'
health() {
	b "js=return [...document.querySelectorAll('#health div')].filter(d =>
	    $1).map(d => d.firstChild.textContent + '=' + d.lastChild.textContent).join(' ')"
}
is 'how the feed does' 0 'Capture=connected Ticks a second=4,321 Ticks today=12,34,567 Connections=3 Reconnects=2 Gaps=1 Last gap=10:01:02 – 10:01:09, <b>reset</b>' \
    health '/^(Capture|Ticks|Conn|Reconn|Gaps|Last gap)/.test(d.textContent)'
ok 'disk' sh -c 'case $1 in "Disk="*"B free of "*B) ;; *) echo "$1"; exit 1 ;; esac' \
    sh "$(health '/^Disk/.test(d.textContent)')"
# ink ID: pixels of a chart that are not empty
ink() {
	b "js=const c = document.getElementById('$1'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
	let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n"
}
for chart in oi smile; do
	ok "drawn: $chart" test "$(ink $chart)" -gt 2000
done
b 'js=window.before = smile.toDataURL()'
quotes 7 | put
sees 30 'the next rows' 'return document.querySelector("#indices b").textContent === "25,019.35"'
sees 30 'the chain follows' 'return chain.cells.get("NIFTY24NOV2625000PE").iv.textContent === "11.58" && page.dirty.size === 0'
is 'and is still what is on the wire' 0 '410 equal' equal
sees 30 'so does the smile' 'return smile.toDataURL() !== window.before'
sees 30 'and the line of the price' 'return page.lines.get("NIFTY 50").n === 2'
ok 'drawn: price' test "$(ink price)" -gt 1000
sees 30 'another expiry' 'const e = document.getElementById("expiry");
    if (e.value !== "2026-12-01") { e.value = "2026-12-01"; e.dispatchEvent(new Event("change")); }
    return chain.cells.get("NIFTY01DEC2625000CE") && chain.cells.get("NIFTY01DEC2625000CE").ltp.textContent !== "–"'
is 'its values' 0 '420 equal' equal
is 'only what is shown is kept' 0 true b 'js=return page.rows.size <= page.wanted.size && page.wanted.size < 90'
is 'it stands in the address' 0 '#NIFTY/2026-12-01' b 'js=return location.hash'
sees 30 'another index' 'document.querySelectorAll("#indices button")[1].click();
    return chainname.textContent === "BANKNIFTY option chain" && price("BANKNIFTY24NOV2658000CE") !== null'
b 'js=choose("NIFTY", "2026-11-24")'

# ---- the search, the depth, with the keyboard ----
b 'js=document.activeElement.blur()' key=/rel
sees 30 'the search' 'return [...hits_()].join() === "RELIANCE"; function hits_() {
    return [...document.querySelectorAll("#hits li b")].map(e => e.textContent) }'
b 'key=\n'
sees 30 'the depth' 'return book.rows[1].cells[2].textContent === "100.00"'
is 'its five levels' 0 "$(ticks | awk -F '\t' -v k=0 '$6 == "RELIANCE" {
	    for (i = 0; i < 5; i++) printf "%s%d %d %.2f %.2f %d %d", i ? "|" : "",
		$(25 + 3 * i), $(23 + 3 * i), $(24 + 3 * i), $(39 + 3 * i), $(38 + 3 * i), $(40 + 3 * i)
	    print "" }')" \
    b 'js=return [...book.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent.replace(/,/g, "")).join(" ")).join("|")'
is 'and the rest' 0 'RELIANCE 1,500.00 Open=99.00 High=101.00 Low=98.00 Prev. close=97.00 Volume=12,34,567 OI=–' \
    b 'js=return [document.getElementById("name").textContent, dprice.textContent, ...[...dfacts.children].map(d => d.firstChild.textContent + "=" + d.lastChild.textContent)].join(" ")'
b 'js=document.activeElement.blur()' "key=$(printf '\356\200\214')"
sees 30 'Escape closes it' 'return document.getElementById("depth").hidden && page.picked === null'

# ---- what comes is text ----
b 'js=document.getElementById("q").focus()' 'key=<img'
sees 30 'a name that is HTML is found, as text' \
    'return document.querySelector("#hits li b") && document.querySelector("#hits li b").textContent === "<img src=x onerror=hacked=1>"'
b 'key=\n'
sees 30 'and looked at' 'return document.getElementById("name").textContent === "<img src=x onerror=hacked=1>" && book.rows[1].cells[2].textContent === "100.00"'
is 'nothing was made of it' 0 '0 undefined 0' \
    b 'js=return document.images.length + " " + typeof hacked + " " + document.querySelectorAll("#health b, #hits img").length'
is 'and nothing could be' 0 blocked b 'js=return new Promise(done => {
	addEventListener("securitypolicyviolation", () => done("blocked"));
	const s = document.createElement("script");
	s.textContent = "window.hacked = 1";
	document.body.append(s);
	setTimeout(() => done(typeof hacked), 20000); })'
b 'js=unpick()'

# ---- old, closed, gone ----
state() { sees 30 "$1" "const s = document.getElementById('state').textContent, w = words.textContent;
    return s === '$2' && w.includes('$3') && document.body.classList.contains('stale') === ${4:-true}"; }
capture connected 10:58:00
state 'no tick for a while: stale, and since when' Stale 10:58:00
is 'and looks so' 0 italic b 'js=return getComputedStyle(document.querySelector("#chain td")).fontStyle'
capture stopped 10:58:00
state 'the capture has stopped' 'Capture stopped' 10:58:00
capture closed 10:58:00
state 'the day is over' 'Market closed' 10:58:00
capture connected 11:59:00
state 'and live again' Live '' false
stop
state 'das-cast is gone: said, and tried again' Disconnected 'No connection to das-cast'
is 'what there was is still seen' 0 410 sh -c 'sed "s/ equal//"' <<X
$(b 'js=return COLS.length * document.querySelectorAll("#chain tbody tr:not([hidden]) button:not(:empty)").length')
X
quotes 9 | put
DAS_CLOCK=${DAY}T16:00:00+05:30
capture connected 15:29:58
serve
state 'it is back, after the close' 'Market closed' 15:29:58
sees 30 'with what came meanwhile' 'return document.querySelector("#indices b").textContent === "25,021.35"'
is 'equal to the wire' 0 '410 equal' equal
stop
DAS_CLOCK=${DAY}T11:00:00+05:30
capture connected 11:59:00

# ---- a token ----
serve '"castToken": "two words&more"'
state 'a token is wanted' 'Token wanted' 'wants a token'
b 'js=token.focus()' 'key=no\n'
state 'a wrong one' 'Token wanted' 'does not take this token'
b 'js=token.focus()' 'key=two words&more\n'
state 'the right one' Live '' false
b 'js=sessionStorage.clear()' "open=${url}?token=two+words%26more#NIFTY/2026-12-01"
state 'in the address' Live '' false
is 'from where it is gone' 0 "$url#NIFTY/2026-12-01" b 'js=return location.href'
b 'js=location.reload()'
state 'kept while the tab is open' Live '' false
is 'and nowhere else' 0 '0  ' b 'js=return localStorage.length + " " + document.cookie + " " + performance.getEntriesByType("navigation").filter(e => /token/.test(e.name) && e.type === "reload").map(e => e.name).join()'
stop

# ---- over TLS ----
(umask 077; openssl req -x509 -newkey ec -nodes -days 2 \
    -pkeyopt ec_paramgen_curve:P-256 -keyout a.key -out a.pem -subj /CN=a \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null)
serve '"castToken": "word of 16 bytes", "castCert": "a.pem", "castKey": "a.key"'
b "open=https://127.0.0.1:$port/?token=word+of+16+bytes"
state 'over TLS too' Live '' false
sees 30 'with its values' 'return page.rows.size > 80'
stop
serve

# ---- sizes and colours ----
b "open=$url" 'wait=60' 'js=return page.rows.size > 80' 'js=pick("NIFTY24NOV26FUT")'
CONTRAST='const lum = c => c.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
	.reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
    const rgb = s => s.match(/[\d.]+/g).map(Number);
    const under = e => { for (; e; e = e.parentElement) {
	const c = rgb(getComputedStyle(e).backgroundColor);
	if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
    const bad = new Set();
    for (const e of document.querySelectorAll("body *")) {
	if (e.tagName === "OPTION" || !e.offsetParent || ![...e.childNodes].some(n => n.nodeType === 3 && n.nodeValue.trim())) continue;
	const s = getComputedStyle(e), a = lum(rgb(s.color).slice(0, 3));
	const w = s.getPropertyValue("--w") && s.backgroundImage !== "none" ? [rgb(s.backgroundImage).slice(0, 3)] : [];
	for (const u of [under(e), ...w]) {
	    const b = lum(u), r = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	    if (r < 4.5) bad.add(`${e.tagName}#${e.id}.${e.className} ${r.toFixed(2)}`); } }
    return [...bad].join(", ")'
for scheme in light dark; do
	for width in 1920 1440 1024 768 390 320; do
		b size=${width}x850 $scheme=
		is "$width wide, $scheme: nothing sticks out" 0 true \
		    b "js=return new Promise(done => setTimeout(() => done(document.documentElement.scrollWidth <= innerWidth), 500))"
	done
	is "$scheme: all of it can be read" 0 '' b "js=$CONTRAST"
done
ok 'dark is dark' b wait=30 'js=return getComputedStyle(document.body).backgroundColor === "rgb(14, 18, 20)"'
is 'the chain of a phone: prices, then greeks' 0 'OI IV LTP Strike LTP IV OI|Vega Theta Gamma Delta Strike Delta Gamma Theta Vega' \
    b size=390x844 'js=const seen = () => [...document.querySelector("#chain thead tr:last-child").cells].filter(c => c.offsetWidth).map(c => c.textContent).join(" ");
	const a = seen(); document.querySelectorAll(".seg button")[1].click(); const c = seen();
	document.querySelectorAll(".seg button")[0].click(); return a + "|" + c'
is 'the heads of a table say of what' 0 0 \
    b 'js=return document.querySelectorAll("th:not([scope])").length'
is 'whatever can be used has a name' 0 '' b size=1440x900 light= 'js=return [...document.querySelectorAll("button, input, select, canvas")].filter(e =>
    !(e.textContent.trim() || e.getAttribute("aria-label") || (e.labels && e.labels.length))).map(e => e.id).join()'
b 'js=unpick()'

# ---- for hours ----
# busy ROWS: so many rows of the options that are seen, ten steps of 20,000 each;
# waits until the page has the last one
rows_put=0
busy() {
	left=$1
	while [ "$left" -gt 0 ]; do
		rows_put=$((rows_put + 20000)) left=$((left - 20000))
		quotes 0 | awk -F '\t' -v OFS='\t' -v end="$rows_put" '
			/^NIFTY24NOV/ { row[n++] = $0 }
			END {
				for (i = end - 20000; i < end; i++) {
					$0 = row[i % n]
					$3 = sprintf("2026-11-23T05:%02d:%02d+00:00",
					    30 + i / 20000 % 29, i / 333 % 60)
					$4 += i % 100 / 20
					$13 += i % 7 / 100
					print
				}
				$0 = row[0]
				$4 = end
				print
			}' | put
		b wait=60 "js=return [...page.rows.values()].some(r => r.ltp === $rows_put) && page.dirty.size === 0" || return
	done
}
weigh() { b heap= 'js=return document.getElementsByTagName("*").length'; }
ok 'a busy market' busy 100000
weigh >one
ok 'ten minutes of it, at once' busy 200000
# flat FILE: as weigh() found it then; a list that grew by a number a row would
# have 1.6 MB more
flat() {
	weigh >now
	awk 'FNR == 1 { heap[++n] = $1 } FNR == 2 { nodes[n] = $1 }
	END { print heap[1], heap[2], nodes[1], nodes[2]
	exit heap[2] - heap[1] > 600000 || nodes[1] != nodes[2] }' "$1" now
}
ok 'leave its memory as it was' flat one
is 'nothing was missed' 0 0 b 'js=return page.missed'

# The same at the pace of a market, where somebody wants to know: PAGE_SECONDS=600
if [ "${PAGE_SECONDS:-0}" -gt 0 ]; then
	from=$(date +%s) i=0 told=0
	while [ $(($(date +%s) - from)) -lt "$PAGE_SECONDS" ]; do
		i=$((i + 1))
		quotes $i | awk '/^NIFTY|^BANK/' | put
		sleep 0.2
		[ $(($(date +%s) - from)) -ge "$told" ] || continue
		told=$((told + 60))
		echo "# after $(($(date +%s) - from)) s: $(weigh | tr '\n' ' ')bytes, elements; $(b 'js=return page.got') messages"
	done
	ok "$PAGE_SECONDS s at their own pace do so too" flat one
fi
stop
done_testing
