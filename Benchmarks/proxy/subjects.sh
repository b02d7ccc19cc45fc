# The proxies under measurement, each before the same echo server and the same PostgreSQL; sourced by bench.
# Each runs on as many threads as there are processors.

threads=$(nproc)

as_nobody() { # PostgreSQL refuses to run as root
    if ((EUID == 0)); then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

start_postgres() {
    pg_bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")
    mkdir "$work/pg"
    ((EUID)) || { chmod 711 "$work"; chown 65534:65534 "$work/pg"; }
    as_nobody "$pg_bin/initdb" -D "$work/pg/data" -U bench -A trust --no-sync >/dev/null
    as_nobody "$pg_bin/pg_ctl" -D "$work/pg/data" -l "$work/pg/log" -w -s \
        -o "-p $1 -h 127.0.0.1 -k $work/pg -c fsync=off -c max_connections=200" start
    PGUSER=bench createdb -h 127.0.0.1 -p "$1" bench
    PGUSER=bench pgbench -i -q -s 10 -h 127.0.0.1 -p "$1" bench 2>/dev/null
}
stop_postgres() { [[ ! -d $work/pg/data ]] || as_nobody "$pg_bin/pg_ctl" -D "$work/pg/data" -m immediate -s stop; }

start_haproxy() {
    {
        printf 'global\n  nbthread %s\n  maxconn 6000\n' "$threads"
        printf 'defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n  timeout server 1h\n'
        printf 'listen %s\n  bind 127.0.0.1:%s\n  server one 127.0.0.1:%s\n' echo "$ha_echo" "$echo_direct" pg "$ha_pg" "$pg_direct"
    } >"$work/haproxy.cfg"
    sed 's/^defaults$/&\n  option splice-auto/' "$work/haproxy.cfg" |
        sed "s/:$ha_echo\$/:$has_echo/; s/:$ha_pg\$/:$has_pg/" >"$work/haproxy-splice.cfg"
    haproxy -db -q -f "$work/haproxy.cfg" & pids+=($!); haproxy_pid=$!
    haproxy -db -q -f "$work/haproxy-splice.cfg" & pids+=($!); splice_pid=$!
}

start_nginx() {
    local module=/usr/lib/nginx/modules/ngx_stream_module.so
    {
        [[ ! -e $module ]] || printf 'load_module %s;\n' "$module"
        printf 'daemon off;\nworker_processes %s;\npid %s/nginx.pid;\nerror_log %s/nginx.log;\n' "$threads" "$work" "$work"
        printf 'events { worker_connections 12000; }\nstream {\n  proxy_timeout 1h;\n'
        printf '  server { listen 127.0.0.1:%s; proxy_pass 127.0.0.1:%s; }\n' "$ng_echo" "$echo_direct" "$ng_pg" "$pg_direct"
        printf '}\n'
    } >"$work/nginx.conf"
    nginx -p "$work" -c "$work/nginx.conf" 2>/dev/null & pids+=($!); nginx_pid=$!
}

start_chaos() {
    local form='{"name":"%s","listen":"127.0.0.1:%s","upstream":"127.0.0.1:%s","protocol":"%s"}'
    # shellcheck disable=SC2059
    printf "[$form,$form,$form]" echo "$our_echo" "$echo_direct" tcp pg "$our_pg" "$pg_direct" tcp \
        watch "$our_watch" "$pg_direct" postgres >"$work/proxies.json"
    "$bin/chaos" proxy serve --port "$our_api" --config "$work/proxies.json" 2>/dev/null & pids+=($!); chaos_pid=$!
    chaos_api=http://127.0.0.1:$our_api
}

call() { curl -sf -o /dev/null -X "$1" "$2" ${3:+-d "$3"}; }

find_toxiproxy() { # uses a server that is there; its proxies are ours and are deleted at the end
    [[ -n ${TOXIPROXY_URL:-} ]] || return 0
    toxiproxy_pid=${TOXIPROXY_PID:-$(ss -ltnpH "sport = :${TOXIPROXY_URL##*:}" | grep -oP 'pid=\K[0-9]+' | head -n 1)}
    call POST "$TOXIPROXY_URL/proxies" "{\"name\":\"bench-echo\",\"listen\":\"127.0.0.1:$tp_echo\",\"upstream\":\"127.0.0.1:$echo_direct\"}"
    call POST "$TOXIPROXY_URL/proxies" "{\"name\":\"bench-pg\",\"listen\":\"127.0.0.1:$tp_pg\",\"upstream\":\"127.0.0.1:$pg_direct\"}"
}
remove_toxiproxies() {
    [[ -n ${TOXIPROXY_URL:-} ]] || return 0
    call DELETE "$TOXIPROXY_URL/proxies/bench-echo"
    call DELETE "$TOXIPROXY_URL/proxies/bench-pg"
}

toxics_of() { if [[ $1 == chaos ]]; then echo "$chaos_api/proxies/echo/toxics"; else echo "$TOXIPROXY_URL/proxies/bench-echo/toxics"; fi; }
add_latency() { call POST "$(toxics_of "$1")" "{\"name\":\"slow\",\"type\":\"latency\",\"attributes\":{\"latency\":$2}}"; }
remove_latency() { call DELETE "$(toxics_of "$1")/slow"; }

echo_port() {
    case $1 in
        direct) echo "$echo_direct" ;; haproxy) echo "$ha_echo" ;; haproxy-splice) echo "$has_echo" ;;
        nginx) echo "$ng_echo" ;; chaos) echo "$our_echo" ;; toxiproxy) echo "$tp_echo" ;;
    esac
}
pg_port() {
    case $1 in
        direct) echo "$pg_direct" ;; haproxy) echo "$ha_pg" ;; haproxy-splice) echo "$has_pg" ;; nginx) echo "$ng_pg" ;;
        chaos) echo "$our_pg" ;; chaos-watch) echo "$our_watch" ;; toxiproxy) echo "$tp_pg" ;;
    esac
}
processes() { # of a subject: its process and the children
    local pid
    case $1 in
        haproxy) pid=$haproxy_pid ;; haproxy-splice) pid=$splice_pid ;; nginx) pid=$nginx_pid ;;
        chaos | chaos-watch) pid=$chaos_pid ;; toxiproxy) pid=$toxiproxy_pid ;; *) return 0 ;;
    esac
    echo "$pid" $(cat "/proc/$pid/task/$pid/children")
}
cpu_us() { # user and system time of all threads so far, µs, from the scheduler's own clock
    local pid
    for pid in $(processes "$1"); do cat "/proc/$pid/task/"*/schedstat 2>/dev/null || true; done |
        awk '{ ns += $1 } END { printf "%d\n", ns / 1000 }'
}
rss_kib() {
    local pid total=0
    for pid in $(processes "$1"); do
        total=$((total + $(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status")))
    done
    echo "$total"
}

await_ports() { # until every one accepts, or 10 s
    local port tries
    for port in "$@"; do
        for ((tries = 0; tries < 100; tries++)); do
            if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue 2; fi
            sleep 0.1
        done
        echo "bench: nothing accepts at port $port after 10 s. Look at its configuration in subjects.sh." >&2
        exit 69
    done
}
