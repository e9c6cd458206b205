/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receives and sends that no program was run for, as on kernels that can be preempted anywhere: the kernel
 * skips a program that it comes upon again on the same CPU. The socket's own counts tell that bytes moved.
 * Each direction is looked at in its own calls alone: in the other's one of them may just be under way.
 */
#ifndef PLATEAU_UNSEEN_H
#define PLATEAU_UNSEEN_H

#include "record.h"
#include "turn.h"

#define RCV_SHUTDOWN 1
#define FOLLOWS_IN 1 /* of struct conn, followed: in_seq is known */
#define FOLLOWS_OUT 2

/* TLS in the kernel, and others that sit between the socket and TCP, change the bytes. */
static __always_inline int counts_alike(const struct tcp_sock* tp) {
  return tp && !tp->inet_conn.icsk_ulp_ops;
}

/* Bytes between `before` and `after`, less those that are known of. Of two threads at it at once the later
 * one finds the other's counted. */
static __always_inline u32 beyond(u32 before, u32 after, u32 known) {
  u32 more = after - before - known;
  return more >> 31 ? 0 : more;
}

/* Bytes received between the last receive that was seen and the present one. */
static __always_inline u32 unseen_in(struct conn* c, const struct sock* sk, const struct tcp_sock* tp,
                                     u32 received) {
  if (!counts_alike(tp)) return 0;
  u32 now = tp->copied_seq;
  u32 more = c->followed & FOLLOWS_IN ? beyond(c->in_seq, now, received) : 0;
  if (more && sk->sk_shutdown & RCV_SHUTDOWN) more--; /* the peer's end counts as a byte */
  c->in_seq = now;
  c->followed |= FOLLOWS_IN;
  return more;
}

static __always_inline u32 unseen_out(struct conn* c, const struct tcp_sock* tp, u32 sent) {
  if (!counts_alike(tp)) return 0;
  u32 now = tp->write_seq;
  u32 more = c->followed & FOLLOWS_OUT ? beyond(c->out_seq, now, sent) : 0;
  c->out_seq = now;
  c->followed |= FOLLOWS_OUT;
  return more;
}

/*
 * What was not seen belongs to the run of receives, or of sends, that goes on now: it is a gap in its bytes.
 * Where receives begin anew, or another thread goes on, it is not known what they begin with.
 */
APART int pass_over_unseen(struct thread* t, struct conn* c, u32 in, u32 out) {
  if (!t || !c) return 0;
  count(PL_COUNT_BYTES_IN, in);
  count(PL_COUNT_BYTES_OUT, out);
  c->in_offset += in;
  c->out_offset += out;
  int same = in ? c->phase == PHASE_RECEIVING : c->phase != PHASE_QUIET;
  if (same && has_record(t, c)) {
    t->turn.bytes_in += in;
    t->turn.bytes_out += out;
    return 0;
  }
  flush_turn(t, bpf_ktime_get_ns());
  c->phase = PHASE_QUIET;
  c->ready_first = 0;
  c->send_blocked = 0;
  c->preexisting = PREEXISTING_AT_PAUSE;
  return 0;
}

#endif
