# The tables of tools/kernel-matrix, from matrix.json: signals and tests in rows, kernels in columns.

def pad($width): . + (" " * ([$width - length, 0] | max));

# Rows of texts as aligned lines.
def aligned: . as $rows
  | [range($rows[0] | length) as $i | [$rows[][$i] | length] | max] as $widths
  | $rows[] | [range(length) as $i | .[$i] | pad($widths[$i])] | join("  ") | sub(" +$"; "");

# In order of appearance.
def distinct: reduce .[] as $x ([]; if index([$x]) then . else . + [$x] end);

def kind: split("/")[0];

.kernels as $kernels
| [$kernels[].doctor.signals // [] | .[] | select(.reason != "") | "\(.signal): \(.reason)"] as $all
| ($all | distinct) as $reasons
| def note: "\(.signal): \(.reason)" as $text | ($reasons | index($text)) + 1;
  ([["SIGNAL"] + [$kernels[].kernel]]
    + [[$kernels[].doctor.signals // [] | .[].signal] | distinct[] as $name
      | [$name] + [$kernels[]
        | [.doctor.signals // [] | .[] | select(.signal == $name)]
        | if length == 0 then "?" else .[0] | (.provider | kind) + (if .reason != "" then " (\(note))" else "" end) end]]
    | aligned),
  ($reasons | to_entries[] | "(\(.key + 1)) \(.value)"),
  "",
  ([["TEST"] + [$kernels[].kernel]]
    + [[$kernels[].tests[].name] | distinct[] as $name
      | [$name] + [$kernels[] | [.tests[] | select(.name == $name)] | if length == 0 then "-" else .[0].outcome end]]
    + [["seconds"] + [$kernels[].seconds | tostring]]
    | aligned),
  ($kernels[] | select(.doctor.ready == false) | "\(.kernel): shows no requests: \(.doctor.problem)"),
  ($kernels[] | select(.restarted) | "\(.kernel): started twice: \(.restarted)"),
  ($kernels[] | select(.problem) | "\(.kernel): \(.problem)")
