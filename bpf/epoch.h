/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of connections and threads after a pause. */
#ifndef PLATEAU_EPOCH_H
#define PLATEAU_EPOCH_H

#include "charge.h"
#include "connection.h"
#include "record.h"

/* Forgets what may have changed while nobody looked. */
COLD int renew_conn(struct conn* c) {
  c->epoch = epoch;
  c->phase = PHASE_QUIET;
  c->ready_first = 0;
  c->send_blocked = 0;
  c->followed = 0;
  c->preexisting = PREEXISTING_AT_PAUSE;
  if (c->ready_unaccepted) __sync_fetch_and_add(&unaccepted, -1);
  c->ready_unaccepted = 0;
  return 0;
}

/* A thread after a pause: what it did since its last boundary belongs to nobody that is known. */
COLD int renew_thread(struct thread* t, u64 now) {
  flush_turn(t, now);
  t->epoch = epoch;
  t->owed = 0;
  t->owes = 0;
  t->owing = 0;
  t->asked = 0;
  t->doubt = 0;
  set_mark(t, now);
  return 0;
}

/* Before a receive or send of the thread is looked at. */
static __always_inline void look_again(struct thread* t, struct conn* c, u64 now) {
  if (t->epoch != epoch) renew_thread(t, now);
  if (c->epoch != epoch) renew_conn(c);
}

#endif
