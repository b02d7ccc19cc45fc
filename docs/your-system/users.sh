#!/bin/sh
# Four users of a bank, who come back after every failure; the transactions that were acknowledged to them are counted.
set -u
DIR=$1
bin=$2
port=$3
: >"$DIR/acknowledged"
while :; do
    # pgbench says how many transactions were acknowledged, also when connections broke.
    "$bin/pgbench" -n -c 4 -T 1 -h 127.0.0.1 -p "$port" -U postgres bench 2>/dev/null |
        sed -nE 's/^number of transactions actually processed: ([0-9]+).*/\1/p' >>"$DIR/acknowledged"
    sleep 0.1
done
