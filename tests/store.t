#!/bin/sh
# store.t - the unit tests of the store, which run over SQLite by themselves, over
# a MariaDB server
. "$(dirname "$0")/tap.sh"
. "$SRC/tests/spool.sh"
. "$SRC/tests/mariadb.sh"
db_start --local-infile=ON --innodb-lock-wait-timeout=1
db_user
cat >"$DAS_CONFIG" <<END
{"store": "mysql", "mysqlHost": "127.0.0.1", "mysqlPort": $DBPORT,
 "mysqlUser": "das", "mysqlPass": "secret", "nifty500DBName": "nse",
 "niftyOptionsDBName": "opt", "bankNiftyOptionsDBName": "opt",
 "sensexOptionsDBName": "opt", "accessTokenDBName": "nse"}
END
export DAS_STORE_SOCKET="$SOCK"
unset DAS_CLOCK
# suite PROGRAM WORDS: each of its tests is one of ours
suite() {
	CMOCKA_MESSAGE_OUTPUT=tap "$1" >"$1.tap" 2>"$1.err" && rc=0 || rc=$?
	sed -n "s/^ok [0-9]* - /ok - $2: /p; s/^not ok [0-9]* - /not ok - $2: /p" \
	    "$1.tap" >"$1.sub"
	[ -s "$1.sub" ] || echo "not ok - $2: no test ran" >"$1.sub"
	while read -r line; do
		n=$((n + 1))
		echo "$line" | sed "s/ok -/ok $n -/"
	done <"$1.sub"
	[ "$rc" = 0 ] || sed 's/^/# /' "$1.tap" "$1.err"
	is "$2: the program ends well" 0 0 echo "$rc"
}
suite store 'a server'; suite store_day 'LOAD DATA'
suite store_ltp 'LOAD DATA, ltp'
db_stop; db_start --local-infile=OFF --innodb-lock-wait-timeout=1 \
    --max-allowed-packet=1M --sql-mode= --character-set-server=utf8mb3
suite store_day 'inserted'; suite store_ltp 'inserted, ltp'
done_testing
