# shellcheck shell=sh
# page.sh - sourced behind tap.sh: what a manual page tells to run is run

# page FILE SECTION N: the Nth literal text of a section (.Sh, .Ss) of man/FILE
page() {
	awk -v want="$2" -v n="$3" '/^\.S[sh]/ { on = substr($0, 5) == want; next }
		on && /^\.Bd/ { k++; inside = 1; next }
		/^\.Ed/ { inside = 0 }
		on && inside && k == n' "$SRC/man/$1"
}
