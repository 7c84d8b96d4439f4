# The group dns: answer beside knotd and nsd, each with the same zone, asked by dnsperf. The group
# resolver: lookups over UDP, one after another, beside dnsjava and Netty, all of them of answer.
# shellcheck shell=bash

group_dns() {
  local dir=$work/dns
  mkdir -p "$dir"
  dns_zone >"$dir/bench.test.zone"
  dns_questions >"$dir/questions"
  no_peers
  if ! command -v dnsperf >/dev/null; then
    record lost 'dns, queries/s' Penstock 'missing: dnsperf'
    return
  fi
  peer Penstock "$samples/answer" "$samples/answer -p PORT $dir/bench.test.zone"
  peer knotd knotd "knotd -c $dir/knot.conf"
  peer nsd nsd "nsd -d -c $dir/nsd.conf"
  interleave dns_once
  report "dns, queries/s" "knotd:at least:1" "nsd:at least:1"
  report "dns, CPU us/query" "knotd:at most:1.1"
  report "dns, heap B/query" "Penstock:at most:1"
  report "dns, queries lost" "Penstock:at most:0"
}

# A thousand hosts, and one of what else there is.
dns_zone() {
  printf '$ORIGIN bench.test.\n$TTL 3600\n@ SOA ns1 host 1 7200 3600 1209600 300\n'
  printf '@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n@ MX 10 mail\nmail A 192.0.2.3\n'
  printf '*.wild A 192.0.2.4\nsub NS ns.sub\nsub NS ns2.sub\nns.sub A 192.0.2.5\n'
  printf 'ns2.sub A 192.0.2.6\n'
  local i
  for ((i = 0; i < 1000; i++)); do
    printf 'host%d A 198.51.100.%d\nhost%d AAAA 2001:db8::%x\nalias%d CNAME host%d\n' \
      "$i" $((i % 256)) "$i" "$i" "$i" "$i"
  done
}

# Of ten: six hosts, an alias, a wildcard, a delegation, and a name that does not exist.
dns_questions() {
  local i
  for ((i = 0; i < 1000; i++)); do
    case $((i % 10)) in
      0 | 1 | 2 | 3) echo "host$i.bench.test A" ;;
      4 | 5) echo "host$i.bench.test AAAA" ;;
      6) echo "alias$i.bench.test A" ;;
      7) echo "any$i.wild.bench.test A" ;;
      8) echo "www$i.sub.bench.test A" ;;
      9) echo "nothere$i.bench.test A" ;;
    esac
  done
}

dns_once() {
  local before after heap=''
  dns_start "$1" "${runs[$1]}" || return
  if ! dns_load "$WARM_MS"; then
    stop_dns
    return 1
  fi
  heap=$(dns_heap)
  before=$(processor_ns "$server")
  if ! dns_load "$ECHO_MS"; then
    stop_dns
    return 1
  fi
  after=$(processor_ns "$server")
  [ -z "$heap" ] || heap=$(($(dns_heap) - heap))
  stop_dns
  sample "dns, queries/s" "$1" "$(awk '/Queries per second/ { print $4 }' "$work/out")"
  sample "dns, CPU us/query" "$1" "$(quotient $((after - before)) \
    "$(awk '/Queries completed/ { print $3 }' "$work/out")" 0.001)"
  [ -z "$heap" ] || sample "dns, heap B/query" "$1" "$(quotient "$heap" \
    "$(awk '/Queries completed/ { print $3 }' "$work/out")")"
  sample "dns, queries lost" "$1" "$(awk '/Queries lost/ { print $3 }' "$work/out")"
}

# dns_start NAME COMMAND: a server with one thread for UDP, on the server's core.
dns_start() {
  local i state=$work/dns/$1.state
  port=$((20000 + RANDOM % 10000))
  mkdir -p "$state"
  printf '%s\n' "server:" "    rundir: \"$state\"" "    listen: [ 127.0.0.1@$port ]" \
    "    udp-workers: 1" "    tcp-workers: 1" "    background-workers: 1" "database:" \
    "    storage: \"$state\"" "template:" "  - id: default" "    storage: \"$work/dns\"" \
    "    journal-content: none" "zone:" "  - domain: bench.test" \
    "    file: \"bench.test.zone\"" >"$work/dns/knot.conf"
  printf '%s\n' "server:" "    ip-address: 127.0.0.1@$port" "    server-count: 1" \
    "    rrl-ratelimit: 0" "    rrl-whitelist-ratelimit: 0" "    username: \"\"" "    chroot: \"\"" "    zonesdir: \"$work/dns\"" "    database: \"\"" \
    "    pidfile: \"$state/pid\"" "    xfrdfile: \"$state/xfrd\"" \
    "    zonelistfile: \"$state/list\"" "    cookie-secret-file: \"\"" "remote-control:" \
    "    control-enable: no" "zone:" "    name: bench.test" \
    "    zonefile: bench.test.zone" >"$work/dns/nsd.conf"
  # shellcheck disable=SC2086
  timeout -k 2 "$SERVER_LIMIT_S" taskset -c "$server_core" ${2/PORT/$port} \
    >"$work/err" 2>&1 </dev/null &
  server=$!
  children=("$server")
  for ((i = 0; i < 200; i++)); do
    grep -qi "$(printf ':%04X 00000000:0000 0A' "$port")" /proc/net/tcp && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  reason="does not listen"
  stop_dns
  return 1
}

# What the main thread of a Java server has allocated; nothing for others.
dns_heap() {
  local java
  java=$(java_behind "$server") || return
  timeout 20 "$jdk/bin/java" -XX:+UseSerialGC -cp "$classes" "$compare.AllocatedBy" "$java" \
    2>/dev/null
}

stop_dns() {
  kill "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  children=()
}

# dns_load MS: asks for so long; what dnsperf says is in $work/out.
dns_load() {
  timeout -k 2 $(($1 / 1000 + 20)) taskset -c "$client_core" dnsperf -s 127.0.0.1 -p "$port" \
    -d "$work/dns/questions" -l $((($1 + 999) / 1000)) -q 100 -e >"$work/out" 2>"$work/err" &
  children=("$server" "$!")
  if ! wait "$!"; then
    reason="dnsperf failed"
    return 1
  fi
  reason="no answers"
  grep -q 'Queries completed: *[1-9]' "$work/out" || return
  reason="answers that are errors"
  ! grep -Eq 'Response codes:.*(FORMERR|SERVFAIL|NOTIMP|REFUSED)' "$work/out"
}

group_resolver() {
  local dir=$work/dns cost=io.penstock.dns.resolver.LookupCost
  local class=$classes/io/penstock/dns/resolver/LookupCost.class
  mkdir -p "$dir"
  dns_zone >"$dir/bench.test.zone"
  no_peers
  peer Penstock "$class" "$penstock_java $cost penstock PORT $LOOKUPS"
  peer dnsjava "$class" "$java $cost dnsjava PORT $LOOKUPS"
  peer Netty "$class" "$netty_java $cost netty PORT $LOOKUPS"
  interleave resolver_once
  report "lookup over UDP, us" "dnsjava:at most:1"
  report "lookup over UDP, CPU us"
  report "lookup over UDP, heap B" "Penstock:at most:1"
}

resolver_once() {
  local us cpu bytes
  dns_start answer "$samples/answer -p PORT $work/dns/bench.test.zone" || return
  # shellcheck disable=SC2086
  timeout -k 2 "$LIMIT_S" taskset -c "$client_core" ${runs[$1]/PORT/$port} \
    >"$work/out" 2>"$work/err"
  stop_dns
  read -r us cpu bytes <"$work/out"
  reason="said '${us-}'"
  [ -n "${bytes-}" ] || return
  sample "lookup over UDP, us" "$1" "$us"
  sample "lookup over UDP, CPU us" "$1" "$cpu"
  sample "lookup over UDP, heap B" "$1" "$bytes"
}

# processor_ns PID: what a process and those that it started have used, all threads.
processor_ns() {
  local child
  {
    cat /proc/"$1"/task/*/schedstat 2>/dev/null
    for child in $(children_of "$1"); do
      printf '%s 0 0\n' "$(processor_ns "$child")"
    done
  } | awk '{ ns += $1 } END { printf "%.0f", ns }'
}
