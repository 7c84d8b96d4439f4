# tls: what records, handshakes and digests cost, both ends in one thread and joined in memory:
# operations a second of that thread's processor time. C is linked with the system's OpenSSL,
# which is what Penstock loads. Each tells what was negotiated; who did something else than the row's
# name says is refused.
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
  local workload=$1 row="tls $2, /CPU s" garbage="tls $2, heap B each" wanted
  wanted=$(tls_wanted "$workload")
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

# tls_wanted WORKLOAD: protocol, suite, group and way, as the row's name has it; nothing for hashes.
tls_wanted() {
  case $1 in
    sha* | hmac*) ;;
    chacha) echo "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 x25519 full" ;;
    resumed) echo "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519 resumed" ;;
    *) echo "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519 full" ;;
  esac
}

# tls_difference DID WANTED: the words that are others.
tls_difference() {
  local i did wanted instead='' of=''
  read -ra did <<<"$1"
  read -ra wanted <<<"$2"
  for i in "${!wanted[@]}"; do
    [ "${did[i]-}" = "${wanted[i]}" ] || instead+=" ${did[i]-nothing}" of+=" ${wanted[i]}"
  done
  echo "it was$instead, not$of"
}

# What is left is the compiler's coming late, and not each operation's.
TLS_HEAP=1

tls_once() {
  local rate heap
  # shellcheck disable=SC2086
  client "$LIMIT_S" ${runs[$1]} || return
  did[$1]=$(sed -n 's/^did //p' "$work/answer")
  if [ "${did[$1]%%;*}" != "$wanted" ]; then
    refuse "$1" "$(tls_difference "${did[$1]%%;*}" "$wanted")"
    return
  fi
  read -r rate heap <<<"$answer"
  sample "$row" "$1" "$rate"
  [ -z "$heap" ] || sample "$garbage" "$1" "$heap"
}

# Beside the memory of libssl, which is the same for both.
tls_memory() {
  local row='tls memory, libssl, B each side' garbage='tls memory, own, B each side' wanted
  wanted=$(tls_wanted memory)
  no_peers
  peer Penstock "$compiled/PenstockTls.class" "$penstock_java $compare.PenstockTls memory 0"
  peer C "$c/tls" "$c/tls memory 0"
  interleave tls_once 1
  report "$row"
  report "$garbage" "Penstock:at most:1024"
}
