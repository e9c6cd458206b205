# Sourced by tools/kernel-matrix: virtual machines.
# shellcheck shell=bash disable=SC2154

# Parameters with which the clock is right also where the host is so busy that the machine's timers come late: the
# time stamp counter is the host's, and its rate known.
clock_parameters() {
  local khz
  printf '%s' 'tsc=reliable no_timer_check'
  khz=$("$build/tests/tsc_khz" 2>/dev/null) || return 0
  printf ' tsc_early_khz=%s' "$khz"
}

# start_machine KERNEL IMAGE CONSOLE OUTPUT: boots it in the background, as the last of ${machines[@]}. The kernel's
# messages go to the file CONSOLE; what the command prints goes to the file OUTPUT, or is passed through (stdio).
start_machine() {
  local kernel=$1 image=$2 console=$3 output=$4
  local words=(console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on "$(clock_parameters)")
  [[ $kernel != *+lockdown ]] || words+=(lockdown=integrity)
  [[ -z $append ]] || words+=("$append")
  [[ $output == stdio ]] || output=file:$output
  timeout --kill-after=5 "$timeout" qemu-system-x86_64 -name "$kernel" -machine q35 -accel tcg,thread=multi \
    -cpu max,la57=off -smp 2 -m 1024 -nodefaults -display none -no-reboot -nic none \
    -serial "file:$console" -serial "$output" -kernel "$image" -initrd "$scratch/initramfs" \
    -append "${words[*]}" </dev/null &
  machines+=("$!")
}

# The exit status of what the machine ran, which its console tells; nothing if it did not come so far.
command_status() { sed -n 's/.*kernel-matrix: status \([0-9]*\).*/\1/p' "$1" | tail -n 1; }

# end_of_machine CONSOLE STATUS: STATUS is how QEMU ended; the exit status is the command's, or 1 with a line.
end_of_machine() {
  local status
  status=$(command_status "$1")
  [[ -z $status ]] || return "$status"
  tail -n 20 "$1" >&2
  [[ $2 -ne 124 ]] || die "the machine did not power off within $timeout s (--timeout)"
  die "the machine ended before the command did (above: the end of its console)"
}
