# shellcheck shell=sh
# faults.sh - sourced behind tap.sh by tests of das-tick against das-sim --fault:
# both in a folder of their own for each case, so that all run at once.
day=2026-11-25

# instruments N: the broker's list and ours, N shares and an index.
instruments() {
	awk -v n="$1" 'BEGIN {
		print "instrument_token,exchange_token,tradingsymbol,name," \
		    "last_price,expiry,strike,tick_size,lot_size," \
		    "instrument_type,segment,exchange"
		print "256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE"
		for (i = 1; i <= n; i++)
			printf "%d,%d,S%d,SHARE %d,0,,0,0.05,1,EQ,NSE,NSE\n",
			    i * 256 + 1, i, i, i
	}' >"$T/dump"
	awk -F , -v OFS='\t' 'NR == 1 {
		print "instrument_token", "exchange", "segment",
		    "tradingsymbol", "symbol", "name", "kind", "expiry",
		    "strike", "lot_size", "tick_size", "divisor", "TableName",
		    "dbName"
		next
	} {
		print $1, "NSE", $11, $3, $3, $4,
		    $11 == "NSE" ? "EQ" : "index", "\\N", "\\N", 1, 0.05, 100,
		    "T" $1, "db"
	}' "$T/dump" >"$T/instruments.tsv"
}
instruments 50

# begin NAME TIME SPEED CLOSE OPTION...: das-sim and das-tick in a folder of
# their own, which is where we are then; $keys goes into the configuration.
keys=
begin() {
	mkdir -p "$T/$1/lookup"
	cd "$T/$1" || exit 99
	DAS_CLOCK="${day}T$2+05:30@$3/$(date +%s.%N)"; export DAS_CLOCK
	close="\"marketCloseHour\": ${4%:*}, \"marketCloseMinute\": ${4#*:}"
	shift 4
	das-sim --port-file port --write-config sim.json --stats stats \
	    --instruments "$T/dump" "$@" 2>sim.err & echo $! >sim.pid
	mine $!
	wait_for 9 test -s port || { cat sim.err; exit 99; }
	sed "s|\"dataDir\"|$keys$close, &|" sim.json >c.json
	chmod 600 c.json
	cp "$T/instruments.tsv" lookup
	das-token -c c.json
	das-tick -c c.json -w raw.cap 2>words & echo $! >pid
	mine $!
}
at_max() {	# NAME FAULT...: the whole day, as fast as it is taken
	at_max=$1; shift
	for fault; do set -- "$@" --fault "$fault"; shift; done
	begin "$at_max" 09:15:00 1 15:35 -x max --rate 1 "$@"
}
figure() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' stats; }
status() { awk -F '\t' -v k="$1" '$1 == k { print $2 }' spool/$day/status.tsv; }
rows() { cat spool/$day/ticks/*.tsv | grep -v '^seq'; }
has_all() { [ "$(figure state)" = closed ] &&
    [ "$(figure ticks_sent)" = "$(status ticks)" ]; }
# look NAME: ends that one's processes, when all was sent or its time is over;
# the status of das-tick is in $ended.  We are in its folder then.
look() {
	cd "$T/$1" || exit 99
	read -r tick <pid
	if [ "${2-}" = wait ]; then
		wait "$tick" && ended=0 || ended=$?
	else
		wait_for 20 has_all
		kill "$tick"
		wait "$tick" && ended=0 || ended=$?
	fi
	read -r sim <sim.pid
	kill "$sim"
	wait "$sim"
}
# What must be true whatever went wrong; says what is not.
whole() {
	rows >all
	set -- "ticks $(figure ticks_sent)" "ticks $(status ticks)" \
	    "ticks $(grep -c '' all)" "ticks $(tail -n 1 all | cut -f 1)" \
	    "frames $(figure frames_sent)" "frames $(status frames)" \
	    "rejects $(figure frames_bad_sent)" "rejects $(status rejects)" \
	    "texts $(figure texts_sent)" "texts $(status texts)"
	while [ $# -gt 0 ]; do
		[ "${1%% *}" != "${2%% *}" ] || [ "$1" = "$2" ] || echo "$1, $2"
		shift
	done
	[ "$(status ticks)" -gt 0 ] || echo 'no ticks'
	das-tick -c c.json -r raw.cap -o raw.tsv 2>raw.words
	sed 1d raw.tsv | cmp - all
	[ "$(status rejects)" != 0 ] || return 0
	# the rows of the rejects are rows of the day, but for number and flag
	das-tick -c c.json -r spool/$day/rejects.bin -o rejects.tsv 2>again
	grep -q "das-tick: $(status rejects) of $(status rejects) frames" again ||
	    cat again
	cut -f 2,3,5- all | sort >all.sorted
	sed 1d rejects.tsv | cut -f 2,3,5- | sort | comm -23 - all.sorted
}
# gaps COLUMN...: of the ledger, a line each gap; but for those of a late start
# and of an end before the close, which are the test's own.
gaps() {
	awk -F '\t' -v names="$*" 'NR == 1 {
		n = split(names, want, " ")
		for (i = 1; i <= NF; i++)
			col[$i] = i
		next
	} $col["cause"] !~ /^(late|stopped)$/ {
		for (i = 1; i <= n; i++)
			printf "%s%s", $col[want[i]], i < n ? "\t" : "\n"
	}' spool/$day/gaps.tsv
}
