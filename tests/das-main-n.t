#!/bin/sh
# das-main-n.t - das-main -n: would a day work, and if not, what is to do
. "$(dirname "$0")/tap.sh"

day=2026-11-25
anchor=$(date +%s.%N)
clock() { DAS_CLOCK="${day}T$1+05:30@1/$anchor"; export DAS_CLOCK; }
clock 10:00:00
das-sim --port-file port --smtp 0 --mail-dir mail --write-config c.json 2>sim.err & mine $!
wait_for 20 test -f port
das-token -c c.json && das-n500 -c c.json >out 2>err &&
    das-lookup -c c.json >out 2>err && das-holiday -c c.json -f
sed -n '1,101p' lookup/instruments.tsv >some && mv some lookup/instruments.tsv
cp c.json good.json
touch -d "$day 04:00:00 UTC" spool/access_token
cp -p spool/access_token token
export DAS_CONFIG="$T/c.json" DAS_HTTPTIMEOUTSECONDS=10

# with KEY VALUE: that key in the configuration
with() {
	sed "s|\"$1\": *[^,]*|\"$1\": $2|" good.json >c.json
	chmod 600 c.json
}
bad() {	# NAME LINE WORDS...: that line is bad, and no other; and says WORDS
	is "$1" 1 "$2" sh -c 'das-main -n >said; rc=$?; awk "\$1 == \"BAD\" { print \$2 }" said | uniq; exit $rc'
	ok "... and what to do: $3" grep -q "^BAD .*$3" said
	cp good.json c.json
}

is 'all is well' 0 '' sh -c 'das-main -n >said; rc=$?; grep ^BAD said; exit $rc'
sed 's/^/# /' said
is 'each thing once' 0 'capture chosen clock config database disk holidays kiteApiUrl kiteLoginUrl mail nseHolidayUrl nseListUrl shares token upstoxHolidayUrl' \
    sh -c "awk '\$1 == \"ok\" { print \$2 }' said | LC_ALL=C sort | paste -sd' '"
ok 'the instruments come' grep -q 'capture *100 of 100 instruments come' said
is 'no secret is shown' 1 '' grep -E \
    "simulatedapi|simulated mail|GEZDG|$(sed -n '2s/.*\t//p' spool/access_token)" said
is 'nothing was started' 1 '' test -e "spool/$day"
is 'nor a mail sent' 1 '' sh -c 'ls mail/*.eml 2>/dev/null | grep .'

# the configuration
with destinationEmailAddress '"Your_destinationEmailAddress1"'
is 'a placeholder' 1 'BAD config' sh -c 'das-main -n >said; rc=$?; grep -o "^BAD config" said; exit $rc'
ok '... is named' grep -q '^BAD config.*destinationEmailAddress.*put in' said
cp good.json c.json
fails 'no configuration' 78 none.json das-main -n -c none.json
chmod 640 c.json
fails 'one that others can read' 78 chmod das-main -n
chmod 600 c.json

# clock
clock 10:00:30
das-main -n >said && rc=0 || rc=$?
is 'a fast clock' 0 1 echo "$rc"
ok '... by how much, and what to do' grep -qE '^BAD clock +(29|3[0-9]) s fast; timedatectl set-ntp' said
clock 15:30:00
das-main -n >said || true
ok 'a wrong zone' grep -q '^BAD clock .*as if the zone was another' said
clock 10:00:00

# network
with kiteLoginUrl '"https://no..name"'
bad 'a name that is not resolved' kiteLoginUrl 'no..name'
with nseListUrl '"http://127.0.0.1:1/x.csv"'
bad 'nobody listens' nseListUrl 'das-main needs it'
if das-sim --tls --port-file tls 2>tls.err & then
	mine $!
	wait_for 20 test -f tls
	with upstoxHolidayUrl "\"https://127.0.0.1:$(sed -n 's/^http.*\t//p' tls)/x\""
	bad 'a certificate that nobody knows' upstoxHolidayUrl 'das-main needs it'
fi

# token
sed '2s/[^\t]*$/notthetoken/' token >spool/access_token
touch -d "$day 04:00:00 UTC" spool/access_token
bad 'a token of today that is refused' token 'six in the morning'
touch -d '2026-11-24 04:00:00 UTC' spool/access_token
is 'one of yesterday: a new one comes' 0 -- sh -c 'das-main -n >said; rc=$?; sed -n "s/^\(..\) *token.*/\1/p" said; exit $rc'
rm spool/access_token
is 'none: likewise' 0 -- sh -c 'das-main -n >said; rc=$?; sed -n "s/^\(..\) *token.*/\1/p" said; exit $rc'
cp -p token spool/access_token

# lists, disk, database
cp lookup/lookupTables_Nifty500.csv kept
sed -n '1,100p' kept >lookup/lookupTables_Nifty500.csv
bad 'a list that is too short' shares 'das-n500'
cp kept lookup/lookupTables_Nifty500.csv
export DAS_DISKFLOORMEGABYTES=1048576
is 'no room' 1 'BAD disk' sh -c 'das-main -n >said; rc=$?; grep -o "^BAD disk" said; exit $rc'
ok '... what to do' grep -q '^BAD disk .*make room' said
unset DAS_DISKFLOORMEGABYTES
if [ "$(id -u)" != 0 ]; then
	chmod 500 lookup
	bad 'a directory that cannot be written' lookupDir 'chown or chmod'
	chmod 700 lookup
else
	skip 'a directory that cannot be written' 'root writes everywhere'
fi
cp das.db das.kept
echo 'this is no database, but long enough to be looked at as if it was one' >das.db
rm -f das.db-wal das.db-shm
bad 'a store that is none' database 'das.db'
mv das.kept das.db

# mail
mkdir smtp
"$SRC/tests/smtpd" smtp.port 'login=AGRhcwBy' smtp 2>smtp.err & mine $!
wait_for 20 test -s smtp.port
with smtpUrl "\"smtp://127.0.0.1:$(cut -f 2 smtp.port)\""
bad 'a mail server that refuses the login' mail 'login refused'
with smtpUrl '"smtp://127.0.0.1:1"'
bad 'none' mail 'smtp://127.0.0.1:1'
with mail '"spool"'
is 'no mail is wanted' 0 '' sh -c 'das-main -n >said; rc=$?; grep ^BAD said; exit $rc'
done_testing
