#!/bin/sh
# What this bank's operators do when the primary is gone: promote the replica and point the users at it.
set -eu
: "${DIR:?is not set. Name the directory that up.sh was given}"
. "$DIR/ports"
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
if [ "$(id -u)" -eq 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups"; else as=""; fi
$as "$bin/psql" -q -h "$DIR" -p "$replica" -U postgres -d bench -c "SELECT pg_promote()" >/dev/null
CHAOS=${CHAOS:-chaos}
"$CHAOS" proxy delete 'users->bank' --api "$api" >/dev/null
"$CHAOS" proxy create 'users->bank' --listen "127.0.0.1:$users" --upstream "127.0.0.1:$replica" --protocol postgres --api "$api" >/dev/null
