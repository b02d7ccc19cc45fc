#!/bin/sh
# A PostgreSQL with a streaming replica and pgbench as its users, in a directory of its own: the "system that is not ours".
#   DIR          where everything lives: an empty directory with a short path
#   CHAOS        the program (default chaos)
#   SYNCHRONOUS  no: commits do not wait for the replica
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${DIR:?is not set. Name an empty directory: export DIR=\$(mktemp -d)}"
CHAOS=${CHAOS:-chaos}
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# PostgreSQL refuses to run as root.
if [ "$(id -u)" -eq 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups"; else as=""; fi
[ -z "$(ls "$DIR")" ] || { echo "$DIR is not empty. Run down.sh first, or name another." >&2; exit 1; }
[ -z "$as" ] || chown postgres: "$DIR"
cd "$DIR"

# Starts a server on a port that nobody else has, which it leaves in $port.
start() { # data directory
    for attempt in 1 2 3 4 5; do
        port=$((10000 + $(od -An -N2 -tu2 /dev/urandom) % 10000))
        if $as "$bin/pg_ctl" -w -D "$DIR/$1" -l "$DIR/$1.log" \
            -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$DIR" start >/dev/null; then return; fi
    done
    tail -n 20 "$DIR/$1.log" >&2
    exit 1
}
# Carries a link through the proxy, and prints the port at which it listens.
carry() { # name, protocol
    "$CHAOS" proxy create "$1" --listen 127.0.0.1:0 --upstream "127.0.0.1:$primary" --protocol "$2" --api "$api" --json |
        sed -nE 's/.*"listen": *"127\.0\.0\.1:([0-9]+)".*/\1/p'
}

$as "$bin/initdb" --no-sync -A trust -U postgres -D "$DIR/primary" >"$DIR/initdb.log"
start primary
primary=$port
$as "$bin/createdb" -h "$DIR" -p "$primary" -U postgres bench
$as "$bin/pgbench" -q -i -s 2 -h "$DIR" -p "$primary" -U postgres bench 2>"$DIR/pgbench-init.log"

# The proxy carries both links: users to the primary, and the replica to the primary.
"$CHAOS" proxy serve --port 0 >"$DIR/proxy.log" 2>&1 &
echo $! >"$DIR/proxy.pid"
n=0
until api=$(grep -oE 'http://127\.0\.0\.1:[0-9]+' "$DIR/proxy.log"); do
    n=$((n + 1))
    [ "$n" -lt 100 ] || { cat "$DIR/proxy.log" >&2; exit 1; }
    sleep 0.1
done
users=$(carry 'users->bank' postgres)
replication=$(carry 'replica->bank' tcp)

$as "$bin/pg_basebackup" --checkpoint=fast -R -C -S replica -D "$DIR/replica" \
    -d "host=127.0.0.1 port=$replication user=postgres application_name=replica"
# With a synchronous replica no acknowledged transaction is lost when the primary dies.
if [ "${SYNCHRONOUS:-yes}" = yes ]; then
    $as "$bin/psql" -q -h "$DIR" -p "$primary" -U postgres -d bench \
        -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" >/dev/null
fi
start replica
replica=$port

# What the other scripts and the experiments need to know.
for name in primary replica users replication api; do eval "echo $name=\$$name"; done >ports
mkdir experiments
for file in system.json experiments/lost-acknowledgements.json experiments/primary-killed.json experiments/replica-away.json; do
    sed -e "s|/tmp/your-system|$DIR|g" -e "s|docs/your-system/system.json|$DIR/system.json|" -e "s|http://127.0.0.1:28474|$api|" \
        -e "s/25432/$primary/g" -e "s/25434/$replica/g" -e "s/26432/$users/g" -e "s/26433/$replication/g" "$here/$file" >"$file"
done

setsid $as sh "$here/users.sh" "$DIR" "$bin" "$users" >"$DIR/users.log" 2>&1 &
echo $! >"$DIR/users.pid"
echo "A primary ($primary), a replica ($replica) and the users of a bank run in $DIR; the proxy's API is $api."
