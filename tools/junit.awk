# Counts what a run of ctest executed, from its JUnit file: "passed failed skipped" on the first line of
# output, then one line for each test that did not run, with its reason.
#
# A program of GoogleTest counts as its cases, any other as one test. A program that fails without a failed
# case (it crashed, timed out, or leaked) counts as one failed test more.

function unescape(text) {
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

function attribute(line, name,    at, value) {
  at = index(line, " " name "=\"")
  if (at == 0) return ""
  value = substr(line, at + length(name) + 3)
  return unescape(substr(value, 1, index(value, "\"") - 1))
}

function note(what, test, reason) {
  notes[++note_count] = what ": " test ": " (reason == "" ? "no reason given" : unescape(reason))
}

function begin_test() {
  test = attribute($0, "name"); status = attribute($0, "status")
  cases = failed_cases = collecting = 0
  current = reason = message = last_line = ""
}

function end_test() {
  if (status == "disabled") { skipped++; note("skipped", test, "disabled") }
  else if (status == "notrun" && message ~ /^SKIP_/) { skipped++; note("skipped", test, last_line) }
  else if (status == "notrun") { failed++; note("failed", test, message) }
  else if (status == "fail" && failed_cases == 0) failed++
  else if (cases == 0) passed++
}

/<testcase / { begin_test() }
/<skipped / { message = attribute($0, "message") }
/<system-out>/ { sub(/.*<system-out>/, ""); last_line = "" }
{ sub(/<\/system-out>.*/, ""); if (NF && $0 !~ /^[ \t]*<\/testcase>/) last_line = $0 }
/\[ RUN      \] / { current = $0; sub(/.*\[ RUN      \] /, "", current); reason = ""; collecting = 0 }
/: Skipped$/ { collecting = 1; next }
/\[       OK \] .*\([0-9]+ ms\)$/ { cases++; passed++; collecting = 0 }
/\[  FAILED  \] .*\([0-9]+ ms\)$/ { cases++; failed++; failed_cases++; collecting = 0 }
/\[  SKIPPED \] .*\([0-9]+ ms\)$/ {
  cases++; skipped++; collecting = 0
  note("skipped", test ": " current, reason)
}
collecting && NF { reason = reason (reason == "" ? "" : " ") $0 }
/<\/testcase>/ { end_test() }

END {
  print passed + 0, failed + 0, skipped + 0
  for (i = 1; i <= note_count; i++) print notes[i]
}
