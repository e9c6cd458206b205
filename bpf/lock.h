/* SPDX-License-Identifier: GPL-2.0-only */
/* Who waits on which futex, and who ends the wait: that thread held the lock. */
#ifndef PLATEAU_LOCK_H
#define PLATEAU_LOCK_H

#include "abi.h"
#include "calls.h"
#include "lock_record.h"
#include "record.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 8192);
  __type(key, struct pl_lock_key);
  __type(value, struct pl_lock);
} locks SEC(".maps") __weak;

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, u64);
} last_sample SEC(".maps") __weak;

/* At most one stack a CPU in this time. */
const volatile pl_u64 sample_interval_ns __weak = 20 * 1000 * 1000;

struct waker_record {
  struct pl_waker waker;
  u8 stack[PL_STACK_SLICE];
};

static __always_inline struct pl_lock* lock_of(struct thread* t, int make) {
  struct pl_lock_key key = {.futex = t->futex, .tgid = t->tgid};
  struct pl_lock* l = bpf_map_lookup_elem(&locks, &key);
  if (l || !make) return l;
  struct pl_lock none = {};
  bpf_map_update_elem(&locks, &key, &none, BPF_NOEXIST);
  l = bpf_map_lookup_elem(&locks, &key);
  if (!l) count(PL_COUNT_LOST_LOCKS, 1);
  return l;
}

static __always_inline void futex_sleeps(struct thread* t, u64 now) {
  struct pl_lock* l = lock_of(t, 1);
  if (!l) return;
  if (__sync_fetch_and_add(&l->waiting, 1) <= 0) l->contended_since = now;
}

static __always_inline void fill_registers(u64* out, struct pt_regs* r) {
#if defined(__TARGET_ARCH_x86)
  out[0] = r->ip, out[1] = r->sp, out[2] = r->bp, out[3] = r->bx, out[4] = r->r12, out[5] = r->r13;
  out[6] = r->r14, out[7] = r->r15, out[8] = r->ax, out[9] = r->cx, out[10] = r->dx, out[11] = r->si;
  out[12] = r->di, out[13] = r->r8, out[14] = r->r9, out[15] = r->r10, out[16] = r->r11;
#else
  out[0] = r->pc, out[1] = r->sp, out[2] = r->regs[29];
  for (int i = 0; i < 10; i++) out[3 + i] = r->regs[19 + i];
  out[13] = r->regs[30];
#endif
}

#define SLICE_STEP 1024

/* Copies the waker's registers and stack: without frame pointers only user space can unwind them. */
static __always_inline void sample_waker(struct thread* waker, struct thread* waiter, struct pt_regs* regs,
                                         struct pl_lock* l, u64 wait_ns, u64 now) {
  u32 zero = 0;
  u64* last = bpf_map_lookup_elem(&last_sample, &zero);
  if (!last || now - *last < sample_interval_ns) return;
  *last = now;
  struct waker_record* r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);
  if (!r) {
    count(PL_COUNT_LOST_WAKERS, 1);
    return;
  }
  header(&r->waker.header, PL_RECORD_WAKER, sizeof(*r), now);
  r->waker.futex = waiter->futex;
  r->waker.wait_ns = wait_ns;
  r->waker.weight = l->unsampled;
  l->unsampled = 0;
  r->waker.tgid = waker->tgid;
  r->waker.waker_tid = waker->tid;
  r->waker.waiter_tid = waiter->tid;
  fill_registers(r->waker.regs, regs);
  u32 got = 0;
  for (u32 i = 0; i < PL_STACK_SLICE / SLICE_STEP; i++) {
    if (bpf_probe_read_user(r->stack + i * SLICE_STEP, SLICE_STEP,
                            (void*)(r->waker.regs[1] + i * SLICE_STEP)))
      break;
    got += SLICE_STEP;
  }
  r->waker.stack_len = got;
  bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

/*
 * A thread of the target is woken from a futex by the running thread. If that one is in the futex call itself
 * it hands the lock over; if it had slept on this lock before, it held it since it was woken, and that is the
 * time in which the lock served one holder, the holder's own wake-up included.
 */
static __always_inline void futex_woken(struct thread* waiter, u64 now) {
  struct pl_lock* l = lock_of(waiter, 0);
  if (!l) return;
  u64 wait_ns = now - waiter->wait_from;
  __sync_fetch_and_add(&l->waits, 1);
  __sync_fetch_and_add(&l->wait_ns, wait_ns);
  if (waiter->owed) {
    __sync_fetch_and_add(&l->owed_waits, 1);
    __sync_fetch_and_add(&l->owed_wait_ns, wait_ns);
  }
  if (__sync_fetch_and_add(&l->waiting, -1) == 1 && now > l->contended_since)
    __sync_fetch_and_add(&l->contended_ns, now - l->contended_since);
  waiter->slept_lock = waiter->futex;
  waiter->slept_lock_woken = now;

  struct task_struct* task = bpf_get_current_task_btf();
  struct thread* waker = thread_of(task);
  if (!waker || waker->tgid != waiter->tgid) return;
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  if ((u32)REGS_CALL(regs) != nr_futex) return;
  __sync_fetch_and_add(&l->handovers, 1);
  __sync_fetch_and_add(&l->unsampled, 1);
  if (waker->slept_lock == waiter->futex) {
    __sync_fetch_and_add(&l->services, 1);
    __sync_fetch_and_add(&l->service_ns, now - waker->slept_lock_woken);
    waker->slept_lock = 0;
  }
  sample_waker(waker, waiter, regs, l, wait_ns, now);
}

#endif
