# tls: what records, handshakes and digests cost, both ends in one thread and joined in memory:
# operations a second of that thread's processor time. C is linked with the system's OpenSSL,
# which is what Penstock loads.
# shellcheck shell=bash disable=SC2154

group_tls() {
  tls_rows aes "16 KiB records, AES-128-GCM" 0.97 1.3
  tls_rows chacha "16 KiB records, ChaCha20" 0.97 1.3
  tls_rows ping "64 B round trip" 0.95 1.5
  tls_rows full "full handshake" 0.95 3
  tls_rows resumed "resumed handshake" 0.95 3
  tls_rows sha16k "SHA-256 of 16 KiB" 0.95
  tls_rows sha64 "SHA-256 of 64 B" 0.8
  tls_rows hmac16k "HMAC of 16 KiB" 0.95
  tls_rows hmac64 "HMAC of 64 B" 0.8
  tls_memory
}

# tls_rows WORKLOAD TITLE RATIO_TO_C [RATIO_TO_THE_JDK]
tls_rows() {
  local workload=$1 row="tls $2, /CPU s" garbage="tls $2, heap B each"
  local engine="$compiled/EngineTls.class"
  no_peers
  peer Penstock "$compiled/PenstockTls.class" "$penstock_java $compare.PenstockTls $workload $TLS_S"
  peer C "$c/tls" "$c/tls $workload $TLS_S"
  peer JDK "$engine" "$penstock_java $compare.EngineTls jdk $workload $TLS_S"
  case $workload in
    resumed | sha* | hmac*) ;; # it has neither
    *) peer tcnative "$engine" "$netty_java $compare.EngineTls tcnative $workload $TLS_S" ;;
  esac
  interleave tls_once
  report "$row" "C:at least:$3" ${4:+"JDK:at least:$4"}
  report "$garbage" "Penstock:at most:$TLS_HEAP"
}

# What is left is the compiler's coming late, and not each operation's.
TLS_HEAP=1

tls_once() {
  local rate heap
  # shellcheck disable=SC2086
  client "$LIMIT_S" ${runs[$1]} || return
  read -r rate heap <<<"$answer"
  sample "$row" "$1" "$rate"
  [ -z "$heap" ] || sample "$garbage" "$1" "$heap"
}

# Beside the memory of libssl, which is the same for both.
tls_memory() {
  local row='tls memory, libssl, B each side' garbage='tls memory, own, B each side'
  no_peers
  peer Penstock "$compiled/PenstockTls.class" "$penstock_java $compare.PenstockTls memory 0"
  peer C "$c/tls" "$c/tls memory 0"
  interleave tls_once 1
  report "$row"
  report "$garbage" "Penstock:at most:1024"
}
