/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a connection. */
#ifndef PLATEAU_CLOSING_H
#define PLATEAU_CLOSING_H

#include "record.h"
#include "turn.h"

/*
 * The target has sent its last: it closed or shut down its side, or the socket goes away. Not where the
 * peer's reset arrives, for that may happen within a send that is yet to return.
 */
static __always_inline void on_closed(struct conn* c) {
  if (c->closed || c->role == PL_ROLE_CLIENT) return;
  c->closed = 1;
  u64 now = bpf_ktime_get_ns();
  struct thread* t = thread_of(bpf_get_current_task_btf());
  if (t && t->pending == c->id) {
    int seen_all = !PAUSED && c->epoch == epoch;
    if (seen_all && !t->turn.calls_out && has_record(t, c)) t->turn.flags |= PL_TURN_UNANSWERED;
    flush_turn(t, now);
  }
  if (t) no_longer_owes(t, c, c->phase == PHASE_RECEIVING);
  if (t && goroutines_away > 0 && c->goid) forget_goroutine(t->tgid, c->goid);
  if (c->ready_unaccepted) __sync_fetch_and_add(&unaccepted, -1);
  c->ready_unaccepted = 0;
  count(PL_COUNT_CONNS_CLOSED, 1);
  struct pl_close close = {
      .conn = c->id,
      .bytes_in = c->in_offset,
      .bytes_out = c->out_offset,
      .turns = c->turns,
      .last_parts = c->parts,
      .reset = c->reset,
  };
  header(&close.header, PL_RECORD_CLOSE, sizeof(close), now);
  if (bpf_ringbuf_output(&ring, &close, sizeof(close), BPF_RB_NO_WAKEUP) == 0) return;
  if (bpf_map_push_elem(&late_ends, &close, BPF_ANY)) count(PL_COUNT_LOST_CLOSES, 1);
}

#endif
