/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies the first bytes of a receive or send from the caller's own buffer, found through the arguments of
 * the system call that is just returning, or through io_uring's request: those pages were touched a moment
 * ago, so the read does not fault.
 */
#ifndef PLATEAU_PAYLOAD_H
#define PLATEAU_PAYLOAD_H

#include "abi.h"
#include "ring.h"

/* The system call's buffers: at most IOVECS of them. Returns how many. */
APART int call_spans(u8 kind, u64 iov, u64 n, u64 bytes, struct spans* out) {
  if (!out) return 0;
  struct span* spans = out->at;
  if (kind == PL_BUFFER_FLAT) {
    spans[0].base = iov;
    spans[0].len = bytes;
    return 1;
  }
  if (kind == PL_BUFFER_MSG) return msg_spans(iov, spans);
  return kind == PL_BUFFER_IOV ? iov_spans(iov, n, spans) : 0;
}

static __always_inline int user_spans(struct pt_regs* regs, const struct mover* mover, u64 bytes,
                                      struct spans* spans) {
  if (mover->ring) return ring_spans(mover, bytes, spans);
  u8 kind = PL_CALL_BUFFER(call_of(REGS_CALL(regs)));
  return call_spans(kind, REGS_ARG2(regs), REGS_ARG3(regs), bytes, spans);
}

/*
 * Appends a call's bytes to a thread's payload, which holds `used` bytes and may grow to `room`; the array
 * has PL_CAPTURE_OUT bytes to spare for the verifier's sake. Returns the new `used`, or a negative number if
 * the memory could not be read.
 */
APART int append(struct thread* t, u32 used, u32 room, u64 from, u64 bytes) {
  if (!t || used >= room) return (int)used;
  u32 take = room - used;
  if (take > bytes) take = (u32)bytes;
  KEEP_BOUNDS(used);
  KEEP_BOUNDS(take);
  if (used > PL_CAPTURE_IN + PL_CAPTURE_OUT || take > PL_CAPTURE_OUT) return (int)used;
  return bpf_probe_read_user(t->payload + used, take, (void*)from) ? -1 : (int)(used + take);
}

/*
 * Set by user space while no answer's end depends on its body: then the first buffer of a send is enough, and
 * the reads of user memory, most of what a send costs, are fewer.
 */
pl_u32 heads_only = 0;

static __always_inline void capture_in(struct thread* t, struct task_struct* task, const struct mover* mover,
                                       u64 bytes) {
  struct pl_turn* turn = &t->turn;
  if (turn->in_len >= PL_CAPTURE_IN || turn->bytes_in != turn->in_len) return;
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  struct spans spans;
  int n = user_spans(regs, mover, bytes, &spans);
  int used = -1;
  if (n > 0) {
    u64 here = spans.at[0].len < bytes ? spans.at[0].len : bytes;
    used = append(t, turn->in_len, PL_CAPTURE_IN, spans.at[0].base, here);
  }
  if (used < 0) {
    turn->flags |= PL_TURN_UNSEEN_BYTES;
    count(PL_COUNT_PAYLOAD_UNREAD, 1);
    return;
  }
  turn->in_len = (u16)used;
}

/* A short write, such as a lone last chunk, moves the last bytes up. */
static __always_inline void append_tail(struct pl_turn* turn, u64 base, u32 bytes) {
  u64 recent = 0;
  KEEP_BOUNDS(bytes);
  if (bytes == 0 || bytes >= PL_TAIL) return;
  if (turn->tail_len != PL_TAIL || bpf_probe_read_user(&recent, bytes, (void*)base)) {
    turn->tail_len = 0;
    return;
  }
  u64* tail = (u64*)turn->tail; /* little endian: the last byte is the highest */
  *tail = *tail >> (8 * bytes) | recent << (64 - 8 * bytes);
}

APART int capture_tail(struct thread* t, u64 base, u64 bytes) {
  if (!t) return 0;
  struct pl_turn* turn = &t->turn;
  if (bytes < PL_TAIL) {
    append_tail(turn, base, (u32)bytes);
    return 0;
  }
  turn->tail_len = bpf_probe_read_user(turn->tail, PL_TAIL, (void*)(base + bytes - PL_TAIL)) ? 0 : PL_TAIL;
  return 0;
}

/* Keeps the first bytes of a turn's answer, and the last ones where not all are kept. */
static __always_inline void capture_out(struct thread* t, struct pt_regs* regs, const struct mover* mover,
                                        u64 bytes) {
  struct pl_turn* turn = &t->turn;
  struct spans spans;
  int n = user_spans(regs, mover, bytes, &spans);
  if (n <= 0) {
    turn->tail_len = 0;
    return;
  }
  u64 left = bytes;
  u32 used = (u32)turn->in_len + turn->out_len;
  u32 room = (u32)turn->in_len + PL_CAPTURE_OUT;
  int whole = turn->bytes_out == turn->out_len; /* what is captured has no gap so far */
  if (heads_only) n = 1;
  for (int i = 0; i < IOVECS && i < n; i++) {
    u64 here = spans.at[i].len < left ? spans.at[i].len : left;
    if (whole && here) {
      int grown = append(t, used, room, spans.at[i].base, here);
      if (grown < 0) {
        count(PL_COUNT_PAYLOAD_UNREAD, 1);
        turn->flags |= PL_TURN_UNSEEN_BYTES;
        whole = 0;
      } else {
        whole = (u32)grown - used == here;
        used = (u32)grown;
      }
    }
    left -= here;
    if (!left) {
      if (whole || heads_only)
        turn->tail_len = 0;
      else
        capture_tail(t, spans.at[i].base, here);
      break;
    }
  }
  turn->out_len = (u16)(used - turn->in_len);
}

#endif
