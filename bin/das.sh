# shellcheck shell=sh
# das.sh - what the shell programs of DAS share; read by them, never run

# The market's time as the tools see it: DAS_CLOCK is obeyed as clk.h has it.
now() {	# FORMAT
	if [ -z "${DAS_CLOCK:-}" ]; then
		TZ=IST-5:30 date "$1"
		return
	fi
	speed=1
	case ${DAS_CLOCK%/*} in
	*@*) speed=${DAS_CLOCK%/*} speed=${speed#*@} ;;
	esac
	TZ=IST-5:30 date -d "@$(awk -v at="$(date -d "${DAS_CLOCK%%[@/]*}" +%s)" \
	    -v speed="$speed" -v anchor="${DAS_CLOCK##*/}" \
	    -v real="$(date +%s.%N)" \
	    'BEGIN { printf "%d\n", at + (real - anchor) * speed }')" "$1"
}

# One clock for all that is started from here.
anchor_clock() {
	case ${DAS_CLOCK:-/} in
	*/*) ;;
	*) DAS_CLOCK=$DAS_CLOCK/$(date +%s.%N); export DAS_CLOCK ;;
	esac
}

# ---- processes ----

# When the process began, in ticks of the system's clock; nothing when there is
# none, or only what its parent has not asked for yet.  A process id is used
# again, both together never.
born() {	# PID
	{ sed 's/.*) //' "/proc/$1/stat" |
	    awk '$1 !~ /[ZX]/ { print $20 }'; } 2>/dev/null
}

# The process id that is in a lock file, if that process has the file open: who
# takes a lock writes its id there and keeps the file open to its end, so an id
# of the past is never believed.  The lock itself is not touched: that would keep
# out, for a moment, who wants it.
holder() {	# LOCK-FILE
	[ -f "$1" ] || return 0
	{ read -r holder_pid <"$1"; } 2>/dev/null || return 0
	case $holder_pid in '' | *[!0-9]*) return 0 ;; esac
	if [ -d "/proc/$holder_pid" ] && [ ! -r "/proc/$holder_pid/fd" ]; then
		# another user's: its name has to do
		case $(cat "/proc/$holder_pid/comm") in
		das-*) echo "$holder_pid" ;;
		esac
	elif [ -n "$(find -L "/proc/$holder_pid/fd" -maxdepth 1 -samefile "$1" \
	    2>/dev/null)" ]; then
		echo "$holder_pid"
	fi
}

# ---- services ----

# $spool and $day are set.  The services of a day, and what each is called.
helpers='load ltp greeks live cast'

tool_of() {
	case $1 in
	ltp) echo 'das-load ltp' ;;
	live) echo 'das-greeks -l' ;;
	*) echo "das-$1" ;;
	esac
}

# The port that castListen names first; nothing where there is none.
cast_port() {
	das-config get castListen | sed -n '1s/.*://p'
}

lock_of() {	# SERVICE
	case $1 in
	main) echo "$spool/.das-main.lock" ;;
	tick) echo "$spool/$day/ticks/.lock" ;;
	load) echo "$spool/$day/.load" ;;
	ltp) echo "$spool/$day/.load-ltp" ;;
	greeks) echo "$spool/$day/ltp/.lock" ;;
	live) echo "$spool/$day/live/.lock" ;;
	cast) echo "$spool/.das-cast-$(cast_port).lock" ;;
	esac
}

# Its process, nothing when it does not run.  das-backup too holds the lock of
# das-load.
process_of() {	# SERVICE
	process=$(holder "$(lock_of "$1")")
	[ -n "$process" ] || return 0
	[ "$1" != load ] ||
	    [ "$(cat "/proc/$process/comm" 2>/dev/null)" != das-backup ] || return 0
	echo "$process"
}

# Real seconds since a process began.
seconds_of() {	# BORN
	awk -v born="$1" -v hz="$(getconf CLK_TCK)" \
	    '{ printf "%d\n", $1 - born / hz }' /proc/uptime
}
