/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads that wait for events: how often, how long, and what they do else. One account a thread, no event.
 */
#ifndef PLATEAU_LOOP_H
#define PLATEAU_LOOP_H

#include "loop_table.h"
#include "state.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, PL_LOOPS);
  __type(key, u32);
  __type(value, struct pl_loop);
} loops SEC(".maps") __weak;

/* Accounts that user space has read to the end after their thread's. */
struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, PL_LOOPS);
  __type(value, u32);
} free_loops SEC(".maps") __weak;

pl_u32 loops_used __weak = 0;  /* accounts ever given to a thread, from the first on */
pl_u32 loops_ended __weak = 0; /* threads with one that have ended */

#define NO_LOOP (PL_LOOPS + 1) /* as an index: there was no room */

static __always_inline struct pl_loop* loop_of(const struct thread* t) {
  u32 index = t->loop - 1;
  return bpf_map_lookup_elem(&loops, &index);
}

/* The thread waits for events for the first time. */
COLD int begin_loop(struct thread* t, struct task_struct* task, u64 now) {
  u32 index = 0;
  if (bpf_map_pop_elem(&free_loops, &index)) {
    index = loops_used < PL_LOOPS ? __sync_fetch_and_add(&loops_used, 1) : PL_LOOPS;
    if (index >= PL_LOOPS) {
      count(PL_COUNT_LOST_LOOPS, 1);
      t->loop = NO_LOOP;
      return 0;
    }
  }
  t->loop = index + 1;
  struct pl_loop* l = loop_of(t);
  if (!l) return 0;
  l->since_ns = now;
  l->run_before = t->run_ns;
  l->runq_before = t->runq_ns;
  l->tgid = t->tgid;
  l->tid = t->tid;
  bpf_probe_read_kernel_str(l->comm, sizeof(l->comm), task->comm);
  l->born_ns = now;
  return 0;
}

static __always_inline u32 loop_bucket(u64 ns) {
  u64 v = ns >> PL_LOOP_SHIFT;
  if (v < 4) return 0;
  if (v >> 27) return PL_LOOP_BUCKETS - 1;
  u32 x = (u32)v, log = 0;
  if (x >> 16) log += 16, x >>= 16;
  if (x >> 8) log += 8, x >>= 8;
  if (x >> 4) log += 4, x >>= 4;
  if (x >> 2) log += 2, x >>= 2;
  log += x >> 1;
  return ((log - 2) << 2) | ((u32)(v >> (log - 2)) & 3);
}

/* The thread, its books closed up to now, leaves its CPU, or gets one. */
static __always_inline void tell_loop(const struct thread* t, struct pl_loop* l, u32 state, u64 now) {
  l->run_ns = t->run_ns - l->run_before;
  l->runq_ns = t->runq_ns - l->runq_before;
  l->since_ns = now;
  l->state = state;
}

APART int account_for_leaving(struct thread* t, u64 now) {
  struct pl_loop* l = t ? loop_of(t) : 0;
  if (!l) return 0;
  l->listeners = t->listeners;
  tell_loop(t, l,
            t->in_loop                  ? PL_STATE_POLL
            : t->state == PL_STATE_RUNQ ? PL_STATE_RUNQ
                                        : PL_STATE_OTHER,
            now);
  return 0;
}

static __always_inline void loop_leaves(struct thread* t, u64 now) {
  if (t->loop) account_for_leaving(t, now);
}

/* It slept for events, and is woken, or was and runs by now. */
APART int loop_wakes(struct thread* t, u64 slept, u64 now) {
  if (!t) return 0;
  t->in_loop = 0;
  struct pl_loop* l = loop_of(t);
  if (!l) return 0;
  u64 bucket = loop_bucket(slept);
  KEEP_BOUNDS(bucket);
  l->since_ns = now;
  l->state = PL_STATE_RUNQ;
  l->sleeps++;
  l->slept_ns += slept;
  if (bucket < PL_LOOP_BUCKETS) l->buckets[bucket]++;
  return 0;
}

APART int account_for_running(struct thread* t, u64 slept, u64 now) {
  if (!t) return 0;
  if (t->in_loop) loop_wakes(t, slept, now);
  struct pl_loop* l = loop_of(t);
  if (l) tell_loop(t, l, PL_STATE_RUN, now);
  return 0;
}

static __always_inline void loop_runs(struct thread* t, u64 slept, u64 now) {
  if (t->loop) account_for_running(t, slept, now);
}

COLD int end_loop(struct thread* t, u64 now) {
  struct pl_loop* l = loop_of(t);
  if (!l) return 0;
  settle(t, now);
  tell_loop(t, l, PL_STATE_RUN, now);
  l->listeners = t->listeners;
  l->ended_ns = now;
  __sync_fetch_and_add(&loops_ended, 1);
  return 0;
}

#endif
