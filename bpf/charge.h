/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who pays for a thread's time. A thread carries running totals by state; a turn takes the difference between
 * two snapshots of them, so that what it is charged adds up by construction (design, section 2, rules 1-3).
 */
#ifndef PLATEAU_CHARGE_H
#define PLATEAU_CHARGE_H

#include "state.h"

/* From here on the thread's time belongs to what comes next. */
static __always_inline void set_mark(struct thread* t, u64 now) {
  t->mark_ts = now;
  for (int i = 0; i < PL_STATES; i++) t->mark[i] = t->total[i];
}

/*
 * Charges `turn` with what the thread did for it since `ref`, the last moment at which the turn is accounted
 * for, and returns the moment from which the thread was at it: ref itself, or later. The gap between the two
 * is the caller's to name. The thread was at it from the latest of
 *   ref, if it ran or slept for the turn all along,
 *   its last boundary, if it worked for another turn until then,
 *   the end of the sleep that spanned ref, if it slept for want of work when the turn came up.
 */
static __always_inline u64 charge(struct thread* t, struct pl_turn* turn, u64 ref) {
  u64 from = t->mark_ts;
  const u64* base = t->mark;
  if (from < ref) {
    for (int i = 0; i < WAITS; i++) {
      const struct wait* w = &t->waits[i];
      if (w->from >= t->mark_ts && w->from <= ref && w->to > from) {
        from = w->to;
        base = w->total;
      }
    }
  }
  u64 excess = from < ref ? ref - from : 0; /* it ran, or waited for a CPU, before ref */
  for (int i = 0; i < PL_STATES; i++) {
    u64 d = t->total[i] - base[i];
    if (i <= PL_STATE_RUNQ) {
      u64 cut = d < excess ? d : excess;
      excess -= cut;
      d -= cut;
    }
    turn->state[i] += d;
  }
  return from > ref ? from : ref;
}

/*
 * The last sleep may prove to have been for another cause than its system call suggested: a receive that was
 * on a connection opened by the target, an epoll_wait that ended because a downstream answered.
 */
static __always_inline void blame_downstream(struct thread* t) {
  u32 s = t->doubt & (STATE_SLOTS - 1);
  if (!s) return;
  struct wait* last = &t->waits[(t->waits_seen - 1) & (WAITS - 1)];
  t->total[s] -= t->doubt_ns;
  t->total[PL_STATE_FD] += t->doubt_ns;
  last->total[s] -= t->doubt_ns;
  last->total[PL_STATE_FD] += t->doubt_ns;
  t->doubt = 0;
}

#endif
