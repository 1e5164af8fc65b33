# shellcheck shell=sh
# realday.sh - sourced: a real day's ticks as a capture, for the bench
#
# From ../shared/data/ticks/upstox-full_d5-*: five levels of 13 instruments, one
# whole session.  Upstox sends no numbers of orders (they are 0), no exchange time
# (the recorder's second stands in) and no range of the open interest (it is made
# from what came before).

# realday DIR: rows of time, connection, b and the frame in hex for mkcapture
realday() {
	sed 1d "$1/INDEX.csv" | while IFS=, read -r name _ _ token _; do
		zcat "$1/$name.csv.gz" | sed 1d | sed "s/^/$token,/"
	done | sort -s -t , -k 2,2 | awk -F , '
		function u4(v) { return sprintf("%08x", v) }
		function paise(v) { return sprintf("%08x", v * 100 + 0.5) }
		function level(q, p) { return u4(q) paise(p) "00000000" }
		{
			token = $1
			split($2, t, /[-: .]/)
			day = t[1] "-" t[2] "-" t[3]
			if (day != was) {	# days since 1970
				y = t[1] - (t[2] <= 2)
				m = t[2] + (t[2] <= 2 ? 12 : 0)
				days = 365 * y + int(y / 4) - int(y / 100)
				days += int(y / 400) + int((153 * (m - 3) + 2) / 5)
				days += t[3] - 719469
				was = day
			}
			exch = days * 86400 + t[4] * 3600 + t[5] * 60 + t[6] - 19800
			if (!(token in hi) || $9 > hi[token])
				hi[token] = $9 + 0
			if (!(token in lo) || $9 < lo[token])
				lo[token] = $9 + 0
			out = "000100b8" u4(token) paise($4) u4($5) paise($7) u4($8) \
			    u4($11) u4($12) paise($18) paise($19) paise($20) \
			    paise($6) u4(int($3 / 1000)) u4($9) u4(hi[token]) \
			    u4(lo[token]) u4(exch)
			for (i = 0; i < 5; i++)
				out = out level($(30 + 4 * i), $(31 + 4 * i))
			for (i = 0; i < 5; i++)
				out = out level($(32 + 4 * i), $(33 + 4 * i))
			printf "%sT%s.%s+05:30 1 b %s\n", day, substr($2, 12, 8), \
			    t[7] == "" ? "0" : t[7], out
		}'
}
