#!/bin/sh
# das-holiday.t - real lists, good and bad sources, the answer by exit status
. "$(dirname "$0")/tap.sh"
tab=$(printf '\t')
mkdir lookup
list=lookup/tradingHolidays.csv
announced=lookup/sessions_announced.tsv

# conf UPSTOX-PORT NSE-PORT: port 1 has nobody listening
conf() {
	rm -f das.json
	cat >das.json <<-JSON
	{"upstoxHolidayUrl": "http://127.0.0.1:$1/v2/market/holidays",
	 "nseHolidayUrl": "http://127.0.0.1:$2/api/holiday-master?type=trading",
	 "retryCount": 2, "retryDelaySeconds": 0, "httpTimeoutSeconds": 1,
	 "mail": "spool"}
	JSON
}
# serve MODE [FILE]: sets $port
serve() {
	rm -f port
	badserver "$PWD/port" "$@" requests & mine $!
	wait_for 5 test -s port && port=$(cut -f2 port)
}
h() { das-holiday -c das.json "$@"; }
at() { export DAS_CLOCK="$1T08:00:00+05:30"; }
fresh() { rm -f "$list" "$announced" requests; }

# A year as Upstox tells it.  07-04: everything is closed; 07-05 is a Sunday with
# a session; 07-06 only MCX is shut; 07-07 settlement holiday, all open as usual;
# 07-08 all closed but for an hour in the evening.
cat >upstox.json <<'JSON'
{"status":"success","data":[
{"date":"2027-07-02","description":"One","holiday_type":"TRADING_HOLIDAY",
 "closed_exchanges":["NSE","NFO","BSE","BFO","MCX","CDS","BCD"],"open_exchanges":[]},
{"date":"2027-07-04","description":"Special\tTrading","holiday_type":"SPECIAL_TIMING",
 "closed_exchanges":["MCX"],"open_exchanges":[
 {"exchange":"NSE","start_time":1814672700000,"end_time":1814695200000},
 {"exchange":"XNEW","start_time":1814672700000,"end_time":1814695200000}]},
{"date":"2027-07-06","description":"Part","holiday_type":"TRADING_HOLIDAY",
 "closed_exchanges":["MCX"],"open_exchanges":[
 {"exchange":"NSE","start_time":1814845500000,"end_time":1814868000000}]},
{"date":"2027-07-07","description":"Settlement","holiday_type":"SETTLEMENT_HOLIDAY",
 "closed_exchanges":[],"open_exchanges":[
 {"exchange":"NSE","start_time":1814931900000,"end_time":1814954400000},
 {"exchange":"NFO","start_time":1814931900000,"end_time":1814954400000}]},
{"date":"2027-07-08","description":"Muhurat","holiday_type":"TRADING_HOLIDAY",
 "closed_exchanges":["NSE","NFO"],"open_exchanges":[
 {"exchange":"NSE","start_time":1815049800000,"end_time":1815053400000}]}
]}
JSON

at 2027-07-01
serve file upstox.json; up=$port
conf "$up" 1
is 'a Thursday: the market trades' 1 '' h
is 'the list is written' 0 'Date
2027-07-02' cat $list
is 'and what was announced' 0 "exchange${tab}from${tab}to${tab}days${tab}open${tab}close${tab}note
NSE${tab}2027-07-04${tab}2027-07-04${tab}special${tab}09:15${tab}15:30${tab}Special Trading
MCX${tab}2027-07-06${tab}2027-07-06${tab}special${tab}-${tab}-${tab}Part
NSE${tab}2027-07-08${tab}2027-07-08${tab}special${tab}18:00${tab}19:00${tab}Muhurat
NFO${tab}2027-07-08${tab}2027-07-08${tab}special${tab}-${tab}-${tab}Muhurat" \
    cat $announced
is 'a holiday' 0 '' h 2027-07-02
is 'a Saturday' 0 '' h 2027-07-03
is 'a Sunday with a session' 1 '' h 2027-07-04
is 'a day on which another exchange is shut' 1 '' h 2027-07-06
is 'a settlement holiday' 1 '' h 2027-07-07
is 'closed but for an evening session' 1 '' h 2027-07-08
is 'all that with one request' 0 1 grep -c . requests
is '-f asks again' 1 '' h -f
is 'it does' 0 2 grep -c . requests
is 'the next trading day is the Sunday' 0 2027-07-04 h -n
is 'or, from there, the Monday' 0 2027-07-05 h -n 2027-07-04
is 'the year' 0 'date	weekday	market
2027-07-02	Fri	closed
2027-07-04	Sun	open' h -l
fails 'not both' 64 usage h -l -n
fails 'a year of weekends, with a word' 0 'no holiday of 2029 is known' h -l 2029-01-01
is 'for all that no request' 0 2 grep -c . requests
fails '-v says what it is' 0 '2027-07-02: holiday' h -v 2027-07-02
fails 'weekend' 0 '2027-07-03: weekend' h -v 2027-07-03
fails 'special session' 1 'special session' h -v 2027-07-04
export DAS_CLOCK=2027-07-01T08:59:00+05:30
is 'not asked within the hour' 0 2 sh -c 'das-holiday -c das.json; grep -c . requests'
export DAS_CLOCK=2027-07-01T09:00:01+05:30
is 'asked after it' 0 3 sh -c 'das-holiday -c das.json; grep -c . requests'
fails 'a year nobody knows' 1 'no holiday of 2028 is known' h 2028-01-03
fails 'and its weekends' 0 'going by weekends' h 2028-01-01

# Merging: other years and past days stay, future days of the year move.
fresh
printf 'Date\r\n2026-12-25\r\n2027-01-26\n2027-06-30\n2027-11-09\n2028-01-26' >$list
touch -d '2027-06-01' $list
is 'merging' 1 '' h
is 'keeps other years and what is past' 0 'Date
2026-12-25
2027-01-26
2027-06-30
2027-07-02
2028-01-26' cat $list
printf 'exchange\tfrom\tto\tdays\topen\tclose\tnote
NSE\t2027-02-01\t2027-02-01\tspecial\t09:15\t15:30\tpast
NSE\t2027-08-01\t2027-08-01\tspecial\t09:15\t15:30\tcalled off
NSE\t2028-02-06\t2028-02-06\tspecial\t09:15\t15:30\tnext year
' >$announced
is 'an announcement that is gone' 1 '' h -f
is 'goes, past and next years stay' 0 'past
next year
Special Trading
Part
Muhurat
Muhurat' sh -c "sed 1d $announced | cut -f7"
echo 'not a list' >$list
fails 'a kept list that is none' 1 "$list:1: no header 'Date'" h
is 'is made anew' 0 2027-07-02 tail -n 1 $list

# sessions.tsv of the user wins over an announcement.
sed '2,$d' "$SRC/lookup/sessions.tsv" >lookup/sessions.tsv
printf '%s\t2000-01-01\t\\N\tMon-Fri\t09:15\t15:30\t\n' NSE MCX >>lookup/sessions.tsv
printf 'NSE\t2027-07-04\t2027-07-04\tspecial\t18:00\t19:00\tours\n' >>lookup/sessions.tsv
fresh
is 'a session that the user has entered' 1 '' h 2027-07-04
is 'is not announced' 1 0 grep -c 2027-07-04 $announced
echo nonsense >lookup/sessions.tsv
fails 'a session table that is none' 1 'lookup/sessions.tsv:1: no column' h
fails 'weekends are weekends without it' 0 'sessions.tsv' h 2027-07-03
rm lookup/sessions.tsv

# NSE, asked second.  It wants cookies from its front page.
at 2027-07-01
echo '{"CM":[{"tradingDate":"26-Jan-2027"},{"tradingDate":"02-Jul-2027"}],"FO":[]}' >nse.json
serve file nse.json; nse=$port
fresh; conf 1 "$nse"
fails 'no Upstox' 0 'Upstox has no list of holidays for us; asking NSE' h 2027-07-02
is 'the list is NSE'\''s' 0 2027-07-02 tail -n 1 $list
ok 'asked as a browser does' sh -c 'grep -q "^GET /api/holiday-master" requests'
printf '/api/\t403\t-\t-\t1\n/api/\t200\t-\tnse.json\t-\n/\t200\t-\t-\t-\n' >routes
serve routes routes
fresh; conf 1 "$port"
is 'NSE wants a visit first' 0 '' h 2027-07-02
is 'and gets it' 0 'GET /api/holiday-master?type=trading HTTP/1.1
GET / HTTP/1.1
GET /api/holiday-master?type=trading HTTP/1.1' cut -f1 requests

# Trouble.  Upstox misbehaves, NSE is not there: weekends decide.
echo '{"status":"success","data":[]}' >empty.json
echo '{"status":"error","errors":[]}' >error.json
echo '{"status":"success","data":[{"date":"07/04/2027"}]}' >odd.json
cat >stale.json <<'JSON'
{"status":"success","data":[{"date":"2026-12-25","closed_exchanges":["NSE"],
 "open_exchanges":[]}]}
JSON
head -c 300 upstox.json >cut.json
echo '{"FO":[]}' >nocm.json
trouble() {	# WORDS MODE [FILE]
	words=$1; shift
	serve "$@"
	fresh; conf "$port" 1
	fails "Upstox: $*" 1 "$words" h
	fails "Upstox: $*: a Saturday" 0 'going by weekends' h 2027-07-03
	ok "Upstox: $*: nothing written" test ! -e $list -a ! -e $announced
}
trouble 'asking again in 0 s' refuse-after-accept
trouble 'no whole answer within 1 s' hang
trouble 'answered 500, server trouble; asking again in 0 s' status500
trouble 'the answer is no HTTP' garbage
trouble 'sent a page' html
trouble 'redirects elsewhere' redirect-other
trouble 'partial' truncate upstox.json
trouble 'list of holidays is empty' file empty.json
trouble 'no list of holidays' file error.json
trouble 'holiday 1: bad date' file odd.json
trouble 'lists no day of 2027' file stale.json
trouble 'not JSON' file cut.json
serve file nocm.json
fresh; conf 1 "$port"
fails 'NSE without the cash market' 1 'no list CM' h
# 500 is worth trying again, 404 is not.
printf '/v2\t500\t-\t-\t1\n/v2\t200\t-\tupstox.json\t-\n' >routes
serve routes routes
fresh; conf "$port" 1
is 'a trouble that passes' 0 '' h 2027-07-02
is 'took two requests' 0 2 grep -c . requests
printf '/v3\t200\t-\tupstox.json\t-\n' >routes
serve routes routes
fresh; conf "$port" 1
fails 'a page that is gone' 1 'answered 404' h
is 'is asked for once' 0 1 grep -c . requests
conf 1 1
printf 'Date\n2027-07-01\n' >$list; touch -d 2027-06-01 $list
fails 'the old list decides when nobody answers' 0 'going by the old list' h
is 'and stays as old as it is' 0 2027-06-01 sh -c "date -r $list +%F"

# The simulator, as Upstox and as NSE.
at 2027-07-01
das-sim -p 0 --port-file simport --write-config sim.json --data-dir "$PWD" &
mine $!
wait_for 5 test -s simport -a -s sim.json
port=$(sed -n 's/^http\t//p' simport)
fresh; conf "$port" 1
is 'the simulator as Upstox' 1 '' h
ok 'has holidays of this year' grep -q ^2027 $list
cp $list upstox.list
fresh; conf 1 "$port"
fails 'the simulator as NSE' 1 'asking NSE' h
is 'has the same' 0 '' diff upstox.list $list
holiday=$(sed 1d $list | sed -n '$p')
is 'a holiday of its' 0 '' h "$holiday"

# The real files.
real=$SHARED/holidays
if [ -d "$real" ]; then
	at 2024-01-10
	serve file "$real/upstox-market-holidays-doc-sample.json"
	fresh; conf "$port" 1
	is 'Upstox sample: New Year trades' 1 '' h 2024-01-01
	is 'Upstox sample: a Saturday trades' 1 '' h 2024-01-20
	is 'Upstox sample: Republic Day does not' 0 '' h 2024-01-26
	is 'Upstox sample: the list' 0 'Date
2024-01-26' cat $list
	is 'Upstox sample: MCX till the evening only, else all as known' 0 \
	    "MCX${tab}2024-01-01${tab}09:00${tab}17:00" \
	    sh -c "sed 1d $announced | cut -f1,2,5,6"
	cp "$real/rthennan-tradingHolidays-2024-upstox-output.csv" $list
	touch -d 2024-01-01 $list; conf 1 1
	fails 'a list made by the original' 0 'going by the old list' h 2024-12-25
	fails 'and a day of trading' 1 'going by the old list' h 2024-12-24
	at 2025-06-01
	serve file "$real/nse-holiday-master-2025.json"
	fresh; conf 1 "$port"
	is 'NSE 2025: Independence Day' 0 '' h 2025-08-15
	is 'NSE 2025: a holiday of currencies only' 1 '' h 2025-02-19
	is 'NSE 2025: 18 days' 0 18 sh -c "sed 1d $list | grep -c ."
	cp "$real/tradingHolidaysAllYears.csv" $list
	fresh=$(sed 1d $list | tr -d '\r' | grep -v ^2025 | grep -c .)
	at 2025-01-01
	touch -d 2024-12-01 $list
	is 'eight years and NSE 2025' 0 '' h 2025-12-25
	is 'no other year is lost' 0 "$fresh" sh -c "sed 1d $list | grep -vc ^2025"
	is 'sorted, each once' 0 '' sh -c "sed 1d $list | sort -uc"
else
	skip 'real lists of holidays' "no $real"
fi

# windows, without asking anybody
rm -f requests
is 'windows of a Friday' 0 'exchange	open	close
NSE	2027-07-02 09:15:00	2027-07-02 15:30:00
BSE	2027-07-02 09:15:00	2027-07-02 15:30:00
NFO	2027-07-02 09:15:00	2027-07-02 15:40:00
BFO	2027-07-02 09:15:00	2027-07-02 15:40:00' h -w 2027-07-02
is 'of a Sunday' 0 'exchange	open	close' h -w 2024-01-21
is 'of a disaster recovery session' 0 'NSE	2024-03-02 09:15:00	2024-03-02 10:00:00
NSE	2024-03-02 11:30:00	2024-03-02 12:30:00' sh -c 'das-holiday -c das.json -w 2024-03-02 | grep NSE'
ok 'nobody was asked' test ! -s requests

fails 'no date' 64 'tomorrow: no date' h tomorrow
fails 'a date that is none' 64 '2027-02-29: no date' h 2027-02-29
fails 'two dates' 64 usage h 2027-07-01 2027-07-02
fails 'no configuration' 78 'none.json' das-holiday -c none.json
at 2027-07-01
conf "$up" 1; fresh
sed 's/"mail"/"lookupDir": "das.json\/x", "mail"/' das.json >x.json
fails 'a list that cannot be written' 0 'is not kept' das-holiday -c x.json 2027-07-02
fails 'the special session is answered all the same' 1 'is not kept' \
    das-holiday -c x.json 2027-07-04
serve hang -
conf "$port" 1
sed -i 's/"httpTimeoutSeconds": 1/"httpTimeoutSeconds": 60/' das.json
rm -f requests
das-holiday -c das.json 2>err.term & pid=$!; mine $pid
wait_for 5 grep -q . requests
kill $pid && wait $pid && rc=0 || rc=$?
is 'SIGTERM while a source hangs' 0 75 echo "$rc"
ok 'says so' grep -q 'stopped before an answer' err.term
done_testing
