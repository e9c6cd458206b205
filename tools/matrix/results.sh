# Sourced by tools/kernel-matrix: what came out of the machines. The results of KERNEL are $results/KERNEL.json, of
# all $results/matrix.json.
# shellcheck shell=bash disable=SC2154

# section NAME FILE: what follows the line "== NAME", up to the next such line.
section() { awk -v name="== $1" '/^== / { inside = $0 == name; next } inside' "$2"; }

# The lines of a log of GoogleTest that end a test, as JSON.
tests_of() {
  jq --raw-input --null-input '[inputs
    | capture("^\\[ +(?<outcome>OK|FAILED|SKIPPED) +\\] (?<name>[^ ,]+).* \\((?<ms>[0-9]+) ms\\)$")
    | {name, outcome: {OK: "passed", FAILED: "failed", SKIPPED: "skipped"}[.outcome], ms: (.ms | tonumber)}]'
}

# write_result KERNEL SECONDS PROBLEM [RESTARTED]: PROBLEM is why the machine did not come to its end, or empty;
# RESTARTED why it was started a second time.
write_result() {
  local output=$results/$1.output doctor
  touch "$output"
  section doctor "$output" >"$scratch/doctor.json"
  doctor=$(jq --compact-output . "$scratch/doctor.json" 2>/dev/null) || doctor=null
  section tests "$output" >"$results/$1.log"
  tests_of <"$results/$1.log" | jq --arg kernel "$1" --argjson seconds "$2" --arg problem "$3" \
    --arg restarted "${4:-}" --argjson doctor "${doctor:-null}" \
    '{$kernel, $seconds, problem: (if $problem == "" then null else $problem end),
      restarted: (if $restarted == "" then null else $restarted end), $doctor, tests: .}' \
    >"$results/$1.json"
}

# why_no_end KERNEL STATUS: why the machine did not come to its end; STATUS is how QEMU ended. Nothing if it did.
why_no_end() {
  local status
  status=$(command_status "$results/$1.console")
  if [[ -z $status && $2 -eq 124 ]]; then
    say "the machine did not power off within $timeout s (see $results/$1.output)"
  elif [[ -z $status ]]; then
    say "the machine ended early: QEMU ended $(how_qemu_ended "$2") (see $results/$1.console)"
  elif [[ $status -ne 0 ]] && ! grep -q '^\[  FAILED  \]' "$results/$1.output"; then
    say "the tests ended with status $status (see $results/$1.output)"
  fi
}

# say_evidence KERNEL: why its machine did not come to its end, as far as that was kept.
say_evidence() { sed "s/^/$1: /" "$results/$1.evidence"; }

# say_restart KERNEL SECONDS: that its machine is started once more, and why; what there was of it is put aside.
say_restart() {
  local file
  say_evidence "$1"
  say "$1: started once more after $2 s, since ${restarted[$1]}"
  for file in console output qemu resets evidence; do mv "$results/$1.$file" "$results/$1.first.$file"; done
}

# say_result KERNEL: its tests in a line; with --logs what they printed before it, with the kernel's name before each
# test's, and the machine's end as one more test.
say_result() {
  if [[ $logs == yes ]]; then
    sed -E "s/^(\[ +(RUN|OK|FAILED|SKIPPED) +\] )/\1$1 /" "$results/$1.log"
    say_end "$1" "$(jq --raw-output '.problem // ""' "$results/$1.json")"
  fi
  [[ ! -e $results/$1.evidence ]] || say_evidence "$1"
  jq --raw-output '.kernel + ": " + (["passed", "failed", "skipped"] as $outcomes | . as $result
    | [$outcomes[] as $o | "\([$result.tests[] | select(.outcome == $o)] | length) \($o)"] | join(", "))
    + " in \(.seconds) s" + (if .restarted then ", started twice: " + .restarted else "" end)
    + (if .problem then ": " + .problem else "" end)' "$results/$1.json"
}

# As GoogleTest prints a test.
say_end() {
  local name="$1 Machine.ComesToItsEnd" problem=$2
  say "[ RUN      ] $name"
  case $problem in
    "") say "[       OK ] $name (0 ms)" ;;
    skipped:*) say "kernel-matrix: Skipped" "${problem#skipped: }" "[  SKIPPED ] $name (0 ms)" ;;
    *) say "$problem" "[  FAILED  ] $name (0 ms)" ;;
  esac
}

# print_tables KERNEL…
print_tables() {
  jq --slurp '{kernels: .}' "${@/%/.json}" >"$results/matrix.json"
  jq --raw-output --from-file "$ROOT/tools/matrix/table.jq" "$results/matrix.json"
}

# 0: no test failed, 1: one did, or a machine did not come to its end, 3: no machine ran.
matrix_status() {
  jq '[.kernels[].problem // ""] as $problems
    | if any($problems[]; . != "" and (startswith("skipped:") | not))
        or any(.kernels[].tests[]; .outcome == "failed") then 1
      elif all($problems[]; startswith("skipped:")) then 3 else 0 end' "$results/matrix.json"
}
