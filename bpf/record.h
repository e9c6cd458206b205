/* SPDX-License-Identifier: GPL-2.0-only */
/* Records are written to the ring. */
#ifndef PLATEAU_RECORD_H
#define PLATEAU_RECORD_H

#include "state.h"

static __always_inline void header(struct pl_header* h, u16 kind, u32 size, u64 now) {
  h->size = size;
  h->kind = kind;
  h->cpu = (u16)bpf_get_smp_processor_id();
  h->ts = now;
}

COLD int forget_parks(struct thread* t) {
  for (int i = 0; i < PL_PARKS; i++) t->parked[i] = 0;
  t->parks = 0;
  return 0;
}

/* Adds to a thread's record, behind its `len` captured bytes, what its goroutine waited for. */
COLD u32 append_parks(struct thread* t, u32 len) {
  u32 at = (len + 7) & ~7u;
  KEEP_BOUNDS(at);
  if (at > PL_CAPTURE_IN + PL_CAPTURE_OUT) return len;
  for (int i = 0; i < PL_PARKS; i++) *(u64*)&t->payload[at + 8 * i] = t->parked[i];
  forget_parks(t);
  t->turn.flags |= PL_TURN_PARKS;
  return at + sizeof(struct pl_parks);
}

/* Writes a thread's turn, `in_len` + `out_len` captured bytes behind it. */
static __always_inline void write_turn(struct thread* t, u64 now) {
  struct pl_turn* turn = &t->turn;
  u32 len = (u32)turn->in_len + turn->out_len;
  if (len > PL_CAPTURE_IN + PL_CAPTURE_OUT) return;
  if (t->parks) len = append_parks(t, len);
  if (len > PL_CAPTURE_IN + PL_CAPTURE_OUT + sizeof(struct pl_parks)) return;
  u32 size = sizeof(*turn) + len;
  header(&turn->header, PL_RECORD_TURN, size, now);
  if (turn->part == 0) count(PL_COUNT_TURNS, 1);
  if (bpf_ringbuf_output(&ring, turn, size, BPF_RB_NO_WAKEUP) == 0) return;
  count(turn->part == 0 ? PL_COUNT_LOST_TURNS : PL_COUNT_LOST_PARTS, 1);
  count(PL_COUNT_BYTES_LOST, turn->bytes_in + turn->bytes_out);
}

/*
 * A thread's record is written at its next boundary: when it turns to another connection or turn, or falls
 * asleep after an answer or for want of work, or loses its CPU. By then the run of receives
 * and sends has ended, or goes on in another part.
 */
ONCE int write_pending(struct thread* t, u64 now) {
  t->turn.writer_run_ns = t->run_ns;
  t->turn.writer_idle_ns = t->idle_ns;
  write_turn(t, now);
  t->pending = 0;
  return 0;
}

static __always_inline void flush_turn(struct thread* t, u64 now) {
  if (t->pending) write_pending(t, now);
}

#endif
