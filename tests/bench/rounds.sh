# Sourced by benchmarks that hold servers against each other in alternating rounds of load by wrk.
# shellcheck shell=bash disable=SC2034

load_core=0  # which wrk runs on; the servers run on core 0
seconds=2 connections=64
folder=$(mktemp -d)
declare -A pid port path
servers=()

finish() {
  for name in "${servers[@]}"; do kill -TERM "${pid[$name]}" 2>/dev/null || true; done
  wait
  rm -rf "$folder"
}
trap finish EXIT

# start NAME PATH COMMAND...: a server that says "listening on ADDRESS:PORT".
start() {
  local name=$1 log=$folder/$1.log
  path[$name]=$2
  shift 2
  taskset -c 0 "$@" 2>"$log" &
  pid[$name]=$!
  servers+=("$name")
  for _ in $(seq 100); do
    grep -qs 'listening on' "$log" && break
    sleep 0.05
  done
  port[$name]=$(grep -o 'listening on .*' "$log" | grep -o '[0-9]*$')
}

cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# round NAME: "requests/s CPU-us-a-request".
round() {
  local name=$1 before after out
  before=$(cpu_ticks "${pid[$name]}")
  out=$(taskset -c "$load_core" wrk -t1 -c"$connections" -d"${seconds}s" \
    "http://127.0.0.1:${port[$name]}${path[$name]}")
  after=$(cpu_ticks "${pid[$name]}")
  if grep -qE 'Socket errors|Non-2xx' <<<"$out"; then
    echo "$name: $out" >&2
    return 1
  fi
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '
    /requests in/ { n = $1 } /Requests\/sec/ { rate = $2 }
    END { printf "%.0f %.3f\n", rate, ticks / hz / n * 1e6 }' <<<"$out"
}

# spread FORMAT: of one number a line, the median and the quartiles.
spread() {
  sort -g | awk -v format="$1" '
    { v[NR] = $1 }
    function at(part,  place, low) {
      place = 1 + part * (NR - 1)
      low = int(place)
      return low < NR ? v[low] + (place - low) * (v[low + 1] - v[low]) : v[NR]
    }
    END { printf format " [" format " " format "]", at(0.5), at(0.25), at(0.75) }'
}

# column NAME NUMBER, and in ratio to OTHER's, a line a round
column() { cut -d' ' -f"$2" "$folder/$1.rounds"; }
ratios() { paste -d' ' <(column "$1" "$3") <(column "$2" "$3") | awk '{ print $1 / $2 }'; }

# run_rounds COUNT: each server in turn, after one round each to warm up; prints the rounds, and medians.
run_rounds() {
  local i name result
  for name in "${servers[@]}"; do round "$name" >/dev/null; done
  for ((i = 1; i <= $1; ++i)); do
    for name in "${servers[@]}"; do
      result=$(round "$name")
      echo "$result" >>"$folder/$name.rounds"
      echo "round $i $name: $result"
    done
  done
  echo
  for name in "${servers[@]}"; do
    printf '%-14s requests/s %s   CPU us/request %s\n' "$name" \
      "$(column "$name" 1 | spread %.0f)" "$(column "$name" 2 | spread %.2f)"
  done
}

# compare ONE OTHER: the ratios within each round.
compare() {
  printf '%-14s to %-9s throughput %s   CPU/request %s\n' "$1" "$2" \
    "$(ratios "$1" "$2" 1 | spread %.3f)" "$(ratios "$1" "$2" 2 | spread %.3f)"
}
