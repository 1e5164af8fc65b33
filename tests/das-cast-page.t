#!/bin/sh
# das-cast-page.t - the page of das-cast: how it is served; and in a Chromium, that
# it shows what is on the wire, all of it as text, and goes on for hours
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
PAGE=$SRC/src/clients/page/das.html

# config KEY-VALUES: the configuration, a free port
config() {
	rm -f "$DAS_CONFIG"
	echo "{\"store\": \"sqlite\", \"castListen\": \"127.0.0.1:${port:-0}\",
	    \"castIntervalSeconds\": 1${1:+, $1}}" >"$DAS_CONFIG"
	chmod 600 "$DAS_CONFIG"
}
start() {
	rm -f log
	das-cast 2>log & cast=$!
	mine $cast
	wait_for 30 grep -q '^das-cast: listens' log || cat log >&2
	port=$(sed -n 's/.*listens on 127.0.0.1://p' log)
	url=http://127.0.0.1:$port/
}
stop() { kill $cast && wait $cast; }

# ---- how it is served ----
config ''
start
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
done_testing
