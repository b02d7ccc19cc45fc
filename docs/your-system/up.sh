#!/bin/sh
# A PostgreSQL with a streaming replica and pgbench as its users, in a throwaway directory: the "system that is not ours".
#   DIR      where everything lives (default /tmp/your-system)
#   CHAOS    the program (default chaos)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
DIR=${DIR:-/tmp/your-system}
CHAOS=${CHAOS:-chaos}
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# PostgreSQL refuses to run as root.
if [ "$(id -u)" -eq 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups"; else as=""; fi
[ ! -e "$DIR" ] || { echo "$DIR is there already. Run down.sh first." >&2; exit 1; }
mkdir -p "$DIR"
[ -z "$as" ] || chown postgres: "$DIR"
cd "$DIR"

$as "$bin/initdb" --no-sync -A trust -U postgres -D "$DIR/primary" >"$DIR/initdb.log"
start() { # data directory, port, more settings
    $as "$bin/pg_ctl" -w -D "$DIR/$1" -l "$DIR/$1.log" -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$DIR $3" start >/dev/null
}
start primary 25432 ""
$as "$bin/createdb" -h "$DIR" -p 25432 -U postgres bench
$as "$bin/pgbench" -q -i -s 2 -h "$DIR" -p 25432 -U postgres bench 2>"$DIR/pgbench-init.log"

# The proxy carries both links: users to the primary, and the replica to the primary.
"$CHAOS" proxy serve --port 28474 --config "$here/proxies.json" >"$DIR/proxy.log" 2>&1 &
echo $! >"$DIR/proxy.pid"
n=0
until "$CHAOS" proxy list --api http://127.0.0.1:28474 >/dev/null 2>&1; do
    n=$((n + 1))
    [ "$n" -lt 100 ] || { cat "$DIR/proxy.log" >&2; exit 1; }
    sleep 0.1
done

$as "$bin/pg_basebackup" --checkpoint=fast -R -C -S replica -D "$DIR/replica" -d "host=127.0.0.1 port=26433 user=postgres application_name=replica"
# With a synchronous replica no acknowledged transaction is lost when the primary dies. SYNCHRONOUS=no shows what happens without.
if [ "${SYNCHRONOUS:-yes}" = yes ]; then
    $as "$bin/psql" -q -h "$DIR" -p 25432 -U postgres -d bench -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" >/dev/null
fi
start replica 25434 ""

setsid $as sh "$here/users.sh" "$DIR" "$bin" >"$DIR/users.log" 2>&1 &
echo $! >"$DIR/users.pid"
echo "A primary (25432), a replica (25434) and the users of a bank run in $DIR; the proxy's API is http://127.0.0.1:28474."
