#!/bin/sh
# Prints how many acknowledged transactions the given server (primary or replica) does not have; 0 is what a bank wants.
set -eu
: "${DIR:?is not set. Name the directory that up.sh was given}"
. "$DIR/ports"
case $1 in replica) port=$replica ;; *) port=$primary ;; esac
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
stored=$("$bin/psql" -AtX -h "$DIR" -p "$port" -U postgres -d bench -c "SELECT count(*) FROM pgbench_history")
acknowledged=$(awk '{ sum += $1 } END { print sum + 0 }' "$DIR/acknowledged")
[ "$acknowledged" -gt "$stored" ] && echo $((acknowledged - stored)) || echo 0
