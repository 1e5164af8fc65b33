# shellcheck shell=sh
# tap.sh - sourced by every tests/*.t, which then runs in an empty directory.
#
# SRC is the checkout, SHARED the folder of real data beside it (may be absent).
SRC=$(cd "$(dirname "$0")/.." && pwd)
SHARED=${SHARED:-$SRC/../shared/data}
PATH=$PATH:$SRC/build/tests	# badserver, where make check has not put it
export SRC SHARED PATH
unset DAS_CONFIG DAS_CLOCK
T=$(mktemp -d) && cd "$T" || exit 99
trap 'kill_all; chmod -R u+w "$T"; rm -rf "$T"' EXIT
n=0 pids=

# Remembers a process in the background, to be ended with the test.
mine() { pids="$pids $1"; }
kill_all() {
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill $pids 2>/dev/null || true
}

# is NAME WANTED_STATUS WANTED_STDOUT COMMAND...
is() {
	name=$1 want=$2 text=$3; shift 3
	got=$("$@" 2>err) && rc=0 || rc=$?
	n=$((n + 1))
	if [ "$rc" = "$want" ] && [ "$got" = "$text" ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\n' "status $rc, wanted $want" "$got" "--- wanted" \
		    "$text" "--- stderr" | cat - err | sed 's/^/# /'
	fi
}

# fails NAME WANTED_STATUS WORDS COMMAND...: stderr must have WORDS in it
fails() {
	name=$1 want=$2 words=$3; shift 3
	"$@" >out 2>err && rc=0 || rc=$?
	n=$((n + 1))
	if [ "$rc" = "$want" ] && grep -qF -- "$words" err; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\n' "status $rc, wanted $want" "--- wanted on stderr" \
		    "$words" "--- stderr" | cat - err | sed 's/^/# /'
	fi
}

# ok NAME COMMAND...: the command succeeds
ok() {
	name=$1; shift
	"$@" >out 2>err && rc=0 || rc=$?
	n=$((n + 1))
	if [ "$rc" = 0 ]; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "status $rc" | cat - out err | tail -n 40 | sed 's/^/# /'
	fi
}

skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
done_testing() { echo "1..$n"; }

# install_db DIR [OPTION...]: a data directory of MariaDB. It is tried three times:
# now and then its bootstrap ends without a cause that it names.
install_db() {
	made=$1; shift
	for _ in 1 2 3; do
		mariadb-install-db --no-defaults --datadir="$made" \
		    --auth-root-authentication-method=normal --skip-test-db \
		    --user="$(id -un)" "$@" >install 2>&1 && return
		{ echo "mariadb-install-db ended with $?:"; cat install; } >&2
		rm -rf "$made"
		sleep 2
	done
	exit 99
}

# free_ports N: so many ports of loopback that nobody listens on. They are below
# those that the kernel hands out by itself (32768 and up), so that no connection
# and no server on port 0 takes one before ours does.
free_ports() {
	perl -MIO::Socket::INET -e 'my ($want, %s) = shift;
	    for (1 .. 1000) {
		last if keys %s == $want;
		my $p = 15000 + int rand 17000;
		$s{$p} //= IO::Socket::INET->new(LocalAddr => "127.0.0.1",
		    LocalPort => $p, Listen => 1) or delete $s{$p};
	    }
	    print "$_\n" for keys %s' "$1"
}

# wait_for SECONDS COMMAND...: until the command succeeds; its end is bounded
wait_for() {
	left=$(($1 * 20)); shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.05
	done
}
