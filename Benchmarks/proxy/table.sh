# Medians of the results as a Markdown page; sourced by bench.

rows=(
    "pgbench-1|pgbench -S prepared, 1 client|tps"
    "pgbench-16|pgbench -S prepared, 16 clients|tps"
    "pgbench-64|pgbench -S prepared, 64 clients|tps"
    "ping-1|1 byte there and back, p50|µs"
    "ping-1-p99|1 byte there and back, p99|µs"
    "ping-256|1 byte on 256 connections|operations/s"
    "bulk-1|bulk, 1 stream|GB/s"
    "bulk-8|bulk, 8 streams|GB/s"
    "connect|connections, 64 at once|connections/s"
    "memory|memory of an idle connection|KiB"
    "delay-p50|latency toxic of 100 ms, error p50|ms"
    "delay-p99|latency toxic of 100 ms, error p99|ms"
)

median() { # WORK SUBJECT COLUMN
    awk -F '\t' -v work="$1" -v subject="$2" -v column="$3" '$1 == work && $2 == subject { print $column }' "$results" |
        sort -g | awk '{ value[NR] = $1 } END { if (NR) print (value[int((NR + 1) / 2)] + value[int((NR + 2) / 2)]) / 2 }'
}
rounded() { awk -v x="$1" 'BEGIN { printf((x >= 100) ? "%.0f" : (x >= 10) ? "%.1f" : "%.2f", x) }'; }
cell() {
    local value cpu
    value=$(median "$1" "$2" 3) cpu=$(median "$1" "$2" 4)
    if [[ -z $value ]]; then printf ' – |'; return; fi
    printf ' %s' "$(rounded "$value")"
    if awk -v cpu="$cpu" 'BEGIN { exit(cpu <= 0) }'; then printf ' (%s)' "$(rounded "$cpu")"; fi
    printf ' |'
}

# against WORK COLUMN UNIT: ours against the strongest of the others, round by round; above 1: ours is better.
# The median and, in brackets, the middle half of the rounds: where 1 lies within it, the two are even on this machine.
against() {
    awk -F '\t' -v work="$1" -v column="$2" -v unit="$3" '
        $1 == work && $2 !~ /^(direct|chaos-watch)$/ { value[$2, ++rounds[$2]] = $column }
        function at(share,   place) { place = 1 + share * (n - 1); return sorted[int(place + 0.5)] }
        END {
            for (other in rounds) if (other != "chaos") {
                n = 0
                for (i = 1; i <= rounds[other] && i <= rounds["chaos"]; i++) {
                    ours = value["chaos", i]; theirs = value[other, i]
                    if (ours <= 0 || theirs <= 0) continue
                    ratio = (column == 3 && unit ~ /\/s$|^tps$/) ? ours / theirs : theirs / ours
                    for (k = ++n; k > 1 && sorted[k - 1] > ratio; k--) sorted[k] = sorted[k - 1]
                    sorted[k] = ratio
                }
                if (n && (!name || at(0.5) < best)) {
                    best = at(0.5); name = other; low = at(0.25); high = at(0.75); count = n
                }
            }
            if (!name) printf " – |"
            else if (count < 4) printf " %.2f %s |", best, name
            else printf " %.2f (%.2f–%.2f) %s |", best, low, high, name
        }' "$results"
}

page() {
    local subjects=("${forward[@]}") row work title unit subject
    printf '# The proxy beside others\n\n'
    printf 'Medians of %s repeats of %s s each (many pings, bulk and connections: %s s), in alternating order; in brackets the CPU time that\n' "$repeats" "$each" "$brief"
    printf 'the proxy itself needed, µs an operation (bulk: a MB).\n'
    printf 'The last columns set chaos against the strongest of the others, round by round: the median of the ratios, above 1 where chaos is\n'
    printf 'better, and the middle half of them; where that holds 1, the two are even as far as this machine can tell.\n'
    printf 'All on one machine over loopback, each proxy with %s threads. `make bench-proxy` makes this page anew.\n\n' "$threads"
    printf -- '- Machine: %s, %s processors, %s GiB, %s, kernel %s\n' \
        "$(sed -nE 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
        "$(awk '$1 == "MemTotal:" { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" \
        "$(sed -nE 's/^PRETTY_NAME="(.*)"/\1/p' /etc/os-release)" "$(uname -r)"
    printf -- '- Programs: %s; nginx %s; PostgreSQL %s; chaos %s%s\n' \
        "$(haproxy -v | awk 'NR == 1 { print "HAProxy", $3 }')" \
        "$(nginx -v 2>&1 | sed 's/.*\///')" "$("$pg_bin/postgres" --version | awk '{ print $3 }')" \
        "$(git rev-parse --short HEAD)" "${TOXIPROXY_URL:+; Toxiproxy $(curl -s "$TOXIPROXY_URL/version")}"
    printf -- '- Date: %s; load of the machine before the first round: %s, after the last: %s\n\n' \
        "$(date -u +%F)" "$load_before" "$(cut -d " " -f 1 /proc/loadavg)"
    printf '| work | unit |'; printf ' %s |' "${subjects[@]}" 'against the best' 'CPU against the lowest'
    printf '\n|---|---|---|---|'; printf -- '---|%.0s' "${subjects[@]}"; printf '\n'
    for row in "${rows[@]}"; do
        IFS='|' read -r work title unit <<<"$row"
        cut -f 1 "$results" | grep -qx "$work" || continue
        printf '| %s | %s |' "$title" "$unit"
        for subject in "${subjects[@]}"; do cell "$work" "$subject"; done
        against "$work" 3 "$unit"; against "$work" 4 "$unit"
        printf '\n'
    done
}
