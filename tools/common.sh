# Sourced by the scripts of this folder: messages, root, and quiet builds by preset.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)  # -P: also where this folder is a link
export ROOT

say() { printf '%s\n' "$*"; }

# One line on stderr, as every error of the project: what, why, what to do.
die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit "${2:-1}"
}

# The comment that a script begins with, up to the first line that is none.
print_help() {
  awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"
}

is_root() { [[ $EUID -eq 0 ]]; }

# What stands before a command that needs root: nothing, or sudo. An array and no function, so that a command
# in the background is the script's own child.
AS_ROOT=()
is_root || AS_ROOT=(sudo --)

need_root() {
  is_root || command -v sudo >/dev/null || die "$1 needs root and there is no sudo: run it as root" 3
}

# quietly LOG COMMAND…: the command's output goes to LOG, and its end comes up only if the command fails.
quietly() {
  local log=$1 status=0
  shift
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [[ $status -ne 0 ]]; then
    tail -n 60 "$log" >&2
    printf '%s: failed with status %d: %s (all of it: %s)\n' "$(basename "$0")" "$status" "$*" "$log" >&2
  fi
  return "$status"
}

# configure_preset PRESET BUILD_DIR. A directory that is new is made for building once, in half the time; one that
# somebody works in is left as it is.
configure_preset() {
  local once=()
  [[ -e $ROOT/$2/CMakeCache.txt ]] || once=(-DPLATEAU_UNITY=ON)
  mkdir -p "$ROOT/$2"
  (cd "$ROOT" && quietly "$ROOT/$2/configure.log" cmake --preset "$1" "${once[@]}")
}

# build_preset PRESET BUILD_DIR [target…]: configures and builds. The directory is the preset's own, below the
# top of the tree. Shows the build's single line of progress on a terminal.
build_preset() {
  local preset=$1 dir=$2
  shift 2
  configure_preset "$preset" "$dir" || return 1
  local command=(cmake --build "$ROOT/$dir")
  [[ $# -eq 0 ]] || command+=(--target "$@")
  if [[ -t 1 ]]; then
    "${command[@]}" </dev/null
  else
    quietly "$ROOT/$dir/build.log" "${command[@]}"
  fi
}

# replace_marked FILE MARK TEXT_FILE: puts the text between the lines "<!-- MARK -->" and "<!-- end -->" of FILE.
replace_marked() {
  grep -qxF "<!-- $2 -->" "$1" || die "$1 has no line <!-- $2 -->"
  local rest
  rest=$(mktemp)
  awk -v mark="<!-- $2 -->" -v text="$3" '
    $0 == mark { print; while ((getline line < text) > 0) print line; skip = 1; next }
    $0 == "<!-- end -->" { skip = 0 }
    !skip { print }' "$1" >"$rest"
  cat "$rest" >"$1"
  rm -f "$rest"
}
