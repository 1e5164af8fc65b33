# shellcheck shell=sh
# servers.sh - sourced behind tap.sh and spool.sh: several MariaDB servers of our
# own, in the test's directory and on free ports.
trap 'kill_all; wait; chmod -R u+w "$T"; rm -rf "$T"' EXIT

# server I [OPTION...]: one more, its port in port_I, its process in pid_I; again
# after down I
server() {
	i=$1; shift
	[ -d "$T/d$i" ] || fresh=yes
	[ -d "$T/d$i" ] || install_db "$T/d$i"
	eval "port=\${port_$i:-}"
	: "${port:=$(free_ports 1)}"
	eval "port_$i=$port"
	mariadbd --no-defaults --user="$(id -un)" --datadir="$T/d$i" \
	    --socket="$T/$i.sock" --port="$port" --bind-address=127.0.0.1 \
	    --pid-file="$T/$i.pid" --innodb-buffer-pool-size=64M \
	    --innodb-log-file-size=32M --performance-schema=OFF \
	    --local-infile=ON "$@" >>"$i.log" 2>&1 &
	eval "pid_$i=$!"
	mine $!
	up=
	for _ in $(seq 600); do
		at "$i" 'SELECT 1' >/dev/null 2>&1 && { up=yes; break; }
		kill -0 $! 2>/dev/null || break
		sleep 0.1
	done
	[ -n "$up" ] || { tail -n 20 "$i.log" >&2; exit 99; }
	[ -n "${fresh:-}" ] || return 0
	fresh=
	at "$i" "CREATE USER das@'%' IDENTIFIED BY 'secret';
	    GRANT ALL ON *.* TO das@'%'; CREATE USER das@localhost IDENTIFIED BY
	    'secret'; GRANT ALL ON *.* TO das@localhost" || exit 99
}
at() { mariadb --no-defaults -S "$T/$1.sock" -u root -N -B -r -e "$2"; }
down() { eval "kill -9 \$pid_$1; wait \$pid_$1" 2>/dev/null || true; }
