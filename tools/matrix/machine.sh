# Sourced by tools/kernel-matrix: virtual machines.
# shellcheck shell=bash disable=SC2154

# Parameters with which the clock is right also where the host is so busy that the machine's timers come late: the
# time stamp counter is the host's, and its rate known.
clock_parameters() {
  local khz
  [[ -z $libraries ]] || return 0
  printf '%s' 'tsc=reliable no_timer_check'
  khz=$("$build/tests/tsc_khz" 2>/dev/null) || return 0
  printf ' tsc_early_khz=%s' "$khz"
}

# With --brief: of the tests those that another flavour could fail by itself, and on the cloud flavours all but two.
BRIEF=(Doctor.\* Programs.\* Engines/ExactCount.\*/epoll Engines/ExactCount.\*/io_uring Budget.WaitingForALockIsTold
  Forced/\*)
BRIEF_ON_CLOUD=('*-Budget.SleepIsSleepInThreads' Budget.SpinningIsCpu)

# tests_environment KERNEL: what its tests are told. Providers are forced one by one where there is the most to force
# them with, and several at once elsewhere.
tests_environment() {
  local IFS=:
  # No function can be attached to there (arm64's ftrace has no direct calls before 6.4), and the tracepoints of
  # sends and receives are not there before 6.3 either.
  [[ $1 != 6.1-arm64* ]] || say PLATEAU_NO_REQUESTS=expected
  case $1-$brief in
    6.1-cloud-amd64-no | 6.12-cloud-amd64-no) say PLATEAU_PROVIDERS=alone ;;
    6.1-cloud-amd64-yes | 6.12-cloud-amd64-yes) say "GTEST_FILTER=${BRIEF_ON_CLOUD[*]}" ;;
    *-yes) say "GTEST_FILTER=${BRIEF[*]}" ;;
  esac
}

# machine_arguments FILES OUTPUT: as ${arguments[@]}, what QEMU is told of the machine, which has two serial ports:
# the console and OUTPUT ("stdio" or "file:NAME"); and as ${ports[@]} the words with which it learns their names.
machine_arguments() {
  if [[ -z $libraries ]]; then
    ports=(console=ttyS0 matrix_console=ttyS0 matrix_output=ttyS1)
    arguments=(-machine q35 -cpu max,la57=off -serial "file:$1.console" -serial "$2" -d cpu_reset -D "$1.resets")
    return
  fi
  local output=stdio,id=output,signal=off
  [[ $2 == stdio ]] || output=file,id=output,path=${2#file:}
  ports=(console=ttyAMA0 matrix_console=ttyAMA0 matrix_output=ttyS0)
  arguments=(-machine virt -cpu cortex-a72 -serial "file:$1.console" -chardev "$output" -device pci-serial,chardev=output
    -D "$1.resets")
}

# start_machine KERNEL IMAGE FILES [OUTPUT [PARAMETERS]]: boots it in the background, as the last of ${machines[@]}.
# The kernel's messages go to FILES.console, QEMU's to FILES.qemu, why it reset a CPU to FILES.resets; what the command
# prints goes to FILES.output, or with OUTPUT "stdio" is passed through. A parameter NAME=VALUE that the kernel does
# not know is in the environment of what runs.
start_machine() {
  local kernel=$1 image=$2 files=$3 output=${4:-file:$3.output} parameters=${5:-} arguments ports
  machine_arguments "$files" "$output"
  local words=("${ports[@]}" loglevel=5 panic=-1 softlockup_panic=1 sysctl.kernel.panic_on_rcu_stall=1
    softlockup_all_cpu_backtrace=1 watchdog_thresh=30 mitigations=off random.trust_cpu=on "$(clock_parameters)")
  add_modules "$scratch/initramfs" "$(modules_of "$image")" "$files.initramfs"
  [[ $kernel != *+lockdown ]] || words+=(lockdown=integrity)
  [[ -z $append ]] || words+=("$append")
  [[ -z $parameters ]] || words+=("$parameters")
  timeout --kill-after=5 "$timeout" "$qemu" -name "$kernel" -accel tcg,thread=multi \
    -smp 2 -m 1024 -nodefaults -display none -no-reboot -nic none "${arguments[@]}" \
    -kernel "$image" -initrd "$files.initramfs" -append "${words[*]}" </dev/null 2>"$files.qemu" &
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
  ! grep -qs 'Triple fault' "$1.resets" || { say "QEMU reset a CPU:" && grep -A 30 'Triple fault' "$1.resets"; }
  say "The end of the machine's console:"
  if grep -q 'Oops: \|BUG: ' "$1.console"; then
    grep -A 8 -m 1 'Oops: \|BUG: ' "$1.console"
    say "…"
  fi
  tail -n 30 "$1.console"
}

# QEMU 7.2 now and then goes on executing a breakpoint that the kernel has put into its code, and taken out again, to
# change it while it runs (attaching to a function or a tracepoint does that): with one CPU or more, with any of QEMU's
# threading and CPU models, and with the kernel's own function tracer as well as with BPF. The kernel finds an int3
# that is not there: 6.12 panics, 6.1 tries again for ever, at the same place: at a function's begin, or where a
# tracepoint that is off leaves five bytes of nothing.

# fault_of_qemu FILES STATUS: why a machine that ended early ended through a fault of QEMU's; nothing if it did not.
fault_of_qemu() {
  case $2 in
    132 | 134 | 135 | 136 | 139) say "QEMU crashed $(how_qemu_ended "$2")" && return ;;
  esac
  if grep -q 'Oops: int3: ' "$1.console"; then
    say "QEMU executed a breakpoint that the kernel had taken out again"
  elif grep -q 'Kernel panic - not syncing: softlockup' "$1.console" &&
    grep -q 'RIP: 0010:[A-Za-z_0-9.]*+0x[04]/' "$1.console"; then
    say "QEMU executed a breakpoint that the kernel had taken out again, and again"
  elif grep -q 'Kernel panic - not syncing: RCU Stall' "$1.console" && grep -q "Code: .*<0f> 1f 44 00 00" "$1.console"; then
    say "QEMU executed a breakpoint that the kernel had taken out again, and again, with interrupts off"
  fi
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
