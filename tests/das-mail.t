#!/bin/sh
# das-mail.t - mails are sent or kept, whatever the server does
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
umask 077
box=spool/outbox

# server NAME MODES [CERT]: starts one; its mails and log are in NAME/
server() {
	mkdir -p "$1"
	"$SRC/tests/smtpd" "$1/port" "$2" "$1" ${3:+"$3"} 2>"$1/err" &
	mine $!
	wait_for 10 test -s "$1/port" || sed 's/^/# /' "$1/err"
}
# config URL [KEY VALUE]...: writes das.json
config() {
	{
		printf '{"smtpUrl": "%s", "dataDir": "%s",' "$1" "$T"
		shift
		while [ $# -gt 0 ]; do
			printf '"%s": "%s",' "$1" "$2"
			shift 2
		done
		printf '"senderEmailAddress": "das@example.org",'
		printf '"destinationEmailAddress": "%s"}\n' \
		    "${to:-ops@example.org, second@example.org}"
	} >das.json
}
url() { echo "${2:-smtp}://${3:-127.0.0.1}:$(cut -f2 "$1/port")"; }
count() { set -- "$1"/*.eml; [ -e "$1" ] && echo $# || echo 0; }
# Mail as a reader sees it: without the lines that differ from run to run.
same() { tr -d '\r' <"$1" | grep -vE '^(Date|Message-ID): '; }
send() { echo 'hello' | das-mail -c das.json "$@"; }

server good 'login=AGRhc0BleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ=='
config "$(url good)" senderEmailPass 'open sesame'

is 'a mail is sent' 0 '' send -s 'all is well'
is 'and is not in the outbox any more' 0 0 count $box
is 'one mail for both recipients' 0 1 count good
is 'what arrives' 0 'From: das@example.org
To: ops@example.org,
 second@example.org
Subject: all is well
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

hello' same good/1.eml
is 'every line ends as SMTP wants it' 1 0 grep -cv "$(printf '\r')\$" good/1.eml
ok 'dated by the clock of the tools' env \
    DAS_CLOCK=2026-11-18T15:45:03+05:30@0.001 sh -c \
    'das-mail -c das.json -s x </dev/null &&
    grep -q "^Date: Wed, 18 Nov 2026 15:45:0[34] +0530" good/2.eml'
is 'both are asked for' 0 'RCPT TO:<ops@example.org>
RCPT TO:<second@example.org>' sh -c 'grep -o "RCPT.*" good/log | head -n 2'

printf 'x\n.\n.y\n' >dots
is 'a line with a dot does not end a mail' 0 'x
.
.y' sh -c 'das-mail -c das.json -s dots <dots && tr -d "\r" <good/3.eml |
    sed "1,/^\$/d"'
is 'no header through the subject' 0 'Subject: a Bcc: eve@example.org  b' sh -c \
    "das-mail -c das.json -s \"\$(printf 'a\nBcc: eve@example.org\n\nb')\" \
    </dev/null && tr -d '\r' <good/4.eml | grep -i eve"

# attachments come back byte for byte
printf 'TableName,TradingSymbols\nIDEA,IDEA\n' >blank.csv
head -c 200000 /dev/urandom >plot.png
is 'two attachments' 0 '' send -s 'report' -a blank.csv -a plot.png
cat >part.pl <<'EOP'
my ($want) = @ARGV;
local $/;
my $mail = <STDIN>;
$mail =~ s/\r//g;
my ($b) = $mail =~ /boundary="([^"]+)"/ or die "no boundary";
for (split(/^--\Q$b\E(?:--)?\n/m, $mail)) {
	my ($head, $body) = split(/\n\n/, $_, 2);
	next unless $head =~ /filename="\Q$want\E"/;
	print STDERR $head =~ /^Content-Type: (.*)/m, "\n";
	require MIME::Base64;
	print MIME::Base64::decode_base64($body);
}
EOP
for f in 'blank.csv text/csv; charset=utf-8' 'plot.png image/png'; do
	perl part.pl "${f%% *}" <good/5.eml >back 2>kind
	ok "${f%% *} comes back as it was" cmp back "${f%% *}"
	is "${f%% *} has its type" 0 "${f#* }" cat kind
done

# a password that is refused: kept, 77, and the password nowhere
config "$(url good)" senderEmailPass 'not sesame'
fails 'bad credentials' 77 'login refused: 535 5.7.8' send -s refused
is 'the mail is kept' 0 1 count $box
fails 'said, but no failure with -q' 0 'login refused' send -q -s again
is 'the queue has both' 0 2 count $box
fails '-f says so too' 77 'login refused' das-mail -c das.json -f
is 'and keeps both' 0 2 count $box
is 'no password in mails and messages' 1 '' grep -rls sesame $box err out
config "$(url good)" senderEmailPass 'open sesame'
is '-f sends them when the password is right' 0 '' das-mail -c das.json -f
is 'in order' 0 'Subject: refused
Subject: again' sh -c 'cat good/6.eml good/7.eml | tr -d "\r" | grep ^Subject'
is 'the queue is empty' 0 0 count $box
is '-f with an empty queue' 0 '' das-mail -c das.json -f

# servers that are trouble
trouble() {	# MODE WANTED_STATUS WORDS
	server "s-$1" "$1"
	config "$(url "s-$1")" senderEmailPass 'open sesame'
	fails "server: $1" "$2" "$3" send -s "$1"
	is "$1: kept" 0 1 count $box
	rm -f $box/*.eml
}
trouble authlater 75 '454 4.7.0 later'
trouble noauth 77 '530 5.7.0 Authentication Required'
trouble later 75 '451 4.3.0 try again'
trouble busy 75 '421 too busy'
trouble garbage 76 'the answer is no SMTP'
trouble cut 75 'queued: smtp://127.0.0.1:'
config smtp://127.0.0.1:1 senderEmailPass ''
fails 'no server' 75 'onnect' send -s 'nobody there'
is 'no server: kept' 0 1 count $box
rm -f $box/*.eml

server s-refuse refuse
config "$(url s-refuse)" senderEmailPass ''
fails 'refused for good' 65 'not sent: smtp://127' send -q -s never
is 'is put aside' 0 '0 1' sh -c \
    'echo "$(ls spool/outbox/*.eml 2>/dev/null | wc -l)" \
    "$(ls spool/outbox/refused/*.eml | wc -l)"'

server s-badrcpt badrcpt
to='bad@example.org,ops@example.org' config "$(url s-badrcpt)" senderEmailPass ''
fails 'one recipient of two refused' 0 \
    'recipient refused: bad@example.org: 550 5.1.1 no such user' send -s one
is 'the other one has it' 0 1 count s-badrcpt
is 'nothing is kept' 0 0 count $box
to='bad@example.org' config "$(url s-badrcpt)" senderEmailPass ''
fails 'all recipients refused' 65 '550 5.1.1 no such user' send -s none

server s-hang hang
config "$(url s-hang)" senderEmailPass ''
echo hello | das-mail -c das.json -s hang 2>err & pid=$!
wait_for 5 sh -c 'ls spool/outbox/*.eml'
sleep 0.2
kill $pid
wait $pid && rc=0 || rc=$?
is 'SIGTERM while the server hangs' 0 75 echo "$rc"
is 'hang: kept' 0 1 count $box
rm -f $box/*.eml

# TLS
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost 2>/dev/null
cat key.pem cert.pem >both.pem
server tls 'tls,login=AGRhc0BleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==' "$T/both.pem"
config "$(url tls smtps localhost)" senderEmailPass 'open sesame'
fails 'a certificate that nobody vouches for' 69 'certificate' send -s tls
config "$(url tls smtps localhost)" senderEmailPass 'open sesame' \
    caFile "$T/cert.pem"
is 'one that caFile vouches for' 0 '' das-mail -c das.json -f
is 'the mail arrived over TLS' 0 1 count tls
config "$(url tls smtps 127.0.0.1)" senderEmailPass 'open sesame' \
    caFile "$T/cert.pem"
fails 'for another host' 69 'certificate' send -s tls
rm -f $box/*.eml

server start 'starttls,login=AGRhc0BleGFtcGxlLm9yZwBvcGVuIHNlc2FtZQ==' "$T/both.pem"
config "$(url start smtp localhost)" senderEmailPass 'open sesame' \
    caFile "$T/cert.pem"
is 'STARTTLS' 0 '' send -s start
is 'the mail arrived after STARTTLS' 0 1 count start
is 'the password only after it' 0 'STARTTLS
AUTH' sh -c 'grep -oE "^> (STARTTLS|AUTH)" start/log | cut -c3-'

# without a server
config smtp://x@127.0.0.1:1 senderEmailPass ''
fails 'a name in the URL' 78 'smtpUrl' send -s x
config 'http://127.0.0.1:1' senderEmailPass ''
fails 'no mail URL' 78 'smtpUrl: want smtps://' send -s x
config smtp://127.0.0.1:1
fails 'a placeholder' 78 'key senderEmailPass: is still the placeholder' \
    send -s x
to='ops@example.org,nobody' config smtp://127.0.0.1:1 senderEmailPass ''
fails 'a bad address' 78 "destinationEmailAddress: 'nobody' is no mail" send -s x
is 'none of them queued' 0 0 count $box
config smtp://127.0.0.1:1 senderEmailPass ''
fails 'a missing attachment' 74 'gone.csv: No such file' send -s x -a gone.csv
fails 'a directory as attachment' 65 'is no regular file' send -s x -a "$T"
is 'neither of them queued' 0 0 count $box
fails 'no subject' 64 usage das-mail -c das.json
fails '-s and -f' 64 usage das-mail -c das.json -f -s x

# mail = spool
config smtp://127.0.0.1:1 mail spool
is 'mail = spool keeps a mail' 0 '' send -s kept
is 'in the outbox' 0 'Subject: kept' sh -c 'grep -h Subject spool/outbox/*.eml'
is 'and -f leaves it there' 0 '' das-mail -c das.json -f
is 'still there' 0 1 count $box
mode=$(stat -c %a $box/*.eml)
is 'for its owner only' 0 600 echo "$mode"
echo '{"mail": "spool"}' >das.json
is 'placeholders are fine then' 0 '' send -s kept2

# a bounded queue: the oldest goes, and that is said
rm -f $box/*.eml
i=0
while [ $i -lt 500 ]; do
	i=$((i + 1))
	echo x >"$box/2020-01-01T00:00:00.$i.eml"
done
fails 'a full queue drops its oldest mail' 0 \
    'oldest mail 2020-01-01T00:00:00.1.eml was removed' send -s new
is 'the queue is bounded' 0 500 count $box
: >"$box/.x.eml.999999999"	# no such process: a writer that died
: >"$box/.y.eml.$$"
send -s newer 2>/dev/null
is 'a dead writer leaves nothing behind' 0 ".y.eml.$$" sh -c \
    'ls -A spool/outbox | grep "^\..*eml"'

# -n only logs in
config "$(url good)" senderEmailPass 'open sesame'
before=$(count good) waiting=$(count $box)
is 'would a mail go out: yes' 0 '' das-mail -c das.json -n
config "$(url good)" senderEmailPass 'shut sesame'
fails 'no: the login' 77 'login refused' das-mail -c das.json -n
config smtp://127.0.0.1:1 senderEmailPass ''
fails 'no: nobody listens' 75 'smtp://127.0.0.1:1' das-mail -c das.json -n
config smtp://127.0.0.1:1 mail spool
is 'nowhere to go' 0 '' das-mail -c das.json -n
is 'and no mail was sent or kept' 0 "$before $waiting" echo "$(count good) $(count $box)"
fails '-n and a subject' 64 usage das-mail -c das.json -n -s x

# a full disk, a directory that cannot be written
rm -rf spool
: >spool
config "$(url good)" senderEmailPass 'open sesame'
before=$(count good)
fails 'no outbox: said, and sent all the same' 0 'cannot be queued' send -s nodisk
is 'it arrived' 0 $((before + 1)) count good
config smtp://127.0.0.1:1 senderEmailPass ''
fails 'neither queued nor sent, also with -q' 75 'not sent' send -q -s nodisk
done_testing
