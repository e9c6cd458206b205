# README.md's table of calibration, out of result.json of `plateau lab calibration`.

# 1234567 -> "1,235 us"
def us:
  def cut: sub("(?<head>[0-9])(?<tail>[0-9]{3})(?<rest>,|$)"; "\(.head),\(.tail)\(.rest)");
  . / 1000
  | if . < 1000 then (. * 10 | round) / 10 | tostring
    else round | tostring | until(test("^[0-9]{1,3}(,|$)"); cut)
    end;

# What was planted and what it rose by; a miss is said to be one.
def cell: "\(.planted_ns | us) → \(.risen_ns | us)" + if .ok then "" else " **missed**" end;

[.rungs[] | (.name | capture("^(?<what>.*) (?<much>[0-9]+[mu]s)$")) + {causes}]
| group_by(.what) | sort_by(map(.causes[0].stage | length) | max)
| "| planted | stage | 50 us | 1 ms | 50 ms |",
  "|---|---|---|---|---|",
  (.[] as $rungs
   | range($rungs[0].causes | length) as $i
   | $rungs[0].causes[$i].stage as $stage
   | "| \(if $i == 0 then $rungs[0].what else "" end) | `\($stage | sub(" \\+ runqueue"; ""))` | "
     + ([("50us", "1ms", "50ms") as $much
         | [$rungs[] | select(.much == $much) | .causes[$i] | cell][0] // "–"] | join(" | ")) + " |")
