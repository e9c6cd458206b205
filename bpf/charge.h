/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who pays for a thread's time. A thread adds up what it spends in each state since its last boundary; a
 * turn takes that sum, or the part of it since a sleep ended, so that what it is charged adds up by
 * construction (design, section 2, rules 1-3).
 */
#ifndef PLATEAU_CHARGE_H
#define PLATEAU_CHARGE_H

#include "state.h"

#define ONLY_RUN (1u << PL_STATE_RUN)

/*
 * From here on the thread's time belongs to what comes next. A lock is not held from one request to the next:
 * if it was passed on with nobody waiting, no call told so.
 */
static __always_inline void set_mark(struct thread* t, u64 now) {
  t->mark_ts = now;
  t->slept_lock = 0;
  t->spent[PL_STATE_RUN] = 0;
  if (t->spent_mask & ~ONLY_RUN) KEEP_LOOP
  for (int i = 1; i < PL_STATES; i++) t->spent[i] = 0;
  t->spent_mask = 0;
}

/*
 * io_uring's submission thread spins while there is nothing to do: what it ran since its last boundary counts
 * as idle.
 */
static __always_inline void count_as_idle(struct thread* t) {
  u64 spun = t->spent[PL_STATE_RUN];
  t->run_ns -= spun;
  t->idle_ns += spun;
}

/* The general case of charge(): the thread slept, or waited for a CPU, since its last boundary. */
APART u64 charge_all(struct thread* t, struct pl_turn* turn, u64 ref) {
  if (!t || !turn) return ref;
  u64 from = t->mark_ts;
  const struct wait* base = 0;
  if (from < ref) {
    for (int i = 0; i < WAITS; i++) {
      const struct wait* w = &t->waits[i];
      if (w->from >= t->mark_ts && w->from <= ref && w->to > from) {
        from = w->to;
        base = w;
      }
    }
  }
  u64 excess = from < ref ? ref - from : 0; /* it ran, or waited for a CPU, before ref */
  for (int i = 0; i < PL_STATES; i++) {
    u64 d = t->spent[i];
    if (base) d -= base->spent[i];
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
 * Charges `turn` with what the thread did for it since `ref`, the last moment at which the turn is accounted
 * for, and returns the moment from which the thread was at it: ref itself, or later. The gap between the two
 * is the caller's to name. The thread was at it from the latest of
 *   ref, if it ran or slept for the turn all along,
 *   its last boundary, if it worked for another turn until then,
 *   the end of the sleep that spanned ref, if it slept for want of work when the turn came up.
 */
static __always_inline u64 charge(struct thread* t, struct pl_turn* turn, u64 ref) {
  if (t->spent_mask & ~ONLY_RUN) return charge_all(t, turn, ref);
  u64 ran = t->spent[PL_STATE_RUN];
  if (t->mark_ts >= ref) {
    turn->state[PL_STATE_RUN] += ran;
    return t->mark_ts;
  }
  u64 before = ref - t->mark_ts;
  turn->state[PL_STATE_RUN] += ran > before ? ran - before : 0;
  return ref;
}

/*
 * The last sleep may prove to have been for another cause than its system call suggested: a receive that was
 * on a connection opened by the target, an epoll_wait that ended because a downstream answered. A thread that
 * owed an answer, and could see nothing else come meanwhile, was not free for other work.
 */
APART int blame_downstream(struct thread* t) {
  if (!t) return 0;
  u32 s = t->doubt & (STATE_SLOTS - 1);
  if (!s) return 0;
  if (t->owed && (s == PL_STATE_RECV || (s == PL_STATE_POLL && t->on_one))) {
    t->idle_ns -= t->doubt_ns;
    t->idle_from = t->prior_from;
    t->idle_to = t->prior_to;
  }
  struct wait* last = &t->waits[(t->waits_seen - 1) & (WAITS - 1)];
  t->spent[s] -= t->doubt_ns;
  t->spent[PL_STATE_FD] += t->doubt_ns;
  t->spent_mask |= 1u << PL_STATE_FD;
  last->spent[s] -= t->doubt_ns;
  last->spent[PL_STATE_FD] += t->doubt_ns;
  t->doubt = 0;
  return 0;
}

#endif
