# curves: what work costs as it grows, in connections, in datagrams a batch, in bytes a message and in
# timers. A server of TCP is started once a round, and asked for every point.
# shellcheck shell=bash disable=SC2154

group_curves() {
  local WARM_MS=$((3 * POINT_MS + 600)) ECHO_MS=$((2 * POINT_MS))
  curve_connections
  curve_busy
  curve_sizes
  curve_batches send
  curve_batches receive
  curve_timers
}

# few MORE...: the points of a curve; every other one in a quick run.
few() {
  local i=0 point
  for point in "$@"; do
    [ -n "$quick" ] && [ $((i++ % 2)) -eq 1 ] || printf '%s ' "$point"
  done
}

curve_connections() {
  local point points rate='echo of 64 B by connections, messages/s'
  local cost='echo of 64 B by connections, CPU us/message'
  points=$(few 1 10 100 1000 10000)
  curve_echo "POINT 64"
}

# Each waits for an answer all the time: what a turn touches is more than the caches hold.
curve_busy() {
  local point points=9000 rate='echo of 64 B, 9,000 connections always busy, messages/s'
  local cost='echo of 64 B, 9,000 connections always busy, CPU us/message'
  curve_echo "POINT 64" "C:at most:1.05"
}

curve_sizes() {
  local point points rate='echo by bytes a message, one connection, MB/s'
  local cost='echo by bytes a message, one connection, CPU us/message'
  points=$(few 64 1024 16384 65536 262144 1048576)
  curve_echo "1 POINT"
}

# curve_echo LOAD [TARGET]: LOAD is how many connections and how many bytes, one of them POINT;
# TARGET is of the CPU a message.
curve_echo() {
  local load=$1
  no_peers
  java_peer Penstock PenstockEcho 0 blocking 10100
  peer C "$c/echo" "$c/echo 0"
  java_peer NIO NioEcho 0
  java_peer Netty NettyEcho 0
  interleave curve_echo_once
  report "$rate"
  report "$cost" ${2:+"$2"}
}

curve_echo_once() {
  # shellcheck disable=SC2086
  serve ${runs[$1]} || return
  if client $((WARM_MS / 1000 + 30)) "$c/load" 127.0.0.1 "$port" 64 256 "$WARM_MS" &&
    curve_points "$1"; then
    stop
    return 0
  fi
  stop
  return 1
}

curve_points() {
  local scale bytes_a_message point
  for point in $points; do
    bytes_a_message=${load/POINT/$point}
    bytes_a_message=${bytes_a_message#* }
    case $rate in
      *MB/s) scale="$bytes_a_message"e-6 ;;
      *) scale=1 ;;
    esac
    # shellcheck disable=SC2086
    sleep 0.2 && marked mark $((POINT_MS / 1000 + 30)) "$c/load" 127.0.0.1 "$port" \
      ${load/POINT/$point} "$POINT_MS" || return
    reason="no messages at $point"
    [ "$answer" -gt 0 ] || return
    sample "$rate" "$1" "$(quotient "$answer" 1 "$scale")" "$(short "$point")"
    sample "$cost" "$1" "$(quotient "$cpu_ns" $((answer * POINT_MS)))" \
      "$(short "$point")"
  done
}

# short NUMBER: 1024 is 1 Ki, 1048576 is 1 Mi
short() {
  if [ "$1" -ge 1048576 ]; then
    echo "$(($1 / 1048576)) Mi"
  elif [ "$1" -ge 1024 ] && [ $(($1 % 1024)) -eq 0 ]; then
    echo "$(($1 / 1024)) Ki"
  else
    echo "$1"
  fi
}

# curve_batches send|receive
curve_batches() {
  local direction=$1 port row size=64 point
  local call=sendmmsg
  [ "$direction" = send ] || call=recvmmsg
  row="$call of 64 B by datagrams a batch, CPU ns each"
  no_peers
  java_peer Penstock PenstockUdp "$direction" mmsg "$size" PORT BATCH
  peer C "$c/udp" "$c/udp $direction mmsg $size PORT BATCH"
  java_peer NIO NioUdp "$direction" "$size" PORT # one at a time
  java_peer Netty NettyUdp "$direction" "$size" PORT BATCH
  interleave curve_batches_once
  report "$row"
}

curve_batches_once() {
  local command=${runs[$1]} status=0
  for point in $(few 1 4 16 64); do
    runs[$1]=${command/BATCH/$point}
    [ "$direction" = send ] || runs[$1]=${runs[$1]/PORT/0}
    "udp_$direction" "$1" || status=1
    runs[$1]=$command
    [ "$status" -eq 0 ] || return 1
    [ "$1" != NIO ] || return 0
  done
}

curve_timers() {
  local row='a timer put off by timers pending, CPU ns' counts
  local garbage='a timer put off by timers pending, heap B'
  counts=$(few 1 10 100 1000 10000)
  no_peers
  java_peer Penstock TimerCost penstock $((POINT_MS / 3)) "$counts"
  peer C "$c/timers" "$c/timers $((POINT_MS / 3)) $counts"
  java_peer JDK TimerCost jdk $((POINT_MS / 3)) "$counts"
  java_peer Netty TimerCost netty $((POINT_MS / 3)) "$counts"
  java_peer wheel TimerCost wheel $((POINT_MS / 3)) "$counts"
  interleave curve_timers_once
  report "$row"
  report "$garbage" "Penstock:at most:0"
}

curve_timers_once() {
  local count ns heap
  timed "$LIMIT_S" "taskset -c $server_core ${runs[$1]}" || return
  reason="too few lines"
  [ "$(wc -l <"$work/out")" -eq "$(wc -w <<<"$counts")" ] || return
  for count in $counts; do
    read -r ns heap
    sample "$row" "$1" "$ns" "$count"
    [ "$heap" = -1 ] || sample "$garbage" "$1" "$heap" "$count"
  done <"$work/out"
}
