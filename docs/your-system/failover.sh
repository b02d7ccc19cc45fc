#!/bin/sh
# What this bank's operators do when the primary is gone: promote the replica and point the users at it.
set -eu
DIR=${DIR:-/tmp/your-system}
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
if [ "$(id -u)" -eq 0 ]; then as="setpriv --reuid=postgres --regid=postgres --clear-groups"; else as=""; fi
$as "$bin/psql" -q -h "$DIR" -p 25434 -U postgres -d bench -c "ALTER SYSTEM SET synchronous_standby_names = ''" -c "SELECT pg_promote()" >/dev/null ||
    { $as "$bin/psql" -q -h "$DIR" -p 25434 -U postgres -d bench -c "SELECT pg_promote()" >/dev/null; }
curl -fsS -X POST -d '{"upstream": "127.0.0.1:25434"}' 'http://127.0.0.1:28474/proxies/users-%3Ebank' >/dev/null
