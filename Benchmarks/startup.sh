#!/usr/bin/env bash
# How long commands take to their first output: the median and the worst of 21 runs each, milliseconds.
# Usage: Benchmarks/startup.sh [CHAOS], by default the debug build. The aim is 100 ms (docs/design.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

chaos=${1:-.build/debug/chaos}
runs=21
commands=(
    '--version'
    '--help'
    'proxy run --help'
    'plugin list'
    'validate experiments/lost-commit-ack.json'
    'plan experiments/lost-commit-ack.json'
    'status'
    'proxy list --api http://127.0.0.1:1'
)

# Microseconds until the first byte, of stdout or stderr, can be read.
first_output() {
    local begin=${EPOCHREALTIME/[.,]/}
    { read -r -n 1 _ || true; printf '%s\n' "$((${EPOCHREALTIME/[.,]/} - begin))"; cat >/dev/null; } < <("$chaos" "$@" 2>&1 || true)
}

printf '%-45s %8s %8s\n' 'command' 'median' 'worst'
for command in "${commands[@]}"; do
    read -ra words <<<"$command"
    mapfile -t times < <(for ((run = 0; run < runs; run++)); do first_output "${words[@]}"; done | sort -n)
    printf '%-45s %5d.%d %5d.%d\n' "chaos $command" \
        $((times[runs / 2] / 1000)) $((times[runs / 2] / 100 % 10)) \
        $((times[runs - 1] / 1000)) $((times[runs - 1] / 100 % 10))
done
