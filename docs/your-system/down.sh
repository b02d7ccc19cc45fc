#!/bin/sh
# Stops everything that up.sh started, and removes the directory.
set -u
: "${DIR:?is not set. Name the directory that up.sh was given}"
for name in users proxy; do
    if [ -e "$DIR/$name.pid" ]; then
        # The users run in a session of their own.
        [ "$name" = users ] && kill -- "-$(cat "$DIR/users.pid")" 2>/dev/null
        kill "$(cat "$DIR/$name.pid")" 2>/dev/null
    fi
done
for name in replica primary; do
    if [ -e "$DIR/$name/postmaster.pid" ]; then
        server=$(head -n 1 "$DIR/$name/postmaster.pid")
        kill -QUIT "$server" 2>/dev/null
        while kill -0 "$server" 2>/dev/null; do sleep 0.1; done
    fi
done
rm -rf "$DIR"
