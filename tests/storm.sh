# shellcheck shell=sh
# storm.sh - sourced behind tap.sh by tests that end das-tick without warning
# under load: a ticker whose every packet says where it belongs, by oi on which
# connection it was sent and by volume which packet of it it is.
TOKENS=50			# packets of a message
day=2026-11-25
ticks=spool/$day/ticks
began=$(date +%s.%N)
DAS_CLOCK="${day}T09:15:00+05:30@1/$began"
export DAS_CLOCK

mkdir lookup spool
awk -v n=$TOKENS 'BEGIN {
	print "instrument_token\texchange\tsegment\ttradingsymbol\tsymbol\tname\t" \
	    "kind\texpiry\tstrike\tlot_size\ttick_size\tdivisor\tTableName\tdbName"
	for (i = 1; i <= n; i++)
		printf "%d\tNSE\tNSE\tS%d\tS%d\tS%d\tEQ\t\\N\t\\N\t1\t0.05\t" \
		    "100\tS%d\tdb\n", i * 256 + 1, i, i, i, i
}' >lookup/instruments.tsv
printf 'timestamp\tuser_id\taccess_token\n%s 08:40:00\tAB1234\tx\n' $day >token

# storm N MS: starts it; N messages, a pause, for ever.  The first message is
# one that does not decode.
storm() {
	{
		echo 'wait 2'
		echo 'binary 0002 0003 010203'
		echo "storm $1 $2 $(cut -f 1 lookup/instruments.tsv | sed 1d |
		    paste -sd ' ')"
	} >script
	badticker port script log & mine $!
	wait_for 5 test -f port || exit 99
	cat >c.json <<-END
	{"apiKey": "key", "kiteTickerUrl": "ws://127.0.0.1:$(cut -f 2 port)",
	 "marketCloseHour": 15, "marketCloseMinute": 35, "dataDir": "$T",
	 "tokenFile": "$T/token", "store": "sqlite"}
	END
	chmod 600 c.json
}

# in_place: the number of rows when all are whole, numbered without a hole and
# on each connection the first ones that were sent; else the first that is not.
# edges gets the last row's time of a segment and the first's of the next.
in_place() {
	: >edges
	awk -F '\t' -v tokens=$TOKENS '
	FNR == 1 { first = 1; next }		# a header
	{ seq++ }
	NF != 52 || $52 != "0" || $8 != "157.37" {
		print FILENAME ":" FNR ": is torn: " $0
		exit
	}
	$1 != seq {
		print FILENAME ":" FNR ": number " $1 ", wanted " seq
		exit
	}
	$20 != conn {		# another connection: its first packet
		if ($20 < conn) {
			print FILENAME ":" FNR ": connection " $20 \
			    " behind " conn
			exit
		}
		conn = $20
		place = 0
	}
	$11 != 1000 + place || $5 != (place % tokens + 1) * 256 + 1 {
		print FILENAME ":" FNR ": packet " $11 - 1000 \
		    " of connection " conn ", wanted " place
		exit
	}
	first && seq > 1 { print was "\t" $2 >"edges" }
	{ place++; was = $2; first = 0 }
	END { print seq + 0 }' "$ticks"/*.tsv
}

# dead_times: those in edges that gaps.tsv has no gap for
dead_times() {
	awk -F '\t' '
	FNR == 1 && NR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
	NR == FNR {
		if ($col["cause"] == "killed") {
			from[++n] = $col["from"]
			to[n] = $col["to"]
		}
		next
	}
	{
		for (i = 1; i <= n && !(from[i] <= $1 && to[i] >= $2); i++)
			;
		if (i > n)
			print "no gap from " $1 " to " $2
	}' "spool/$day/gaps.tsv" edges
}

# settle: das-tick once more, which mends what the last one left, until it has rows
settle() {
	segments=$(find "$ticks" -name '*.tsv' | wc -l)
	das-tick -c c.json 2>>words & tick=$!
	mine $tick
	newest=$(printf '%s/%06d.tsv' "$ticks" $((segments + 1)))
	wait_for 9 sh -c "tail -n 1 $newest | grep -q '^[0-9]'" || return 1
	kill -KILL $tick
	wait $tick 2>/dev/null || [ $? -eq 137 ]
}
