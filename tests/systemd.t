#!/bin/sh
# systemd.t - the units: understood by systemd, and closed as far as they can be
. "$(dirname "$0")/tap.sh"
if ! command -v systemd-analyze >/dev/null; then
	echo '1..0 # SKIP no systemd-analyze'
	exit 0
fi
units=$(cd "$SRC/etc/systemd" && echo *)
is 'all are installed' 0 "$units" sh -c 'sed -n "/^UNITFILES/,/[^\\\\]$/p" "$SRC/Makefile" |
    sed "s/UNITFILES = //" | tr -d "\\\\\\\\\n" | xargs -n 1 | sort | paste -sd" "'

# The programs of the checkout stand in for installed ones.
for u in $units; do
	sed "s,=/usr/local/bin/,=$SRC/bin/," "$SRC/etc/systemd/$u" >"$u"
done
verify() { systemd-analyze verify --man=no "$PWD/$1" 2>&1; }
echo '[Service]
ExecStart=/nowhere
Protect=no' >broken.service
if verify broken.service >said || ! grep -q nowhere said; then
	skip 'units are understood' "systemd-analyze cannot verify here: $(head -n 1 said)"
else
	for u in $units; do
		is "$u is understood" 0 '' verify "$u"
	done
fi
for u in $units; do
	case $u in *.timer) continue ;; esac
	if systemd-analyze --help | grep -q -e --offline; then
		is "$u is closed" 0 '' sh -c 'systemd-analyze security --offline=yes \
		    --threshold=20 --no-pager "$PWD/$1" >said 2>&1 || cat said' - "$u"
	else
		skip "$u is closed" 'no systemd-analyze security --offline'
	fi
	for o in ProtectSystem=strict NoNewPrivileges=yes PrivateTmp=yes \
	    MemoryDenyWriteExecute=yes SystemCallFilter=@system-service \
	    ReadWritePaths=/var/lib/das; do
		ok "$u: $o" grep -qx "$o" "$u"
	done
done
# who talks to the network has none of the secrets that it does not need
for k in ZerodhaPass TOTP_seed apiKey apisec senderEmailPass mysqlPass; do
	ok "das-cast.service does not see $k" grep -q "DAS_$(echo "$k" | tr '[:lower:]' '[:upper:]')=-" das-cast.service
done
is 'das-cast runs without them' 0 '' sh -c '
    for k in ZerodhaPass TOTP_seed apiKey apisec senderEmailPass mysqlPass; do
	printf "%s\"%s\": {\"file\": \"/none/%s\"}" "${sep:-{}" $k $k; sep=,
    done >c.json; echo "}" >>c.json; chmod 600 c.json
    export $(sed -n "s/^Environment=\(.*=-\)/\1/p" das-cast.service) DAS_CASTLISTEN=127.0.0.1:0
    timeout 3 das-cast -c c.json 2>said; grep -q "listens on" said || cat said'
is 'the timer: 08:50 in India, whatever the zone' 0 'Mon 2026-11-23 03:20:00 UTC' sh -c \
    'TZ=UTC0 systemd-analyze calendar --base-time="2026-11-22 17:00:00" \
    "$(sed -n s/^OnCalendar=//p das-main.timer)" | sed -n "s/ *Next elapse: //p"'
# at which hours das-main is started at all
mkdir bin
printf '#!/bin/sh\nexec /bin/date -d "$AT" "$@"\n' >bin/date
chmod +x bin/date
sed -n "s/^ExecCondition=.bin.sh -c '\(.*\)'$/\1/p" das-main.service |
    sed 's/\$\$/$/g; s/%%/%/g' >condition
ok 'there is a condition' test -s condition
for at in 02:00=1 02:30=0 03:20=0 10:29=0 10:30=1 18:00=1; do
	is "started at ${at%=*} UTC: ${at#*=}" "${at#*=}" '' env PATH="$PWD/bin:$PATH" \
	    AT="2026-11-23 ${at%=*} UTC" sh condition
done
done_testing
