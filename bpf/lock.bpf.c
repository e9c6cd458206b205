// SPDX-License-Identifier: GPL-2.0-only
// Contention on the kernel's own locks: the time from contention_begin to contention_end, asleep or spinning.
#include "lock_record.h"
#include "state.h"

#define LCB_F_SPIN (1U << 0)
#define LCB_F_READ (1U << 1)
#define LCB_F_WRITE (1U << 2)
#define LCB_F_RT (1U << 3)
#define LCB_F_PERCPU (1U << 4)
#define LCB_F_MUTEX (1U << 5)

/*
 * A stack, up to 10 us of CPU time, is taken while the thread cannot go on anyhow and nobody waits for
 * it: only one that would have had the lock at once is held up. So its time is bounded: a stack every so
 * often on each CPU, and after a quiet while so many at once. Sixteen frames, of which the way here from the
 * lock takes six, tell whose lock it is.
 */
#define STACK_DEPTH 16
#define STACK_EVERY_NS 10000000ull
#define STACKS_AT_ONCE 100

struct {
  __uint(type, BPF_MAP_TYPE_STACK_TRACE);
  __uint(max_entries, 2 * PL_LOCK_STACKS); /* two stacks on one place: the second is not kept */
  __uint(key_size, sizeof(u32));
  __uint(value_size, STACK_DEPTH * sizeof(u64));
} lock_stacks SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, PL_LOCK_STACKS);
  __type(key, struct pl_lock_stack);
  __type(value, struct pl_lock_stack_waits);
} lock_stack_waits SEC(".maps");

/* When, on this CPU, the stacks taken so far are paid for. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u64);
} lock_stacks_paid SEC(".maps");

_Static_assert(STACK_DEPTH <= PL_LOCK_STACK_DEPTH, "what user space has room for");

/* Its number + 1; 0: it is not taken. */
static __always_inline u32 stack_of_wait(void* ctx, u64 now) {
  u32 zero = 0;
  u64* paid = bpf_map_lookup_elem(&lock_stacks_paid, &zero);
  if (!paid) return 0;
  u64 from = *paid > now ? *paid : now;
  if (from - now > STACKS_AT_ONCE * STACK_EVERY_NS) return 0;
  *paid = from + STACK_EVERY_NS;
  long id = bpf_get_stackid(ctx, &lock_stacks, BPF_F_FAST_STACK_CMP);
  return id < 0 ? 0 : (u32)id + 1;
}

static __always_inline void add_to_stack(u32 stack, u32 kind, u64 ns) {
  struct pl_lock_stack key = {.stack = stack, .kind = kind};
  struct pl_lock_stack_waits* waits = bpf_map_lookup_elem(&lock_stack_waits, &key);
  if (waits) {
    __sync_fetch_and_add(&waits->waits, 1);
    __sync_fetch_and_add(&waits->wait_ns, ns);
    return;
  }
  struct pl_lock_stack_waits first = {.waits = 1, .wait_ns = ns};
  bpf_map_update_elem(&lock_stack_waits, &key, &first, BPF_NOEXIST);
}

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
  t->kernel_lock_stack = stack_of_wait(ctx, now);
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
  /* After the counters, so that there are never more waits by stack than in all. */
  if (t->kernel_lock_stack) add_to_stack(t->kernel_lock_stack - 1, kind, now - t->kernel_lock_from);
  t->kernel_lock = 0;
  t->state = t->running;
  return 0;
}
