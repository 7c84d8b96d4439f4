# What every group of compare/run stands on: building, running with a limit, samples, the table.
# shellcheck shell=bash

export LC_ALL=C
module=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(dirname "$module")
samples=${PENSTOCK_SAMPLES:-$root/samples/bin}
classes=$module/target/classes
c=$module/target/c
work=$(mktemp -d)
children=()
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

end() {
  local child
  for child in "${children[@]}"; do
    kill "$child" 2>/dev/null # a timeout(1), which passes it on to its process group
  done
  rm -rf "$work"
}

say() {
  printf '%s\n' "$*" >&2
}

die() {
  say "$*"
  exit 1
}

# Compiles the C programs and the Java servers, if they are missing or older than their sources.
build() {
  local source program header libraries
  command -v gcc >/dev/null || die "gcc is missing: the load clients are written in C"
  mkdir -p "$c"
  for source in "$module"/src/main/c/*.c; do
    program=$c/$(basename "$source" .c)
    header=stdio.h libraries=()
    case ${source##*/} in
      dns.c) header=ldns/ldns.h libraries=(-lldns) ;;
      tls.c) header=openssl/ssl.h libraries=(-lssl -lcrypto) ;;
    esac
    echo "#include <$header>" | gcc -E - >/dev/null 2>&1 || continue # then it is missing as a peer
    if [ ! -x "$program" ] || [ "$source" -nt "$program" ] ||
      [ -n "$(find "$module"/src/main/c/*.h -newer "$program" -print -quit)" ]; then
      gcc -O2 -Wall -Wextra -pthread -o "$program" "$source" "${libraries[@]}" ||
        die "gcc failed on $source"
    fi
  done
  local built=$module/target/lib/.built
  if [ ! -e "$built" ] || [ -n "$(find "$module/pom.xml" "$module/src/main/java" \
    "$root"/{core,udp,tls,dns}/src/main -newer "$built" -print -quit)" ]; then
    say "building jmh-benchmarks"
    (cd "$root" && ./mvnw -q -B -pl jmh-benchmarks -am package -DskipTests \
      -Dmaven.javadoc.skip=true) >&2 ||
      die "the build failed"
    touch "$built"
  fi
}

# --- peers: who takes part in a group -------------------------------------------------------

peers=()
declare -A runs lost

no_peers() {
  peers=()
  runs=()
  lost=()
}

# peer NAME NEED COMMAND: what is run for NAME; NEED is a file or a program without which it is
# missing.
peer() {
  peers+=("$1")
  runs[$1]=$3
  [ -e "$2" ] || command -v "$2" >/dev/null || lost[$1]="missing: ${2##*/}"
}

# interleave FUNCTION [ROUNDS]: calls FUNCTION with each peer in turn, round after round. One that
# fails is out.
interleave() {
  local round name rounds=${2:-$ROUNDS}
  for ((round = 1; round <= rounds; round++)); do
    for name in "${peers[@]}"; do
      [ -n "${lost[$name]-}" ] && continue
      progress "$group: round $round of $rounds: $name"
      "$1" "$name" || lose "$name"
    done
  done
  progress
}

# progress [TEXT]: replaces the line before, on a terminal.
progress() {
  [ -t 2 ] && printf "\r\033[K%s" "${1-}" >&2
  return 0
}

lose() {
  lost[$1]="failed: ${reason:-see above}"
  progress
  say "$group: $1 failed: ${reason-}"
  [ -s "$work/err" ] && head -5 "$work/err" >&2
  return 0
}

# sample ROW NAME VALUE
sample() {
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$work/samples"
}

# quotient A B [SCALE]: A / B * SCALE
quotient() {
  awk -v a="$1" -v b="$2" -v s="${3:-1}" 'BEGIN { printf "%.9g", b == 0 ? 0 : a / b * s }'
}

# --- running, with a limit in time -----------------------------------------------------------

# timed LIMIT_S COMMAND: runs it in a shell of its own with the limit; its output goes to
# $work/out, its errors to $work/err, and elapsed_us is set. Fails only if the time is up.
timed() {
  reason=
  # shellcheck disable=SC2016
  timeout -k 2 "$1" bash -c '
    begin=${EPOCHREALTIME/./}
    eval "$0"
    echo $((${EPOCHREALTIME/./} - begin)) >"$1"' "$2" "$work/us" \
    </dev/null >"$work/out" 2>"$work/err" &
  local child=$!
  children=("$child")
  wait "$child"
  local status=$?
  children=()
  if [ "$status" -ge 124 ]; then
    reason="not done after $1 s"
    return 1
  fi
  elapsed_us=$(cat "$work/us")
}

# expect TEXT: what the last command printed, spaces aside.
expect() {
  local got
  got=$(tr -d ' \n' <"$work/out")
  [ "$got" = "$1" ] && return
  reason="printed '$got' for '$1'"
  return 1
}

# serve COMMAND...: starts a server on the server's core; sets server and port.
serve() {
  rm -f "$work/to" "$work/from"
  mkfifo "$work/to" "$work/from"
  exec 8<>"$work/to" 9<>"$work/from"
  timeout -k 2 "$SERVER_LIMIT_S" taskset -c "$server_core" "$@" \
    <"$work/to" >"$work/from" 2>"$work/err" 8>&- 9>&- &
  server=$!
  children=("$server")
  local word
  if ! read -r -t 20 word port <&9 || [ "$word" != ready ]; then
    reason="not ready after 20 s"
    stop
    return 1
  fi
}

# mark: what the server did since the last one; sets bytes, messages and cpu_ns.
mark() {
  echo mark >&8
  read -r -t 20 bytes messages cpu_ns <&9 && return
  reason="the server does not answer"
  return 1
}

# heap: the server's heap in use after a collection; sets heap_bytes.
heap() {
  echo heap >&8
  read -r -t 20 heap_bytes <&9 && return
  reason="the server does not answer"
  return 1
}

stop() {
  kill "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  children=()
  exec 8>&- 9>&-
}

# client LIMIT_S COMMAND...: runs a client on the other core; sets answer to what it prints.
client() {
  local limit=$1
  shift
  timeout -k 2 "$limit" taskset -c "$client_core" "$@" >"$work/answer" 2>"$work/err" &
  children+=("$!")
  if ! wait "$!"; then
    reason="the client failed"
    return 1
  fi
  read -r answer <"$work/answer"
}

# status PID FIELD: a number from /proc/PID/status
status() {
  awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status" 2>/dev/null
}

children_of() {
  cat "/proc/$1/task/$1/children" 2>/dev/null
}

# --- the table --------------------------------------------------------------------------------

line() {
  printf '%-46s %-10s %13s %8s %7s  %s\n' "$@"
}

# of ROW NAME: its samples, sorted
of() {
  [ -e "$work/samples" ] &&
    awk -F '\t' -v row="$1" -v name="$2" '$1 == row && $2 == name { print $3 }' \
      "$work/samples" | sort -g
}

median() {
  of "$1" "$2" | awk '{ v[NR] = $1 }
    END { if (NR) printf "%.9g", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# From the least to the greatest, in percent of the median.
spread() {
  of "$1" "$2" | awk -v m="$3" '{ v[NR] = $1 }
    END {
      if (m == 0) print v[NR] == v[1] ? "0 %" : "-"
      else printf "%.0f %%", (v[NR] - v[1]) / m * 100
    }'
}

# verdict VALUE "at least"|"at most" TARGET
verdict() {
  awk -v value="$1" -v how="$2" -v target="$3" 'BEGIN {
    ok = how == "at least" ? value >= target : value <= target
    print how, target (ok ? "  ok" : "  MISSED") }'
}

# report ROW FORMAT [TARGET…]: Penstock's line first, then each peer's with the ratio of the
# medians. A TARGET is NAME:HOW:NUMBER, a ratio to NAME, or for Penstock itself a bound.
report() {
  local row=$1 format=$2 name target title=$1 value ratio note own
  shift 2
  own=$(median "$row" Penstock)
  for name in Penstock "${peers[@]}"; do
    [ "$name" = Penstock ] && [ "$title" != "$row" ] && continue
    value=$(median "$row" "$name")
    ratio=
    note=
    for target in "$@"; do
      [ "${target%%:*}" = "$name" ] && note=${target#*:}
    done
    [ -n "$value$note" ] || [ "$name" = Penstock ] || [ -n "${lost[$name]-}" ] || continue
    if [ -z "$value" ]; then
      line "$title" "$name" - - - "${lost[$name]-not measured}${note:+ (${note/:/ })}"
    else
      if [ "$name" != Penstock ]; then
        ratio=$(quotient "${own:-0}" "$value")
      fi
      if [ -n "$note" ] && [ -z "$own" ]; then
        note="${note/:/ }  not measured"
      elif [ -n "$note" ]; then
        note=$(verdict "${ratio:-$value}" "${note%%:*}" "${note#*:}")
      fi
      # shellcheck disable=SC2059
      line "$title" "$name" "$(printf "$format" "$value")" "$(spread "$row" "$name" "$value")" \
        "$([ -n "$ratio" ] && [ -n "$own" ] && printf %.3f "$ratio")" "$note"
    fi
    title=
  done | tee -a "$work/table"
}

# commands: remembers what each peer of this group ran, for the end
commands() {
  local name
  for name in "${peers[@]}"; do
    printf '%s, %s: %s\n' "$1" "$name" "${runs[$name]//"$root"\//}"
  done >>"$work/commands"
}
