// SPDX-License-Identifier: GPL-2.0-only
// Contention on the kernel's own locks: the time from contention_begin to contention_end, asleep or spinning.
#include "state.h"

#define LCB_F_SPIN (1U << 0)
#define LCB_F_READ (1U << 1)
#define LCB_F_WRITE (1U << 2)
#define LCB_F_RT (1U << 3)
#define LCB_F_PERCPU (1U << 4)
#define LCB_F_MUTEX (1U << 5)

static __always_inline u32 kind_of_lock(u32 flags) {
  int shared = flags & (LCB_F_READ | LCB_F_WRITE);
  if (flags & LCB_F_MUTEX) return PL_KERNEL_LOCK_MUTEX;
  if (flags & LCB_F_PERCPU) return PL_KERNEL_LOCK_PERCPU;
  if (flags & LCB_F_RT) return PL_KERNEL_LOCK_RT;
  if (flags & LCB_F_SPIN) return shared ? PL_KERNEL_LOCK_RWLOCK : PL_KERNEL_LOCK_SPIN;
  return shared ? PL_KERNEL_LOCK_RWSEM : PL_KERNEL_LOCK_OTHER;
}

SEC("tp_btf/contention_begin")
int BPF_PROG(contended, void* lock, u32 flags) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t || t->kernel_lock) return 0;
  u64 now = bpf_ktime_get_ns();
  settle(t, now);
  t->kernel_lock = (u64)lock;
  t->kernel_lock_from = now;
  t->kernel_lock_kind = kind_of_lock(flags);
  t->state = PL_STATE_LOCK_KERNEL;
  return 0;
}

SEC("tp_btf/contention_end")
int BPF_PROG(obtained, void* lock, int ret) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (!t || t->kernel_lock != (u64)lock) return 0;
  u64 now = bpf_ktime_get_ns();
  settle(t, now);
  u32 kind = t->kernel_lock_kind;
  count(PL_COUNT_KERNEL_LOCK_WAITS + kind, 1);
  count(PL_COUNT_KERNEL_LOCK_NS + kind, now - t->kernel_lock_from);
  t->kernel_lock = 0;
  t->state = t->running;
  return 0;
}
