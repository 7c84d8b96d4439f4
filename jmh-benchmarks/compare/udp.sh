# udp: what a datagram costs to send and to receive, and an echo of a thousand senders. Costs are
# the processor time of the process under test; how many a second there are is the other side's
# doing as well.
# shellcheck shell=bash disable=SC2154

group_udp() {
  local size
  for size in 64 1400; do
    udp_rows send gso "$size"
    udp_rows send mmsg "$size"
    udp_rows receive gro "$size"
    udp_rows receive mmsg "$size"
  done
  udp_echo
}

# udp_rows send|receive gso|gro|mmsg SIZE
udp_rows() {
  local direction=$1 how=$2 size=$3 port=PORT row rate garbage what netty
  case $how in
    mmsg) what="${direction/receive/recv}mmsg of 64" netty=1 ;;
    *) what="$direction, ${how^^}" netty= ;;
  esac
  [ "$direction" = send ] || port=0
  row="udp $what, $size B, CPU ns each" rate="udp $what, $size B, datagrams/s"
  garbage="udp $what, $size B, heap B each"
  no_peers
  peer Penstock "$compiled/PenstockUdp.class" \
    "$penstock_java $compare.PenstockUdp $direction $how $size $port"
  peer C "$c/udp" "$c/udp $direction $how $size $port"
  peer NIO "$compiled/NioUdp.class" "$java $compare.NioUdp $direction $size $port"
  did[NIO]="one datagram a call"
  [ -z "$netty" ] ||
    peer Netty "$compiled/NettyUdp.class" "$netty_java $compare.NettyUdp $direction $size $port"
  interleave "udp_$direction"
  # One at a time is what NIO has: 25 times as dear at 64 B, 8 times at 1400 B.
  case $how:$size in
    mmsg:*) report "$row" "C:at most:1.05" "NIO:at most:0.952" "Netty:at most:0.833" ;;
    *:64) report "$row" "C:at most:1.05" "NIO:at most:0.04" ;;
    *) report "$row" "C:at most:1.05" "NIO:at most:0.125" ;;
  esac
  report "$rate"
  report "$garbage" "Penstock:at most:0"
}

# The other side receives busily, so that the sender pays for waking nobody.
udp_send() {
  local port
  : >"$work/sink"
  taskset -c "$client_core" "$c/datagrams" sink $((SERVER_LIMIT_S * 1000)) >"$work/sink" 2>&1 &
  local sink=$!
  while ! read -r _ port <"$work/sink" && kill -0 "$sink" 2>/dev/null; do sleep 0.01; done
  # shellcheck disable=SC2086
  serve ${runs[$1]/PORT/$port} && children+=("$sink") && udp_measure "$1"
  local status=$?
  udp_end "$sink"
  return "$status"
}

udp_receive() {
  # shellcheck disable=SC2086
  serve ${runs[$1]} || return
  taskset -c "$client_core" "$c/datagrams" flood "$size" "$port" $((SERVER_LIMIT_S * 1000)) &
  local flood=$!
  children+=("$flood")
  udp_measure "$1"
  local status=$?
  udp_end "$flood"
  return "$status"
}

udp_measure() {
  local flown_messages flown_bytes flown_cpu_ns begin us
  mark && udp_flow "$(quotient "$WARM_MS" 2000)" || return
  begin=${EPOCHREALTIME/./}
  udp_flow "$(quotient "$ECHO_MS" 2000)" || return
  us=$((${EPOCHREALTIME/./} - begin))
  sample "$row" "$1" "$(quotient "$flown_cpu_ns" "$flown_messages")" ${point:+"$point"}
  [ -z "${rate-}" ] || sample "$rate" "$1" "$(quotient "$flown_messages" "$us" 1e6)"
  [ -z "${garbage-}" ] || [ "$bytes" -lt 0 ] ||
    sample "$garbage" "$1" "$(quotient "$flown_bytes" "$flown_messages")"
}

# udp_flow SECONDS: lets datagrams flow for so long, and again as long as there were none, which is so
# only where a machine is very busy. Sums up what the server says of it.
udp_flow() {
  local tries
  flown_messages=0 flown_bytes=0 flown_cpu_ns=0
  for ((tries = 0; tries < 20 && flown_messages == 0; tries++)); do
    sleep "$1"
    mark || return
    flown_messages=$((flown_messages + messages))
    flown_bytes=$((flown_bytes + bytes))
    flown_cpu_ns=$((flown_cpu_ns + cpu_ns))
  done
  reason="no datagrams"
  [ "$flown_messages" -gt 0 ]
}

udp_end() {
  stop
  kill "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  return 0
}

# Each message comes from another sender than the one before.
udp_echo() {
  local row='udp echo, 64 B of 1000 senders, messages/s'
  local cost='udp echo, 64 B of 1000 senders, CPU us each'
  local garbage='udp echo, 64 B of 1000 senders, heap B each'
  no_peers
  peer Penstock "$compiled/PenstockUdp.class" "$penstock_java $compare.PenstockUdp echo 0"
  peer C "$c/udp" "$c/udp echo 0"
  peer NIO "$compiled/NioUdp.class" "$java $compare.NioUdp echo 0"
  peer Netty "$compiled/NettyUdp.class" "$netty_java $compare.NettyUdp echo 0"
  interleave udp_echo_once
  report "$row" "NIO:at least:1"
  report "$cost"
  report "$garbage" "Penstock:at most:0"
}

udp_echo_once() {
  # shellcheck disable=SC2086
  serve ${runs[$1]} || return
  if udp_ask "$WARM_MS" && mark && udp_ask "$ECHO_MS" && mark; then
    stop
    sample "$row" "$1" "$answer"
    sample "$cost" "$1" "$(quotient "$cpu_ns" "$messages" 1e-3)"
    [ "$bytes" -lt 0 ] || sample "$garbage" "$1" "$(quotient "$bytes" "$messages")"
    return 0
  fi
  stop
  return 1
}

udp_ask() {
  client $(($1 / 1000 + 30)) "$c/datagrams" ask 1000 64 "$port" "$1"
}
