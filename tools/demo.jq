# The demo's closing lines, in plain words, out of `plateau explain --format json`.

# 12345.6 -> "12,346"
def grouped:
  def cut: sub("(?<head>[0-9])(?<tail>[0-9]{3})(?<rest>,|$)"; "\(.head),\(.tail)\(.rest)");
  round | tostring | until(test("^[0-9]{1,3}(,|$)"); cut);

def percent: "\(. * 100 | round) %";
def microseconds: "\(. / 1000 | round) us";

def holder($lock):
  if ($lock.holders | length) == 0 then "no holder was caught in the act."
  else
    ([$lock.holders[].samples] | add) as $all
    | $lock.holders[0]
    | "\(.function), in \(.samples) of \($all) samples, \($lock.service_ns | microseconds) at a time."
  end;

def lock_words:
  .verdict.ceilings[0] as $ceiling
  | .verdict as {$waiting, $cpu_idle, $throughput}
  | (.locks[] | select(.futex == $ceiling.futex)) as $lock
  | "  The lock is the ceiling: \($waiting | round) threads wait for it, the CPUs are \($cpu_idle | percent) idle.",
    "  Who holds it: \(holder($lock))",
    "  What the ceiling is: \($ceiling.per_second | grouped) requests/s; \($throughput | grouped) are served.";

def other_words:
  if .verdict.bound then "  Not the lock but the \(.verdict.bottleneck) is the ceiling."
  else "  No ceiling was reached." end;

"In plain words",
(if .verdict.bound and .verdict.bottleneck == "lock" then lock_words else other_words end)
