/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Threads that wait for events. As wire.h. */
#ifndef PLATEAU_LOOP_TABLE_H
#define PLATEAU_LOOP_TABLE_H

#include "wire.h"

/* Threads whose waits for events are counted at a time; a bucket is a quarter of a power of two. */
#define PL_LOOPS 1024u
#define PL_LOOP_BUCKETS 100u
#define PL_LOOP_SHIFT 8
/* The shortest sleep of a bucket, in ns; of the first, 0. */
#define PL_LOOP_BOUND(i) ((4ull + ((i)&3u)) << ((i) >> 2) << PL_LOOP_SHIFT)

/*
 * A thread that waits for events: in epoll, poll, select or io_uring's wait. Its time since `born_ns` is
 * slept_ns, run_ns, runq_ns, what is left, which are sleeps of other kinds, and, from since_ns on, `state`.
 */
struct pl_loop {
  pl_u64 born_ns; /* it first fell asleep so, or was found asleep; 0: no thread's */
  pl_u64 ended_ns;
  pl_u64 since_ns; /* start of its present state */
  pl_u64 sleeps;   /* waits for events in which it gave up its CPU, and that ended */
  pl_u64 slept_ns; /* their sum, each up to the wake-up */
  pl_u64 run_ns;   /* on a CPU */
  pl_u64 runq_ns;
  pl_u64 run_before; /* its sums at born_ns */
  pl_u64 runq_before;
  pl_u64 listeners; /* whose connections it has read, a bit each; see PL_LISTENERS */
  pl_u32 tgid;
  pl_u32 tid;
  pl_u32 state; /* PL_STATE_POLL: waits for events; RUN; RUNQ; OTHER: asleep elsewhere */
  pl_u32 reserved;
  char comm[16];
  pl_u64 buckets[PL_LOOP_BUCKETS]; /* sleeps by length */
};

#define PL_LISTENERS 64u

PL_ASSERT(sizeof(struct pl_loop) == 112 + 8 * PL_LOOP_BUCKETS, "pl_loop");

#endif
