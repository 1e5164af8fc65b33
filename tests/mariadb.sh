# shellcheck shell=sh
# mariadb.sh - sourced behind tap.sh and spool.sh: a MariaDB server of our own,
# in the test's directory and on a free port, and the configuration to use it.
if ! command -v mariadbd >/dev/null || ! command -v mariadb-install-db >/dev/null
then
	echo '1..0 # SKIP no mariadbd here: Debian has it in mariadb-server-core'
	exit 0
fi
DB=$T/db SOCK=$T/db.sock
# its own tables want a user that exists; root only if we are
DBUSER=$(id -un)

dbpid=
trap '[ -z "$dbpid" ] || { kill -9 $dbpid; wait $dbpid; } 2>/dev/null
    kill_all; chmod -R u+w "$T"; rm -rf "$T"' EXIT

# A server that is killed has what the kernel has: it need not wait for the disk.
nosync='--innodb-flush-method=nosync --debug-no-sync'

# db_start [OPTION...]: starts the server, again after db_kill
db_start() {
	# shellcheck disable=SC2086 # two options
	[ -d "$DB" ] || install_db "$DB" $nosync
	: "${DBPORT:=$(free_ports 1)}"
	# shellcheck disable=SC2086
	mariadbd --no-defaults --user="$DBUSER" --datadir="$DB" \
	    --socket="$SOCK" --port="$DBPORT" --bind-address=127.0.0.1 \
	    --pid-file="$T/db.pid" --innodb-buffer-pool-size=64M \
	    --innodb-log-file-size=32M --innodb-flush-log-at-trx-commit=2 \
	    --performance-schema=OFF $nosync "$@" >>db.log 2>&1 &
	dbpid=$!
	for _ in $(seq 600); do
		mariadb --no-defaults -S "$SOCK" -u root -e "SELECT 1" \
		    >/dev/null 2>&1 && return
		kill -0 "$dbpid" || break
		sleep 0.1
	done
	tail -n 20 db.log >&2; exit 99
}
db_stop() { kill "$dbpid"; wait "$dbpid" || true; dbpid=; }
db_kill() { kill -9 "$dbpid"; wait "$dbpid" 2>/dev/null || true; dbpid=; }

# msql SQL [DATABASE]: as root, rows with | between
msql() {
	mariadb --no-defaults -S "$SOCK" -u root -N -B -e "$1" ${2:+"$2"} |
	    tr '\t' '|'
}

# a user as one would make him, and the configuration
db_user() {
	msql "CREATE OR REPLACE USER das@'%' IDENTIFIED BY 'secret';
	    CREATE OR REPLACE USER das@localhost IDENTIFIED BY 'secret'"
	for host in '%' localhost; do
		msql "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX,
		    ALTER, CREATE VIEW, SHOW VIEW, LOCK TABLES ON *.* TO
		    das@'$host'"
	done
	cat >"$DAS_CONFIG" <<-END
	{"store": "mysql", "mysqlHost": "127.0.0.1", "mysqlPort": $DBPORT,
	 "mysqlUser": "das", "mysqlPass": "secret", "retryCount": 2,
	 "retryDelaySeconds": 0, "nifty500DBName": "nsedb",
	 "niftyOptionsDBName": "optdb", "bankNiftyOptionsDBName": "optdb",
	 "sensexOptionsDBName": "optdb", "accessTokenDBName": "tokens"}
	END
	chmod 600 "$DAS_CONFIG"
}
