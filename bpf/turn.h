/* SPDX-License-Identifier: GPL-2.0-only */
/* The record that a thread makes of a connection's turn: its beginning, and who is charged with what. */
#ifndef PLATEAU_TURN_H
#define PLATEAU_TURN_H

#include "epoch.h"
#include "goroutine.h"
#include "record.h"

/*
 * The first bytes of a connection came before it was accepted: charges the wait for that, up to the latest
 * moment at which it is known to have gone on, and returns the moment by which it was over. What lies between
 * the two is unattributed.
 */
COLD u64 charge_accept(const struct conn* c, struct pl_turn* turn, u64 ref, u64 from) {
  u64 after = 0, by = 0;
  if (c->number) accepted_between(c->listener, c->number, &after, &by);
  if (!by || by > from) by = from;
  if (after > by) after = by;
  if (after > ref) turn->before[PL_BEFORE_ACCEPT] += after - ref;
  return by > ref ? by : ref;
}

/* Splits the time between readiness and the thread's turn to this request. */
static __always_inline void charge_before(const struct thread* t, struct pl_turn* turn, u64 ref, u64 from) {
  if (from <= ref) return;
  if (!t->idle_to) { /* a thread born after the bytes came, or woken to take the connection over */
    turn->before[PL_BEFORE_HANDOFF] += from - ref;
    return;
  }
  u64 idle_to = t->idle_to < from ? t->idle_to : from;
  u64 busy_from = idle_to > ref ? idle_to : ref;
  turn->before[PL_BEFORE_BUSY] += from - busy_from;
  if (idle_to > ref) {
    u64 idle_from = t->idle_from > ref ? t->idle_from : ref;
    if (idle_to > idle_from) turn->before[PL_BEFORE_WAKEUP] += idle_to - idle_from;
  }
}

/* A new record of the connection's turn in the thread. Every field is set: the last record is still in it. */
ONCE int begin_record(struct thread* t, struct conn* c, u16 flags) {
  struct pl_turn* r = &t->turn;
  t->pending = c->id;
  r->conn = c->id;
  r->seq = c->turns - 1;
  r->part = c->parts++;
  r->flags = flags;
  r->ready_ns = 0;
  r->recv_first_ns = 0;
  r->recv_last_ns = 0;
  r->send_first_ns = 0;
  r->send_last_ns = 0;
  r->in_offset = c->in_offset;
  r->out_offset = c->out_offset;
  r->bytes_in = 0;
  r->bytes_out = 0;
  r->calls_in = 0;
  r->calls_out = 0;
  r->tgid = t->tgid;
  r->reader_tid = c->reader_tid;
  r->writer_tid = 0;
  r->in_len = 0;
  r->out_len = 0;
  r->role = c->role;
  r->paths = 0;
  r->tail_len = 0;
  r->previous_parts = 0;
  r->retransmits = 0;
  r->addr = c->addr;
  PL_TURN_ASKED(r) = 1;
  r->goid = c->goid;
  if (t->parks) forget_parks(t);
  for (int i = 0; i < PL_BEFORES; i++) r->before[i] = 0;
  for (int i = 0; i < PL_STATES; i++) r->state[i] = 0;
  return 0;
}

/* The first record of the connection's next turn. */
static __always_inline void begin_turn(struct thread* t, struct conn* c, u64 ready, u16 flags) {
  u16 parts = c->parts;
  c->parts = 0;
  c->turns++;
  begin_record(t, c, flags | (c->preexisting ? PL_TURN_PREEXISTING : 0));
  t->turn.previous_parts = parts > 255 ? 255 : (u8)parts;
  t->turn.ready_ns = ready;
  c->preexisting = PREEXISTING_NOT;
}

/* Whether the thread's record is the connection's latest: another thread may have gone on since. */
static __always_inline int has_record(const struct thread* t, const struct conn* c) {
  return t->pending == c->id && t->turn.seq == c->turns - 1 && t->turn.part == (u16)(c->parts - 1);
}

/* The first receive of a turn. */
static __always_inline void open_turn(struct thread* t, struct conn* c, u64 now) {
  u64 ready = c->ready_first;
  u16 flags = 0;
  if (!ready || ready > now || c->preexisting == PREEXISTING_AT_PAUSE) {
    ready = now;
    flags = PL_TURN_NO_READY;
  }
  c->reader_tid = t->tid;
  begin_turn(t, c, ready, flags);
  t->turn.recv_first_ns = now;
  t->listener = c->listener;
  if (c->number) t->listeners |= 1ull << (c->listener & (LISTENERS - 1));
  u64 from = IS_GO(t) ? now : charge(t, &t->turn, ready);
  u64 readable = ready;
  if (c->ready_unaccepted) {
    readable = charge_accept(c, &t->turn, ready, from);
    __sync_fetch_and_add(&unaccepted, -1);
    c->ready_unaccepted = 0;
  }
  if (IS_GO(t))
    go_charge_before(t, &t->turn, readable, now);
  else
    charge_before(t, &t->turn, readable, from);
  begin_asking(t, c);
  c->phase = PHASE_RECEIVING;
  c->send_blocked = 0;
}

/* The record for a send, if the thread has none of this turn. */
COLD int begin_answer(struct thread* t, struct conn* c, u64 now) {
  flush_turn(t, now);
  if (c->phase == PHASE_QUIET) { /* it answers nothing that was seen */
    c->reader_tid = 0;
    begin_turn(t, c, now, PL_TURN_NO_RECV);
    c->last_ts = now;
    c->last_tid = t->tid;
  } else {
    begin_record(t, c, PL_TURN_CONTINUED);
  }
  return 0;
}

/*
 * Charges the record with the time since the turn's last event, `goid` being the goroutine at it, if any; a
 * gap in which the thread was not at it is room waited for in the send buffer, or, between two threads, the
 * hand-over, or, where the caller knows that the thread was `at_others`, their work.
 */
static __always_inline void charge_on(struct thread* t, struct conn* c, u64 goid, int at_others) {
  struct pl_turn* turn = &t->turn;
  if (goid) {
    go_charge_on(t, c, goid);
    return;
  }
  u64 polled = turn->state[PL_STATE_POLL];
  u64 from = charge(t, turn, c->last_ts);
  if (c->send_blocked) {
    turn->state[PL_STATE_SEND] += turn->state[PL_STATE_POLL] - polled + (from - c->last_ts);
    turn->state[PL_STATE_POLL] = polled;
  } else if (from > c->last_ts && t->tid != c->last_tid) {
    turn->before[PL_BEFORE_HANDOFF] += from - c->last_ts;
  } else if (from > c->last_ts && at_others) {
    turn->before[PL_BEFORE_BUSY] += from - c->last_ts;
  }
}

/*
 * A thread that works through io_uring takes all that has come, then hands in all answers: a request waits
 * for those of its batch. The turns of that loop are numbered by the receives that follow a send.
 */
static __always_inline void ring_received(struct thread* t, struct conn* c) {
  if (t->ring_sent) t->ring_turns++;
  t->ring_sent = 0;
  c->ring_turn = t->ring_turns;
}

/* Whether all the time since the connection's last event its thread had work: of the same turn of the loop,
 * or, after an answer's first part, of the next. */
static __always_inline int ring_sent(struct thread* t, struct conn* c) {
  int in_time = c->ring_turn - t->ring_turns <= 1 && t->idle_to <= c->last_ts && t->tid == c->last_tid;
  t->ring_sent = 1;
  c->ring_turn = t->ring_turns + 1;
  return in_time;
}

#endif
