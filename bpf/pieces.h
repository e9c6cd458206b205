/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages behind the bytes that are kept of a turn. Of a pipeline, or of a head that is longer, more is kept
 * in further parts of the turn: each keeps as much as the first.
 */
#ifndef PLATEAU_PIECES_H
#define PLATEAU_PIECES_H

#include "payload.h"
#include "record.h"
#include "turn.h"

#define PIECES 15 /* further parts that one receive is kept in */

#define WORD(a, b, c, d) ((u32)(a) | (u32)(b) << 8 | (u32)(c) << 16 | (u32)(d) << 24)

/* Methods whose requests seldom have a body: what follows is a head, or the next request. */
static __always_inline int has_no_body(u32 word) {
  return word == WORD('G', 'E', 'T', ' ') || word == WORD('H', 'E', 'A', 'D') ||
         word == WORD('D', 'E', 'L', 'E') || word == WORD('O', 'P', 'T', 'I');
}

static __always_inline int is_method(u32 word) {
  return has_no_body(word) || word == WORD('P', 'O', 'S', 'T') || word == WORD('P', 'U', 'T', ' ') ||
         word == WORD('P', 'A', 'T', 'C');
}

/* The first four bytes of a receive or send; 0: not known. */
static __always_inline u32 first_word(const struct mover* mover, u64 bytes) {
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(bpf_get_current_task_btf());
  struct spans spans;
  u32 word = 0;
  if (user_spans(regs, mover, bytes, &spans) <= 0 || spans.at[0].len < sizeof(word)) return 0;
  return bpf_probe_read_user(&word, sizeof(word), (void*)spans.at[0].base) ? 0 : word;
}

/* Whether a receive that the record has no room for begins a part: it goes on with what was kept whole so
 * far, or begins with a request. */
APART int receives_apart(struct thread* t, struct conn* c, const struct mover* mover, u64 bytes) {
  if (!t || !c || !mover) return 0;
  const struct pl_turn* turn = &t->turn;
  if (turn->bytes_in == turn->in_len && t->heads == c->id) return turn->in_len == PL_CAPTURE_IN;
  return is_method(first_word(mover, bytes));
}

APART int begins_answer(const struct mover* mover, u64 bytes) {
  if (!mover) return 0;
  return first_word(mover, bytes) == WORD('H', 'T', 'T', 'P');
}

/* Whether a later send of a turn begins a part: the record has no room for it, and it begins with an answer.
 */
static __always_inline int answers_apart(struct thread* t, const struct mover* mover, u64 bytes) {
  const struct pl_turn* turn = &t->turn;
  if (turn->bytes_out == turn->out_len && turn->bytes_out + bytes <= PL_CAPTURE_OUT) return 0;
  return begins_answer(mover, bytes);
}

/* A further part of the turn, of the `left` bytes at `at` that end the present receive. Returns how many are
 * kept; negative: they could not be read.
 */
APART int keep_piece(struct thread* t, struct conn* c, u64 at, u64 left) {
  if (!t || !c) return -1;
  struct pl_turn* turn = &t->turn;
  u64 now = turn->recv_last_ns, goid = turn->goid;
  turn->bytes_in -= left;
  flush_turn(t, now);
  begin_record(t, c, PL_TURN_CONTINUED);
  turn->in_offset = c->in_offset - left;
  turn->recv_first_ns = turn->recv_last_ns = now;
  turn->goid = goid;
  turn->bytes_in = left;
  int kept = append(t, 0, PL_CAPTURE_IN, at, left);
  if (kept > 0) turn->in_len = (u16)kept;
  return kept;
}

/*
 * Keeps what did not fit of a receive of `bytes` bytes, which the thread's record counts already, in parts of
 * its own, as far as it is in one buffer.
 */
APART int capture_rest(struct thread* t, struct conn* c, const struct mover* mover, u64 bytes) {
  if (!t || !c || !mover) return 0;
  struct pl_turn* turn = &t->turn;
  u64 left = turn->bytes_in - turn->in_len;
  if (turn->in_len != PL_CAPTURE_IN || left > bytes) return 0;
  u32 word = *(u32*)t->payload;
  if (has_no_body(word))
    t->heads = c->id;
  else if (is_method(word))
    t->heads = 0;
  if (t->heads != c->id) return 0;
  struct spans spans;
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(bpf_get_current_task_btf());
  if (user_spans(regs, mover, bytes, &spans) <= 0) return 0;
  if (spans.at[0].len < bytes) return 0;
  u64 at = spans.at[0].base + (bytes - left);
  KEEP_LOOP for (int i = 0; i < PIECES && left; i++) {
    int kept = keep_piece(t, c, at, left);
    if (kept <= 0) return 0;
    at += (u64)kept;
    left -= (u64)kept;
  }
  if (left) t->heads = 0;
  return 0;
}

#endif
