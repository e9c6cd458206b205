/* SPDX-License-Identifier: GPL-2.0-only */
/* A thread of the target has received or sent: for which connection, turn and goroutine. */
#ifndef PLATEAU_MOVE_H
#define PLATEAU_MOVE_H

#include "abi.h"
#include "ktls.h"
#include "mptcp.h"
#include "outgoing.h"
#include "pieces.h"
#include "record.h"
#include "unix_socket.h"
#include "unseen.h"

/* A connection's state as a receiving or sending thread of the target meets it; null: neither a TCP
 * connection nor one of a Unix socket.
 */
static __always_inline struct conn* conn_of(struct sock* sk) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (c) return c;
  if (is_tcp(sk) || is_mptcp(sk)) return adopt_conn(sk);
  return is_unix(sk) ? adopt_unix(sk, PREEXISTING_NOT) : 0;
}

/* Bytes, or of another socket than TCP's the pieces they came in. */
static __always_inline u64 unread(const struct tcp_sock* tp, struct sock* sk) {
  return tp ? tp->rcv_nxt - tp->copied_seq : unread_pieces(sk);
}

/* Bytes of a connection that the target opened: what the thread slept for was its downstream. */
static __always_inline void on_downstream(struct thread* t, struct conn* c, u64 bytes, u32 sent, u64 now) {
  blame_downstream(t);
  if (!c) return;
  count(PL_COUNT_DOWNSTREAM_BYTES, bytes);
  if (count_call(c, bytes, sent, now)) asks(t);
}

/*
 * The goroutine that moves a connection's bytes, once the thread's books say so; 0: none. It may have had the
 * request from another without leaving the thread. If it waited on the server's own connection before, that
 * was `own_wait`.
 */
COLD u64 look_at_mover(struct thread* t, struct conn* c, struct task_struct* task, u32 own_wait, u64 now) {
  u64 goid = goroutine_at(t, task, c);
  int own = c && c->role != PL_ROLE_CLIENT;
  if (own && c->phase != PHASE_RECEIVING && goroutines_away > 0) forget_ended(t, goid, c);
  if (own && t->owes == c->id && c->phase == PHASE_RECEIVING && goid) {
    t->goid = goid;
    t->looked_g = t->g;
  }
  look(t, goid, own ? own_wait : PL_STATE_FD, now);
  return goid;
}

/* A goroutine finds nothing to receive, or no room to send, which is `own_cause` on the server's connections.
 */
COLD int on_parking(struct thread* t, struct sock* sk, struct task_struct* task, u32 own_cause) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  int own = c && c->role != PL_ROLE_CLIENT;
  return look_at_parking(t, task, own ? own_cause : PL_STATE_FD, bpf_ktime_get_ns());
}

/* A request that finds nothing to receive waits: the bytes to come are its. */
COLD int on_nothing_there(struct thread* t, struct sock* sk, struct task_struct* task) {
  struct conn* c = conn_of(sk);
  if (c) mover_of(t, &c->ring_in, sk, task, OPS_IN);
  return 0;
}

static __always_inline void receive_by(struct thread* t, struct task_struct* task, struct sock* sk, int ret) {
  if (ret <= 0) {
    if (ret == 0 && is_unix(sk)) on_unix_end(sk);
    if (ret == -EAGAIN && rings) on_nothing_there(t, sk, task);
    if (ret == -EAGAIN && must_look(t)) on_parking(t, sk, task, PL_STATE_RECV);
    return;
  }
  u64 now = bpf_ktime_get_ns();
  settle(t, now);
  forget_kernel_lock(t);
  run_as(t, PL_STATE_RUN);
  struct conn* c = conn_of(sk);
  u64 goid = IS_GO(t) ? look_at_mover(t, c, task, PL_STATE_RECV, now) : 0;
  if (!c || c->role == PL_ROLE_CLIENT) {
    on_downstream(t, c, (u64)ret, 0, now);
    return;
  }
  if (c->closed) return;
  look_again(t, c, now);
  t->doubt = 0;
  pass_by(t, now);
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(sk);
  if (!tp) complete_addr(c, sk);
  u32 unseen = unseen_in(c, sk, tp, (u32)ret);
  if (unseen) pass_over_unseen(t, c, unseen, 0);
  struct mover mover = mover_of(t, &c->ring_in, sk, task, OPS_IN);
  if (mover.ring) ring_received(t, c);
  if (mover.ring && task->flags & PF_IO_WORKER) count_as_idle(t);
  if (c->phase != PHASE_RECEIVING) {
    flush_turn(t, now);
    c->goid = goid;
    open_turn(t, c, now);
  } else {
    int apart = !has_record(t, c);
    if (!apart && t->turn.bytes_in + (u64)ret > PL_CAPTURE_IN) apart = receives_apart(t, c, &mover, (u64)ret);
    if (apart) {
      flush_turn(t, now);
      begin_record(t, c, PL_TURN_CONTINUED);
      t->turn.recv_first_ns = now;
    }
    charge_on(t, c, goid, 0);
    c->goid = goid;
  }
  t->turn.goid = goid;
  t->owes = goid ? c->id : 0;
  capture_in(t, task, &mover, (u64)ret);
  t->turn.bytes_in += (u64)ret;
  t->turn.calls_in++;
  t->turn.recv_last_ns = now;
  c->in_offset += (u64)ret;
  c->last_ts = now;
  c->last_tid = t->tid;
  c->ready_first = unread(tp, sk) ? c->ready_last : 0;
  count(PL_COUNT_BYTES_IN, (u64)ret);
  t->owed = c->id;
  set_mark(t, now);
  if (t->turn.bytes_in != t->turn.in_len) capture_rest(t, c, &mover, (u64)ret);
  if (mover.ring && task->flags & PF_IO_WORKER) flush_turn(t, now); /* another thread answers */
}

static __always_inline void on_received(struct sock* sk, int ret) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread* t = thread_of(task);
  if (!t) return;
  begin_work(t);
  receive_by(t, task, sk, ret);
  end_work(t);
}

static __always_inline void on_blocked_send(struct thread* t, struct sock* sk, struct task_struct* task) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (!c) return;
  c->send_blocked = 1;
  if (rings) mover_of(t, &c->ring_out, sk, task, OPS_OUT);
}

static __always_inline void send_by(struct thread* t, struct task_struct* task, struct sock* sk, int ret) {
  if (ret <= 0) {
    if (t->running != PL_STATE_RUN) settle(t, bpf_ktime_get_ns());
    run_as(t, PL_STATE_RUN);
    if (ret == -EAGAIN) on_blocked_send(t, sk, task);
    if (ret == -EAGAIN && must_look(t)) on_parking(t, sk, task, PL_STATE_SEND);
    return;
  }
  u64 now = bpf_ktime_get_ns();
  settle(t, now);
  forget_kernel_lock(t);
  run_as(t, PL_STATE_RUN);
  struct conn* c = conn_of(sk);
  u64 goid = IS_GO(t) ? look_at_mover(t, c, task, ENDED_UNKNOWN, now) : 0;
  if (!c || c->role == PL_ROLE_CLIENT) {
    on_downstream(t, c, (u64)ret, 1, now);
    return;
  }
  if (c->closed) return;
  look_again(t, c, now);
  if (t->doubt == PL_STATE_RECV) blame_downstream(t); /* of a pipe, or the like */
  t->doubt = 0;
  pass_by(t, now);
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(sk);
  u32 unseen = unseen_out(c, tp, (u32)ret);
  if (unseen) pass_over_unseen(t, c, 0, unseen);
  struct mover mover = mover_of(t, &c->ring_out, sk, task, OPS_OUT);
  struct pl_turn* turn = &t->turn;
  int apart = !has_record(t, c);
  if (!apart && turn->calls_out) apart = answers_apart(t, &mover, (u64)ret);
  if (apart) begin_answer(t, c, now);
  charge_on(t, c, goid, mover.ring && ring_sent(t, c) && !(task->flags & PF_IO_WORKER));
  charge_asked(t, c, goid && goid == c->goid);
  c->phase = PHASE_ANSWERING;
  c->goid = goid;
  turn->goid = goid;
  t->owes = 0;
  if (c->reader_tid && c->reader_tid != t->tid) turn->flags |= PL_TURN_HANDOFF;
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  capture_out(t, regs, &mover, (u64)ret);
  int path = mover.ring ? PATH_RING : path_of_call(regs, REGS_CALL(regs));
  if (is_op(mover.opcode, OPS_ZEROCOPY)) turn->paths |= PL_PATH_ZEROCOPY;
  const struct tcp_ulp_ops* above_tcp = tp ? tp->inet_conn.icsk_ulp_ops : 0;
  int tls = above_tcp && count_encrypted(c, sk, above_tcp, (u32)ret);
  if (tls) turn->paths |= PL_PATH_KTLS;
  if (path >= 0) {
    turn->paths |= (u8)(1 << path);
    if (!tls) count(PL_COUNT_PATH_BYTES + (u32)path, (u64)ret);
  }
  if (tp) turn->retransmits = tp->total_retrans;
  if (!turn->calls_out) turn->send_first_ns = now;
  turn->send_last_ns = now;
  turn->writer_tid = t->tid;
  turn->bytes_out += (u64)ret;
  turn->calls_out++;
  c->out_offset += (u64)ret;
  c->last_ts = now;
  c->last_tid = t->tid;
  c->send_blocked = sk->sk_wmem_queued >= sk->sk_sndbuf;
  count(PL_COUNT_BYTES_OUT, (u64)ret);
  if (t->owed == c->id) t->owed = 0;
  set_mark(t, now);
  if (mover.ring && task->flags & PF_IO_WORKER) flush_turn(t, now); /* it may spin on, and never get to it */
}

static __always_inline void on_sent(struct sock* sk, int ret) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread* t = thread_of(task);
  if (!t) return;
  begin_work(t);
  send_by(t, task, sk, ret);
  end_work(t);
}

#endif
