#!/bin/sh
# Prints how many transactions the users were acknowledged within three seconds.
set -eu
DIR=${DIR:-/tmp/your-system}
sum() { awk '{ sum += $1 } END { print sum + 0 }' "$DIR/acknowledged"; }
before=$(sum)
sleep 3
echo $(($(sum) - before))
