#!/bin/sh
# galera.t - a cluster of three nodes: the one in use is killed, nothing is lost
. "$(dirname "$0")/tap.sh"
GALERA=/usr/lib/galera/libgalera_smm.so
# Debian has the script that a joining node needs in mariadb-server, which brings
# a server that starts by itself: it is not installed for a test.
for tool in mariadbd mariadb-install-db wsrep_sst_rsync rsync ss; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
[ -e $GALERA ] || { echo '1..0 # SKIP no galera-4'; exit 0; }
. "$SRC/tests/spool.sh"
. "$SRC/tests/page.sh"
# A joining node's rsync gives up root's rights: nobody runs the servers then.
as=
mkdir nodes
if [ "$(id -u)" = 0 ]; then
	as='runuser -u nobody --'
	chmod 711 "$T"; chown nobody nodes
fi
N=$T/nodes

# shellcheck disable=SC2046 # a list of numbers
set -- $(free_ports 12)
for i in 1 2 3; do
	eval "sql_$i=$1 wsrep_$i=$2 ist_$i=$3 sst_$i=$4"; shift 4
done
# shellcheck disable=SC2154 # of the eval
peers=127.0.0.1:$wsrep_1,127.0.0.1:$wsrep_2,127.0.0.1:$wsrep_3

# The settings of das-scale(7); the nodes have ports of one machine besides.
{
	echo '[mariadbd]'
	page das-scale.7 'Availability: Galera' 1 |
	    sed "s|gcomm://.*|gcomm://$peers|"
} >"$N/das.cnf"

# node I [OPTION...]: starts it and waits until it takes part
node() {
	i=$1; shift
	[ -d "$N/$i" ] || $as mariadb-install-db --no-defaults \
	    --datadir="$N/$i" --auth-root-authentication-method=normal \
	    --skip-test-db >install 2>&1 || { cat install >&2; exit 99; }
	eval "set -- \"\$sql_$i\" \"\$wsrep_$i\" \"\$ist_$i\" \"\$sst_$i\" \"\$@\""
	port=$1 wsrep=$2 ist=$3 sst=$4; shift 4
	$as mariadbd --defaults-file="$N/das.cnf" --datadir="$N/$i" \
	    --socket="$N/$i.sock" --port="$port" --bind-address=127.0.0.1 \
	    --pid-file="$N/$i.pid" --innodb-buffer-pool-size=64M \
	    --innodb-log-file-size=32M --performance-schema=OFF \
	    --local-infile=ON \
	    --wsrep-node-name="n$i" --wsrep-node-address="127.0.0.1:$wsrep" \
	    --wsrep-sst-receive-address="127.0.0.1:$sst" \
	    --wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$wsrep;ist.recv_addr=127.0.0.1:$ist;gcache.size=16M;pc.recovery=FALSE" \
	    "$@" >"n$i.log" 2>&1 &
	job=$!
	for _ in $(seq 600); do
		[ "$(at "$i" "SHOW STATUS LIKE 'wsrep_local_state_comment'" \
		    2>/dev/null)" = 'wsrep_local_state_comment	Synced' ] &&
		    return
		kill -0 $job 2>/dev/null || break
		sleep 0.1
	done
	tail -n 40 "n$i.log" | sed "s/^/# /"; exit 99
}
down() { kill -9 "$(cat "$N/$1.pid")"; sleep 0.2; }
at() { mariadb --no-defaults -S "$N/$1.sock" -u root -N -B -e "$2"; }
trap 'kill_all; kill -9 $(cat "$N"/*.pid) 2>/dev/null; wait; rm -rf "$T"' EXIT

node 1 --wsrep-new-cluster
node 2
node 3
at 1 "CREATE USER das@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO das@'%';
    CREATE USER das@localhost IDENTIFIED BY 'secret';
    GRANT ALL ON *.* TO das@localhost"
# shellcheck disable=SC2154 # of the eval
cat >"$DAS_CONFIG" <<END
{"store": "mysql", "mysqlUser": "das", "mysqlPass": "secret",
 "mysqlHost": "127.0.0.1:$sql_1,127.0.0.1:$sql_2,127.0.0.1:$sql_3",
 "retryCount": 60, "retryDelaySeconds": 1, "nifty500DBName": "nsedb",
 "niftyOptionsDBName": "optdb", "bankNiftyOptionsDBName": "optdb",
 "sensexOptionsDBName": "optdb", "accessTokenDBName": "tokens"}
END
instruments 50; segment 000001; rows 1 5000 50 >>"$TICKS/000001.tsv"
das-load -f -i 0 2>load.log &
p=$!
mine $p
# rows_at NODE: how many it has
rows_at() { at "$1" 'SELECT COUNT(*) FROM nsedb.dailytable' 2>/dev/null; }
# waits until NODE has N rows
reach() {
	for _ in $(seq 600); do
		[ "$(rows_at "$1")" = "$2" ] && return
		sleep 0.1
	done
	return 1
}
ok 'the first node takes the rows' reach 1 5000
ok 'and the others have them' reach 3 5000
down 1
rows 5001 10000 50 >>"$TICKS/000001.tsv"
ok 'the first is killed: the second goes on' reach 2 10000
node 1
ok 'the first comes back and has all' reach 1 10000
down 2
rows 10001 15000 50 >>"$TICKS/000001.tsv"
ok 'the second is killed: another goes on' reach 3 15000
node 2
: >"$TICKS/CLOSED"
wait $p && rc=0 || rc=$?
is 'das-load saw the day to its end' 0 0 echo "$rc"
for i in 1 2 3; do
	ok "node $i" reach $i 15000
	is "node $i: no row twice, none lost" 0 '15000	15000' at $i "SELECT
	    COUNT(*), (SELECT COUNT(DISTINCT volume) FROM nsedb.dailytable) FROM
	    nsedb.dailytable"
done
ok 'files the day' das-backup
for i in 1 2 3; do
	ok "dailytable is empty on node $i" reach $i 0
	is "and the tables are full there" 0 300 at $i \
	    'SELECT COUNT(*) FROM optdb.OPT7CE'
done
done_testing
