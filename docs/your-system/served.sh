#!/bin/sh
# Prints how many transactions the users were acknowledged within three seconds.
set -eu
: "${DIR:?is not set. Name the directory that up.sh was given}"
sum() { awk '{ sum += $1 } END { print sum + 0 }' "$DIR/acknowledged"; }
before=$(sum)
sleep 3
echo $(($(sum) - before))
