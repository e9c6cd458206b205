/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose the calls to other servers are. A call is a request's where the goroutine that makes it has read that
 * request and not answered it; or where the thread has, and owes no other answer; or where the thread answers
 * what others have read: then it is that of its next answer. Any other call may be any request's that is
 * under way, or nobody's, and of those the number of calls is then not known.
 */
#ifndef PLATEAU_ASKER_H
#define PLATEAU_ASKER_H

#include "asked.h"
#include "state.h"

pl_u32 loose_calls __weak = 0;  /* that may be any request's of the target */
pl_u32 reader_calls __weak = 0; /* made by threads for what they have read */

/* The current thread, its goroutine looked up, begins a call to another server. */
COLD int asks(struct thread* t) {
  if (t->go.goid) {
    if (t->owes)
      t->asked++;
    else
      __sync_fetch_and_add(&loose_calls, 1);
  } else if (t->owing == 1 && t->owed) {
    if (t->asked_for != t->owed) t->asked = 0;
    t->asked_for = t->owed;
    t->asked++;
    __sync_fetch_and_add(&reader_calls, 1);
  } else if (t->reads) {
    t->loose++; /* of several that it has read, or after an answer's first bytes */
  } else if (t->answers_others) {
    if (t->asked_for) t->asked = 0;
    t->asked_for = 0;
    t->asked++;
  } else {
    __sync_fetch_and_add(&loose_calls, 1);
  }
  return 0;
}

/* The thread reads the first bytes of a turn. */
static __always_inline void begin_asking(struct thread* t, struct conn* c) {
  c->loose_calls = loose_calls;
  c->reader_calls = reader_calls;
  c->reader_loose = t->loose;
  if (t->go.goid) return;
  if (t->asked && !t->asked_for) { /* for an answer that it has not given */
    t->asked = 0;
    __sync_fetch_and_add(&loose_calls, 1);
  }
  t->reads = 1;
  t->owing++;
}

/* An answer, or a part of one, or the end of the connection: `first`, if there was none for what was read. */
static __always_inline void no_longer_owes(struct thread* t, const struct conn* c, int first) {
  if (first && c->reader_tid == t->tid && t->owing) t->owing--;
}

static __always_inline void add_asked(struct pl_turn* turn, u64 calls) {
  u64 sum = PL_TURN_ASKED(turn) + calls;
  if (PL_TURN_ASKED(turn)) PL_TURN_ASKED(turn) = sum > PL_MOST_ASKED ? 0 : (u16)sum;
}

/* The thread sends on the connection, whose phase is the one before that. `own`: a goroutine sends that it is
 * also the last to have received, or sent. */
static __always_inline void charge_asked(struct thread* t, const struct conn* c, int own) {
  int known = c->loose_calls == loose_calls;
  if (t->go.goid) {
    if (!own) known = 0;
  } else {
    own = c->reader_tid == t->tid;
    if (!own && c->reader_tid) t->answers_others = 1;
    if (own ? c->reader_loose != t->loose : c->reader_calls != reader_calls) known = 0;
    if (t->asked && (t->asked_for == c->id || (!t->asked_for && !own))) {
      add_asked(&t->turn, t->asked);
      t->asked = 0;
    }
    no_longer_owes(t, c, c->phase == PHASE_RECEIVING);
  }
  if (!known) PL_TURN_ASKED(&t->turn) = 0;
}

#endif
