# latency: what a message takes at a fixed rate, from when it was due (Latency.java). One client for
# all servers, which polls busily; the servers wait in the kernel, or poll busily as well.
# shellcheck shell=bash disable=SC2154

group_latency() {
  local way wait certificate=$work/certificate.pem key=$work/key.pem
  reason="no certificate"
  $penstock_java "$compare.Identity" "$certificate" "$key" || return
  mkdir -p "$work/dns"
  dns_zone >"$work/dns/bench.test.zone"
  for way in tcp udp tls dns; do
    for wait in blocking busy; do
      latency_rows "$way" "$wait"
    done
  done
}

# latency_rows tcp|udp|tls|dns blocking|busy
latency_rows() {
  local way=$1 wait=$2 name row cost garbage gone
  case $way in
    dns) name='DNS lookup' ;;
    *) name="${way^^} echo" ;;
  esac
  name+=", $RATE/s, $wait"
  row="$name, us" cost="$name, CPU us each" garbage="$name, heap B each" gone="$name, lost"
  no_peers
  "latency_$way" "$wait"
  interleave latency_once
  report "$row"
  [ "$wait" = busy ] || report "$cost"
  report "$garbage" "Penstock:at most:0"
  case $way in
    udp | dns) report "$gone" ;;
  esac
}

# java_peer NAME CLASS ARGUMENT...
java_peer() {
  local options=$java
  case $1 in
    Penstock) options=$penstock_java ;;
    Netty) options=$netty_java ;;
  esac
  peer "$1" "$compiled/$2.class" "$options $compare.$2 ${*:3}"
}

latency_tcp() {
  java_peer Penstock PenstockEcho 0 "$1" 100
  peer C "$c/echo" "$c/echo ${busy_flag[$1]} 0"
  java_peer NIO NioEcho 0 "$1"
  java_peer Netty NettyEcho 0 "$1"
}

latency_udp() {
  java_peer Penstock PenstockUdp echo "$1" 0
  peer C "$c/udp" "$c/udp echo $1 0"
  java_peer NIO NioUdp echo "$1" 0
  java_peer Netty NettyUdp echo "$1" 0
}

latency_tls() {
  java_peer Penstock PenstockEcho 0 "$1" 100 "$certificate" "$key"
  peer C "$c/tlsecho" "$c/tlsecho ${busy_flag[$1]} 0 $certificate $key"
  java_peer NIO NioTlsEcho 0 "$1" "$certificate" "$key"
  java_peer Netty NettyEcho 0 "$1" "$certificate" "$key"
}

# Whole servers beside those that have one answer for everybody; they only wait in the kernel.
latency_dns() {
  java_peer Penstock PenstockDns "$1" 0
  java_peer NIO NioDns "$1" 0
  java_peer Netty NettyDns "$1" 0
  [ "$1" = blocking ] || return 0
  peer answer "$samples/answer" "$samples/answer -p PORT $work/dns/bench.test.zone"
  peer knotd knotd "knotd -c $work/dns/knot.conf"
  peer nsd nsd "nsd -d -c $work/dns/nsd.conf"
}

declare -A busy_flag=([blocking]='' [busy]=-b)

# The client warms the server up as well, at the rate, and says when it begins to measure.
latency_once() {
  local place values tells=1 cpu_before=0 status
  case $1 in
    answer | knotd | nsd) tells= ;;
  esac
  # shellcheck disable=SC2086
  if [ -n "$tells" ]; then
    serve ${runs[$1]} || return
  else
    dns_start "$1" "${runs[$1]}" || return
  fi
  # shellcheck disable=SC2086
  marked latency_mark $(((WARM_MS + LATENCY_MS) / 1000 + 30)) $penstock_java "$compare.Latency" \
    "$way" "$port" "$RATE" $((WARM_MS / 2)) "$LATENCY_MS" "$certificate"
  status=$? values=$answer
  if [ -n "$tells" ]; then stop; else stop_dns; fi
  [ "$status" -eq 0 ] || return 1
  for place in p50 p99 p99.9 max; do
    sample "$row" "$1" "${values%% *}" "$place"
    values=${values#* }
  done
  messages=$((RATE * LATENCY_MS / 1000)) # the server may have read several as one
  [ "$wait" = busy ] || sample "$cost" "$1" "$(quotient "$cpu_ns" "$messages" 1e-3)"
  [ "$bytes" -lt 0 ] || sample "$garbage" "$1" "$(quotient "$bytes" "$messages")"
  case $way in
    udp | dns) sample "$gone" "$1" "$values" ;;
  esac
}

# As mark, also of servers that tell nothing themselves.
latency_mark() {
  if [ -z "$tells" ]; then
    bytes=-1
    cpu_ns=$(($(processor_ns "$server") - cpu_before))
    cpu_before=$cpu_ns
  else
    mark
  fi
}
