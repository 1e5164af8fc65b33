#!/bin/sh
# das-config.t - check, get, init, show, and what never comes out
. "$(dirname "$0")/tap.sh"
export DAS_CLOCK=2026-11-20T08:00:00+05:30
tab=$(printf '\t')

# A configuration that is fit, with secrets that can be searched for.
good() {
	rm -f good.json
	cat >good.json <<-'JSON'
	{"ZerodhaLoginName": "AB1234", "ZerodhaPass": "Hush&1+word",
	 "TOTP_seed": "GEZD GNBV GY3T QOJQ", "apiKey": "hushkey", "apisec": "hushsec",
	 "mail": "spool", "store": "sqlite", "castToken": "hushcast",
	 "underlyings": ["NIFTY", "SENSEX"]}
	JSON
	chmod 600 good.json
}
good

fails 'nothing to read' 78 "'das-config init' makes one" das-config check
fails 'a file that is not there' 78 'none.json: No such file' \
    das-config -c none.json check

is 'init' 0 '' das-config init
is 'init makes a file for its owner alone' 0 600 stat -c %a etc/dasConfig.json
is 'it is JSON with the keys of the original' 0 21 sh -c \
    'python3 -c "import json; print(len(json.load(open(\"etc/dasConfig.json\"))))" 2>/dev/null ||
     grep -c "^    \"" etc/dasConfig.json'
cp etc/dasConfig.json before
fails 'init never overwrites' 73 'is there already' das-config init
is 'and has not' 0 '' cmp before etc/dasConfig.json
is 'init leaves nothing else behind' 0 dasConfig.json ls -A etc
is 'init makes directories' 0 '' das-config init a/b/c.json
is 'init takes -c' 0 '' das-config -c d/e.json init
ok 'both are there' test -s a/b/c.json -a -s d/e.json
ln -s nowhere dangling.json
fails 'init does not write through a dangling link' 73 'dangling.json' \
    das-config init dangling.json
if [ "$(id -u)" != 0 ]; then
	mkdir ro && chmod 500 ro
	fails 'init in a directory that is read-only' 73 'Permission denied' \
	    das-config init ro/c.json
else
	fails 'init where no file can be made' 73 '/proc/c.json' \
	    das-config init /proc/c.json
fi

fails 'a new file is not fit' 78 'key apisec: still has its default' \
    das-config check
is 'one line for each key left' 0 8 sh -c 'das-config check 2>&1 | grep -c .'
is 'with MySQL three more, less mail' 0 8 sh -c \
    'DAS_STORE=mysql DAS_MAIL=spool das-config check 2>&1 | grep -c .'
is 'a fit one says nothing' 0 '' sh -c 'das-config -c good.json check 2>&1'
fails 'unless asked to' 0 'good.json: fit to use' das-config -v -c good.json check
sed 's/"store": "sqlite"/"mysqlHost": "db", "mysqlUser": "u", "mysqlPass": "p"/' \
    good.json >original.json; chmod 600 original.json
is 'a file of the recorder before is fit as it is' 0 '' sh -c \
    'das-config -c original.json check 2>&1'
is 'and comes to its store' 0 mysql das-config -c original.json get store
is 'with the other store too' 0 '' sh -c \
    'DAS_STORE=sqlite das-config -c original.json check 2>&1'
fails 'an empty key is left open too' 78 'key apiKey: is empty; put in' \
    sh -c 'sed s/hushkey// good.json >x.json; chmod 600 x.json
    das-config -c x.json check'
fails 'a bad seed' 78 'key TOTP_seed: is no base32 seed' env DAS_TOTP_SEED=18 \
    das-config -c good.json check
fails 'a certificate file that is not there' 78 'key caFile: /none' \
    env DAS_CAFILE=/none das-config -c good.json check
fails 'a database name with a quote' 78 'key nifty500DBName:' \
    env 'DAS_NIFTY500DBNAME=a`b' das-config -c good.json check
fails 'plain http to the outside' 78 "key kiteApiUrl: 'http://x.example'" \
    env DAS_KITEAPIURL=http://x.example das-config -c good.json check
fails 'a scheme that the service does not have' 78 'must begin with wss://' \
    env DAS_KITETICKERURL=https://ws.kite.trade das-config -c good.json check
fails 'a password in a URL' 78 'key nseListUrl: is no URL of a server' \
    env DAS_NSELISTURL=https://me:hush@x.example das-config -c good.json check
is '... is not shown' 1 '' grep hush err
fails 'an index that nobody knows' 78 'underlyings: NIFTI has no row for 2026-11-20' \
    env DAS_UNDERLYINGS=NIFTY,NIFTI das-config -c good.json check
mails() { env DAS_MAIL=smtp DAS_SENDEREMAILPASS=x DAS_SENDEREMAILADDRESS="$1" \
    DAS_DESTINATIONEMAILADDRESS="$2" das-config -c good.json check; }
is 'mail addresses' 0 '' mails me@x.example 'a@x.example, b@x.example'
fails 'a sender that is none' 78 'key senderEmailAddress: is no mail' mails me a@x.example
fails 'a recipient that is none' 78 'key destinationEmailAddress: ' mails me@x.example a
is 'plain on this machine, and mail that turns to TLS' 0 '' \
    env DAS_KITEAPIURL=http://127.0.0.1:1 'DAS_KITETICKERURL=ws://[::1]:1' \
    DAS_SMTPURL=smtp://mail.example:587 \
    sh -c 'das-config -c good.json check 2>&1'
sed 's/"mail"/"Apisec": "x", "nonsense": 1, "finNiftyOptionsDBName": "f", "mail"/' \
    good.json >odd.json && chmod 600 odd.json
fails 'unknown keys are only warned of' 0 'key nonsense is not known' \
    das-config -c odd.json check
fails 'with a hint' 0 'key Apisec is not known; apisec is' \
    das-config -c odd.json check
is 'a key of another index is known' 0 2 sh -c \
    'das-config -c odd.json check 2>&1 | grep -c .'
fails 'a close before the end of the session is warned of' 0 \
    'end the capture at 15:35, but NFO trades to 15:40 on 2026-11-20' \
    env DAS_MARKETCLOSEMINUTE=35 das-config -c good.json check
is 'but not while it ended at 15:30' 0 '' env DAS_MARKETCLOSEMINUTE=35 \
    DAS_CLOCK=2026-07-30T08:00:00+05:30 \
    sh -c 'das-config -c good.json check 2>&1'
is 'nor where the capture follows the session' 0 '' \
    env DAS_MARKETCLOSEMINUTE=35 DAS_MARKETCLOSE=auto \
    sh -c 'das-config -c good.json check 2>&1'
fails 'a marketClose that is none' 78 \
    "key marketClose: is '15:45', want one of auto" \
    env DAS_MARKETCLOSE=15:45 das-config -c good.json check
fails 'on a Saturday it is about Monday' 0 'on 2026-11-23' \
    env DAS_CLOCK=2026-11-21T08:00:00+05:30 DAS_MARKETCLOSEHOUR=12 \
    das-config -c good.json check

chmod 640 good.json
fails 'secrets open to the group' 78 'run: chmod 600 good.json' \
    das-config -c good.json check
fails 'show refuses it as well' 78 'chmod 600' das-config -c good.json show
chmod 600 good.json
printf '\357\273\277' | cat - good.json >bom.json; chmod 600 bom.json
is 'the mark that Windows puts before a text' 0 '' das-config -c bom.json check
echo '<html>' >html.json
fails 'not JSON' 78 'html.json: not JSON: line 1' das-config -c html.json check
printf '{"apisec": "Hush"ed"}' >torn.json
fails 'a quote inside a secret' 78 'torn.json: not JSON: line 1' \
    das-config -c torn.json check
echo '{"retryCount": "5"}' >type.json
fails 'a wrong type' 78 'type.json: key retryCount: is a string, want an integer' \
    das-config -c type.json check

is 'get' 0 15 das-config -c good.json get marketCloseHour
is 'get of a list' 0 "NIFTY
SENSEX" das-config -c good.json get underlyings
is 'get of an empty list' 0 '' das-config -c good.json get castOrigins
is 'get of a path' 0 "$PWD/spool" das-config -c good.json get spoolDir
is 'get from elsewhere' 0 "$PWD/spool" sh -c \
    "cd / && das-config -c '$PWD/good.json' get spoolDir"
is 'get of what an unset store comes to' 0 mysql env DAS_MYSQLHOST=db \
    das-config -c etc/dasConfig.json get store
is 'get of another index' 0 f das-config -c odd.json get finNiftyOptionsDBName
fails 'get of an unknown key' 64 'key nothing is not known' \
    das-config -c good.json get nothing
fails 'get of a secret' 64 "'das-config get -s apisec' prints it" \
    das-config -c good.json get apisec
is 'get -s of a secret' 0 hushsec das-config -c good.json get -s apisec
is 'the environment' 0 other env DAS_APISEC=other \
    das-config -c good.json get -s apisec
is 'show names it' 0 "retryCount${tab}9${tab}environment" sh -c \
    'DAS_RETRYCOUNT=9 das-config -c good.json show | grep ^retryCount'
echo filesecret >secret
echo '{"apisec": {"file": "secret"}}' >byfile.json
is 'a secret in a file of its own' 0 filesecret \
    das-config -c byfile.json get -s apisec
is 'show says so' 0 "apisec${tab}***${tab}file" sh -c \
    'das-config -c byfile.json show | grep ^apisec'
is 'show has a row for each key, and a header' 0 "key${tab}value${tab}source" \
    sh -c 'das-config -c good.json show | sed -n 1p'
is 'three columns in each' 0 '' sh -c \
    "das-config -c good.json show | awk -F '\t' 'NF != 3'"

sed 's/"mail"/"sensexOptionsDB": {"host": "db2", "port": 3307, "pass": "hushdb", \
"prot": 1}, "mail"/' original.json >servers.json && chmod 600 servers.json
fails 'a server of its own; a member that is none' 0 \
    'key sensexOptionsDB.prot is not known' das-config -c servers.json check
is 'show has what is set of it, the password masked' 0 "sensexOptionsDB.host${tab}db2
sensexOptionsDB.port${tab}3307
sensexOptionsDB.pass${tab}***" sh -c \
    'das-config -c servers.json show | grep DB[.] | cut -f 1,2'
is 'get of a member' 0 3307 das-config -c servers.json get sensexOptionsDB.port
fails 'get of its secret' 64 'is a secret' das-config -c servers.json \
    get sensexOptionsDB.pass
is 'a member from the environment' 0 db3 env DAS_SENSEXOPTIONSDB_HOST=db3 \
    das-config -c servers.json get sensexOptionsDB.host
fails 'one database on two servers' 78 "cannot be on two servers" \
    env DAS_SENSEXOPTIONSDBNAME=aws_das_nse das-config -c servers.json check
fails 'a certificate of one server' 78 'key nifty500DB.caFile: /none' \
    env DAS_NIFTY500DB_CAFILE=/none das-config -c good.json check

fails 'no verb' 64 usage das-config
fails 'two verbs' 64 usage das-config check show
fails '-s elsewhere' 64 usage das-config -s show
fails 'a full disk' 74 'standard output' sh -c \
    'das-config -c good.json show >/dev/full'

mkdir room
fails 'no room for a new file' 74 'room/x.json.new' sh -c \
    'trap "" XFSZ; ulimit -f 1; das-config init room/x.json'
is 'nothing is left of it' 0 '' ls -A room

# Every key is in the manual page, and the page has no key of its own.
das-config -c good.json show | sed 1d | cut -f1 | sort >keys
sed -n 's/^\.It Va //p' "$SRC/man/das-config.5" | tr -d ' ' | tr ',' '\n' |
    sort >documented
is 'das-config(5) has each key once' 0 '' diff keys documented
is '... and the objects' 0 5 sh -c "sed -n '/Ss A server for/,/Ss Mail/p' \
    '$SRC/man/das-config.5' | grep -ow '[a-z][a-zA-Z0-9]*DB' | sort -u | grep -c ."
# and each default: it stands between ".It Va KEY" and the next one
das-config -c byfile.json show | awk -F '\t' -v page="$SRC/man/das-config.5" '
NR > 1 && $3 == "default" && $2 != "" && $1 != "dataDir" && $1 != "store" {
	want[$1] = $2
}
END {
	while ((getline line <page) > 0) {
		if (line ~ /^\.It Va /) {
			sub(/^\.It Va /, "", line)
			gsub(/ /, "", line)
			key = line
		} else if (line ~ /^\.(Ss|Sh)/)
			key = ""
		else if (key != "")
			text[key] = text[key] line "\n"
	}
	for (keys in text) {		# several in one .It share the text
		n = split(keys, part, ",")
		for (i = 1; n > 1 && i <= n; i++)
			of[part[i]] = text[keys]
	}
	for (k in of)
		text[k] = of[k]
	for (k in want) {
		v = want[k]
		n = split(v, part, "/")
		if (index(text[k], v) == 0 && (substr(v, 1, 1) != "/" ||
		    index(text[k], part[n]) == 0))
			print k " " v
	}
}' >wrong
is 'and its default' 0 '' cat wrong

# the room for the spool
mkdir -p spool/2026-11-19/ticks
truncate -s 4T spool/2026-11-19/ticks/000001.tsv
fails 'days that the disk has no room for are told' 0 \
    'days like the last ones (4398.0 GB each)' das-config -c good.json check
truncate -s 1 spool/2026-11-19/ticks/000001.tsv
das-config -c good.json check 2>words
is '... or not' 1 '' grep 'GB free' words
rm -r spool

# probe: what answers, and the time there
das-sim --port-file port --write-config sim.json 2>sim.err & mine $!
wait_for 20 test -f port
sim=http://127.0.0.1:$(sed -n 's/^http\t//p' port)
is 'probe' 0 "kiteApiUrl	$sim	near	HTTP 200" sh -c "das-config -c sim.json probe >out; rc=\$?
    awk -F '\\t' -v OFS='\\t' 'NR == 2 { \$3 = (\$3 > -5000 && \$3 < 5000 ? \"near\" : \"far\"); print }' out
    exit \$rc"
is 'all of them' 0 6 grep -c . out
sed 's,"nseListUrl": "[^"]*","nseListUrl": "http://127.0.0.1:1/x",' sim.json >odd.json
chmod 600 odd.json
is 'one does not answer' 1 1 sh -c 'das-config -c odd.json probe >out; rc=$?; grep -c "^nseListUrl.*refused" out; exit $rc'

# All of the above has printed no secret where none was asked for.
for words in '-c servers.json show' check show 'get apisec' 'get ZerodhaPass' 'get nothing'; do
	# shellcheck disable=SC2086 # words are arguments
	das-config -v -c good.json $words
	# shellcheck disable=SC2086
	DAS_TOTP_SEED='hush seed' das-config -v -c good.json $words
	# shellcheck disable=SC2086
	das-config -v -c torn.json $words
done >all 2>&1
is 'no secret in any output' 1 '' grep -iE 'hush|GEZD' all
ok 'and the output was looked at' grep -q '^apisec.*\*\*\*' all
done_testing
