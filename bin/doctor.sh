# shellcheck shell=sh
# doctor.sh - das-main -n: would a day work? read by das-main behind das.sh
#
# Every check is a tool's own; nothing is started that stays, and nothing written
# but into a directory that goes.  A line each: a mark, what was looked at, and
# what to do.

FAR=5000		# ms that the clock may be off

line() {	# MARK NAME TEXT
	[ "$1" != BAD ] || sick=1
	printf '%-3s %-10s %s\n' "$1" "$2" "$3"
}

# The words of a tool, a line each: its name, and the configuration's, left out.
words() { sed 's/^das-[a-z0-9]*: //' "$scratch/err"; }

lines() {	# MARK NAME: one for each of them
	words >"$scratch/words"
	while read -r text; do
		line "$1" "$2" "$text"
	done <"$scratch/words"
}

see_config() {
	rc=0
	das-config check 2>"$scratch/err" || rc=$?
	if [ "$rc" -eq 0 ]; then
		lines -- config
		line ok config 'fit to use'
	else
		lines BAD config
	fi
	[ -z "${DAS_CLOCK:-}" ] ||
		line -- config 'DAS_CLOCK is set: the clock is not the real one'
}

# DNS, TLS and the network at once, by asking for a page.
see_services() {
	das-config probe >"$scratch/probe" 2>"$scratch/err" || true
	lines BAD services
	tail -n +2 "$scratch/probe" >"$scratch/rows"
	while IFS=$tab read -r key server _ answer; do
		case $answer in
		'HTTP 5'*) line -- "$key" "$server: $answer: in trouble; later, perhaps" ;;
		HTTP*) line ok "$key" "$server: $answer" ;;
		*) line BAD "$key" "$answer; das-main needs it" ;;
		esac
	done <"$scratch/rows"
	see_clock
}

# By the first that tells the time.  A clock that is off by quarters of an hour
# is one whose zone is wrong.
see_clock() {
	ahead=$(awk -F '\t' 'NR > 1 && $3 ~ /[0-9]/ { print $3; exit }' "$scratch/probe")
	zone="the zone of the machine is $(date +%Z), that of DAS always India's"
	[ -n "$ahead" ] || {
		line -- clock "nobody told the time; $zone"
		return 0
	}
	off=${ahead#-} way=fast
	[ "$ahead" = "$off" ] || way=slow
	if [ "$off" -le "$FAR" ]; then
		line ok clock "$off ms $way; $zone"
	elif [ "$off" -gt 800000 ] && [ "$off" -lt 50460000 ] &&
	    [ $(((off + 60000) % 900000)) -lt 120000 ]; then
		line BAD clock "$((off / 1000)) s $way: as if the zone was another \
one; timedatectl, then set zone and time"
	else
		line BAD clock "$((off / 1000)) s $way; timedatectl set-ntp true"
	fi
}

see_disk() {
	for key in spoolDir logDir lookupDir archiveDir; do
		at=$(das-config get $key)
		while [ ! -e "$at" ]; do at=$(dirname "$at"); done
		[ -d "$at" ] && [ -w "$at" ] ||
			line BAD "$key" "$at: cannot be written; chown or chmod it"
	done
	at=$spool
	while [ ! -e "$at" ]; do at=$(dirname "$at"); done
	free=$(df -Pm "$at" | awk 'NR == 2 { print $4 }')
	floor=$(das-config get diskFloorMegabytes)
	if [ "$free" -lt "$floor" ]; then
		line BAD disk "$free MB free for the spool, less than $floor \
(diskFloorMegabytes); make room"
	else
		line ok disk "$free MB free for the spool"
	fi
}

see_lists() {
	lookup=$(das-config get lookupDir)
	year=$(now +%Y)
	if grep -q "^$year-" "$lookup/tradingHolidays.csv" 2>/dev/null; then
		line ok holidays "the list has days of $year"
	else
		line -- holidays "no holiday of $year is known; das-main asks"
	fi
	n=$({ wc -l <"$lookup/lookupTables_Nifty500.csv"; } 2>/dev/null) || n=0
	if [ "$n" -gt 450 ]; then
		line ok shares "$((n - 1)) in the list"
	elif [ "$n" -eq 0 ]; then
		line -- shares 'no list yet; das-main makes it'
	else
		line BAD shares "$((n - 1)) in lookupTables_Nifty500.csv, too few; \
das-n500"
	fi
	made=$(TZ=IST-5:30 date -r "$lookup/instruments.tsv" +%F 2>/dev/null) || made=''
	case $made in
	'') line -- chosen 'no instruments yet; das-main makes the list' ;;
	*) line ok chosen "$(($(wc -l <"$lookup/instruments.tsv") - 1)) \
instruments, of $made" ;;
	esac
}

# das-tick -n logs nobody in: without a token there is nothing to see.
see_capture() {
	file=$(das-config get tokenFile)
	if [ ! -s "$file" ] || [ ! -s "$lookup/instruments.tsv" ]; then
		line -- token 'none yet; das-main logs in before the open'
		return 0
	fi
	rc=0
	das-tick -n >"$scratch/tick" 2>"$scratch/err" || rc=$?
	if [ "$rc" -eq 0 ]; then
		line ok token "the broker takes it: $(awk -F '\t' \
		    '$1 == "user" { print $2 }' "$scratch/tick")"
		line ok capture "$(awk -F '\t' '{ v[$1] = $2 }
		END { print v["confirmed"], "of", v["subscribed"],
		    "instruments come" }' "$scratch/tick")"
	elif [ "$rc" -eq 77 ] &&
	    [ "$(TZ=IST-5:30 date -r "$file" +%F)" != "$(now +%F)" ]; then
		line -- token 'is not of today; das-main logs in before the open'
	elif [ "$rc" -eq 77 ]; then
		lines BAD token
	else
		lines BAD capture
	fi
}

see_database() {
	rc=0
	das-query -s 10 sql 'SELECT 1' >"$scratch/out" 2>"$scratch/err" || rc=$?
	case $rc in
	0) line ok database "$(das-config get store)" ;;
	66) line -- database 'not there yet; das-lookup makes it' ;;
	*) lines BAD database ;;
	esac
}

see_mail() {
	if [ "$(das-config get mail)" = spool ]; then
		line ok mail 'stays in the outbox (mail = spool)'
	elif das-mail -n 2>"$scratch/err"; then
		line ok mail "the server takes our login: $(das-config get smtpUrl)"
	else
		lines BAD mail
	fi
}

doctor() {	# 0 or 1; ends with 78 without a configuration
	sick='' tab=$(printf '\t')
	scratch=$(mktemp -d) || exit 73
	trap 'rm -rf "$scratch"' EXIT
	trap 'exit 75' INT TERM HUP
	spool=$(das-config get spoolDir) || exit
	see_config
	see_disk
	see_services
	see_lists
	see_capture
	see_database
	see_mail
	[ -z "$(process_of main)" ] || line -- das-main 'is at work'
	[ -z "$sick" ]
}
