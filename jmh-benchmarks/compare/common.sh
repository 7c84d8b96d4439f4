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
  [ "$BASHPID" = "$$" ] || return # what is broken in a part of it must not end the whole
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
      tls.c | tlsecho.c) header=openssl/ssl.h libraries=(-lssl -lcrypto) ;;
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
    (cd "$root" && ./mvnw -q -B -pl jmh-benchmarks -am package -DskipTests) >&2 ||
      die "the build failed"
    touch "$built"
  fi
}

# --- peers: who takes part in a group -------------------------------------------------------

peers=()
declare -A runs lost did

no_peers() {
  peers=()
  runs=()
  lost=()
  did=()
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
      progress "$group ($done of ${#groups[@]}): round $round of $rounds: $name"
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

# refuse NAME WHY: it did other work than the row is about, and is out; nothing is broken.
refuse() {
  lost[$1]="refused: $2"
  progress
  say "$group: $1 refused: $2"
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

# client LIMIT_S COMMAND...: runs a client on the other core; sets answer to the last line of what it
# prints.
client() {
  local limit=$1
  shift
  timeout -k 2 "$limit" taskset -c "$client_core" "$@" >"$work/answer" 2>"$work/err" &
  children+=("$!")
  if ! wait "$!"; then
    reason="the client failed"
    return 1
  fi
  answer=$(tail -n 1 "$work/answer")
}

# marked MARK LIMIT_S COMMAND...: the same of a client that prints a line before it measures; calls
# MARK then, and again when it has its answer.
marked() {
  local mark=$1 limit=$2 said=$work/said result=1
  shift 2
  rm -f "$said"
  mkfifo "$said"
  timeout -k 2 "$limit" taskset -c "$client_core" "$@" >"$said" 2>"$work/err" &
  local client=$!
  children+=("$client")
  exec 6<"$said"
  reason="the client failed"
  if read -r -u 6 answer && "$mark" && reason="the client failed" && read -r -u 6 answer &&
    "$mark"; then
    result=0
  fi
  exec 6<&-
  wait "$client" || result=1
  return "$result"
}

# status PID FIELD: a number from /proc/PID/status
status() {
  awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status" 2>/dev/null
}

children_of() {
  cat "/proc/$1/task/$1/children" 2>/dev/null
}

# --- what came of it ---------------------------------------------------------------------------

# record WORD FIELD...: a line of the group's results, as Results.java reads them.
record() {
  local IFS=$'\t'
  printf '%s\n' "$*" >>"$work/results"
}

# sample ROW NAME VALUE [PLACE]: PLACE if the row is a curve.
sample() {
  record sample "$@"
}

# report ROW [TARGET…]: who took part and how, and what is hoped for. A TARGET is NAME:HOW:NUMBER,
# HOW being "at least" or "at most": of the ratio to NAME, or for Penstock itself of its value.
report() {
  local row=$1 name how bound target command
  shift
  for name in "${peers[@]}"; do
    command=${runs[$name]//"$jdk/bin/java"/java}
    command=${command//"$root"\//}
    record peer "$row" "$name" "${command//"$work"/WORK}"
    [ -z "${lost[$name]-}" ] || record lost "$row" "$name" "${lost[$name]}"
    [ -z "${did[$name]-}" ] || [ -n "${lost[$name]-}" ] || record did "$row" "$name" "${did[$name]}"
  done
  for target in "$@"; do
    IFS=: read -r name how bound <<<"$target"
    record target "$row" "$name" "$how" "$bound"
  done
}

# processor_times: of all processes, of ours, and what the host kept for itself, in ticks.
processor_times() {
  local all ours
  all=$(awk '$1 == "cpu" { print $2 + $3 + $4, $9; exit }' /proc/stat)
  ours=$(awk '{ sub(/.*\) /, ""); print $12 + $13 + $14 + $15 }' "/proc/$$/stat")
  echo "$all $ours $(date +%s%N)"
}

# disturbed BEFORE AFTER: how much of all processors' time others took.
disturbed() {
  echo "$1 $2 $(nproc --all) $(getconf CLK_TCK)" | awk '{
    all = ($8 - $4) / 1e9 * $9 * $10
    others = $5 - $1 - ($7 - $3) # the kernel counts them at different times: it may be below 0
    printf "others took %.0f %% of the processors, the host %.0f %%\n",
      (others > 0 ? others : 0) / all * 100, ($6 - $2) / all * 100 }'
}

commit() {
  git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || { echo unknown && return; }
  [ -z "$(git -C "$root" status --porcelain -- ':!docs/benchmarks*')" ] || echo "and changes"
}

# What is the same for many groups: the machine, and the versions of all that takes part.
machine() {
  local jar package name
  record machine CPU "$(awk -F ': ' '/^(model name|CPU part)/ { print $2; exit }' /proc/cpuinfo), \
$(nproc --all) of them; servers on $server_core, clients on $client_core"
  record machine memory "$(awk '/MemTotal/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)"
  record machine kernel "$(uname -srm)"
  record machine system "$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME")"
  record machine JDK "$("$jdk/bin/java" -version 2>&1 | sed -n 2p)"
  record machine gcc "$(gcc -dumpfullversion)"
  record machine OpenSSL "$(openssl version 2>/dev/null || echo missing)"
  for jar in netty-common netty-tcnative-classes dnsjava agrona jctools-core-jdk11 HdrHistogram; do
    for name in "$module/target/lib/$jar"-[0-9]*.jar; do
      name=${name##*/"$jar"-}
      record machine "$jar" "${name%.jar}"
    done
  done
  for package in libc6 netcat-openbsd socat pv knot nsd dnsperf libldns-dev; do
    record machine "$package" "$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null ||
      echo 'not known')"
  done
}

# group NAME TITLE: does one, keeps its results in $pages/NAME.tsv, and prints its table.
group() {
  local before head=$work/head title=$2
  group=$1
  : >"$work/results"
  machine
  before=$(processor_times)
  if ! "group_$group"; then
    say "$group: broke off: ${reason-}"
    raise 2
  fi
  record run measured "$(date -u '+%Y-%m-%d %H:%M UTC')"
  record run commit "$(commit | paste -sd ' ')"
  record run rounds "$ROUNDS"
  [ -z "$settings" ] || record run set "${settings% }"
  record run meanwhile "$(disturbed "$before" "$(processor_times)")"
  { printf 'group\t%s\t%s\n' "$group" "$title" && cat "$work/results"; } >"$head"
  mkdir -p "$pages"
  mv "$head" "$pages/$group.tsv"
  page Table "$pages/$group.tsv"
  raise $?
}

# page CLASS ARGUMENT...: runs one of the programs that write tables and pages.
page() {
  "$jdk/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$classes" \
    "io.penstock.compare.page.$1" "${@:2}"
}

# raise STATUS: 2, something failed, is more than 1, a target was missed.
status=0
raise() {
  [ "$1" -le "$status" ] || status=$(($1 > 2 ? 2 : $1))
}
