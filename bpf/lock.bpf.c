// SPDX-License-Identifier: GPL-2.0-only
// Contention on the kernel's own locks: the time from contention_begin to contention_end, asleep or spinning.
#include "state.h"

SEC("tp_btf/contention_begin")
int BPF_PROG(contended, void* lock, u32 flags) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t || t->kernel_lock) return 0;
  settle(t, bpf_ktime_get_ns());
  t->kernel_lock = (u64)lock;
  t->state = PL_STATE_LOCK_KERNEL;
  return 0;
}

SEC("tp_btf/contention_end")
int BPF_PROG(obtained, void* lock, int ret) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t || t->kernel_lock != (u64)lock) return 0;
  settle(t, bpf_ktime_get_ns());
  t->kernel_lock = 0;
  t->state = t->running;
  return 0;
}
