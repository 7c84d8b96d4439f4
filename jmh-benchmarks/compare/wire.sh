# wire: what a DNS message costs to parse and to build, in nanoseconds of the thread's processor
# time. Each figure is the median of nine rounds in a process of its own; all libraries have to
# come to the same sum, or length. Building begins with records that are at hand, composing with
# names and addresses.
# shellcheck shell=bash disable=SC2154

group_wire() {
  local messages=$work/messages
  # shellcheck disable=SC2086
  $penstock_java io.penstock.dns.wire.DnsMessages "$messages" || return
  local message
  for message in query answer chain; do
    wire_rows parse "$message" 'dnsjava:at most:0.1' 'Netty:at most:0.2' 'ldns:at most:1'
  done
  for message in query answer chain; do
    wire_rows build "$message" 'dnsjava:at most:0.2' 'ldns:at most:1'
  done
  wire_rows compose answer
}

# wire_rows parse|build|compose MESSAGE [TARGET...]
wire_rows() {
  local row="DNS $1, $2, CPU ns" sum='' cost=io.penstock.dns.wire.CodecCost
  local class=$classes/io/penstock/dns/wire/CodecCost.class
  no_peers
  peer Penstock "$class" "$penstock_java $cost penstock $1 $2 $WIRE_MS"
  peer dnsjava "$class" "$java $cost dnsjava $1 $2 $WIRE_MS"
  # Netty does not compress what it writes.
  [ "$1" != parse ] || peer Netty "$class" "$netty_java $cost netty $1 $2 $WIRE_MS"
  [ "$1" = compose ] || peer ldns "$c/dns" "$c/dns $1 $messages/$2 $WIRE_MS"
  interleave wire_once
  report "$row" "${@:3}"
}

wire_once() {
  local ns got
  timed "$LIMIT_S" "${runs[$1]}" || return
  read -r ns got <"$work/out"
  reason="came to '${got-}' for '$sum'"
  [ -n "${got-}" ] && [ "${sum:=$got}" = "$got" ] && sample "$row" "$1" "$ns"
}
