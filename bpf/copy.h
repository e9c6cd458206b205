/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a receive or send is copying, and what is the TCP send path: whichever way the kernel tells. */
#ifndef PLATEAU_COPY_H
#define PLATEAU_COPY_H

#include "state.h"

static __always_inline void go_on_as(struct thread* t, u32 state) {
  settle(t, bpf_ktime_get_ns());
  run_as(t, state);
}

/* The current thread, where it is followed and does `before`, goes on to `after`. */
static __always_inline int pass_from(u32 before, u32 after) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (t && t->running == before) go_on_as(t, after);
  return 0;
}

/* The current thread, where it is followed, goes on to `state`, whatever it did. */
static __always_inline int pass_to(u32 state) {
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (t && t->running != state) go_on_as(t, state);
  return 0;
}

#endif
