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

# start_machine KERNEL IMAGE FILES [stdio]: boots it in the background, as the last of ${machines[@]}. The kernel's
# messages go to FILES.console, QEMU's to FILES.qemu, why it reset a CPU to FILES.resets; what the command prints goes
# to FILES.output, or is passed through (stdio).
start_machine() {
  local kernel=$1 image=$2 files=$3 output=${4:-file:$3.output}
  local words=(console=ttyS0 loglevel=5 panic=-1 mitigations=off random.trust_cpu=on "$(clock_parameters)")
  [[ $kernel != *+lockdown ]] || words+=(lockdown=integrity)
  [[ -z $append ]] || words+=("$append")
  timeout --kill-after=5 "$timeout" qemu-system-x86_64 -name "$kernel" -machine q35 -accel tcg,thread=multi \
    -cpu max,la57=off -smp 2 -m 1024 -nodefaults -display none -no-reboot -nic none \
    -serial "file:$files.console" -serial "$output" -kernel "$image" -initrd "$scratch/initramfs" \
    -append "${words[*]}" -d cpu_reset -D "$files.resets" </dev/null 2>"$files.qemu" &
  machines+=("$!")
}

# The exit status of what the machine ran, which its console tells; nothing if it did not come so far.
command_status() { sed -n 's/.*kernel-matrix: status \([0-9]*\).*/\1/p' "$1" | tail -n 1; }

# how_qemu_ended STATUS: in words.
how_qemu_ended() {
  if [[ $1 -gt 128 ]]; then
    say "by signal $(kill -l "$1")"
  elif [[ $1 -eq 124 ]]; then
    say "by its timeout of $timeout s"
  else
    say "with status $1"
  fi
}

# evidence FILES STATUS: what there is to tell why a machine ended; STATUS is how QEMU ended.
evidence() {
  say "QEMU ended $(how_qemu_ended "$2")"
  [[ ! -s $1.qemu ]] || { say "QEMU said:" && tail -n 30 "$1.qemu"; }
  ! grep -q 'Triple fault' "$1.resets" || { say "QEMU reset a CPU:" && grep -A 30 'Triple fault' "$1.resets"; }
  say "The end of the machine's console:"
  tail -n 30 "$1.console"
}

# end_of_machine FILES STATUS: STATUS is how QEMU ended; the exit status is the command's, or 1 with a line.
end_of_machine() {
  local status
  status=$(command_status "$1.console")
  [[ -z $status ]] || return "$status"
  evidence "$1" "$2" >&2
  [[ $2 -ne 124 ]] || die "the machine did not power off within $timeout s (--timeout)"
  die "the machine ended before the command did (above: why)"
}
