// SPDX-License-Identifier: GPL-2.0-only
// Which bytes arrived, were received and were sent, when, on which connection and for which turn.
#include "charge.h"
#include "epoch.h"
#include "payload.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * Set by user space while no answer's end depends on its body: then the first buffer of a send is enough, and
 * the reads of user memory, most of what a send costs, are fewer.
 */
pl_u32 heads_only = 0;

/* A connection's state as a receiving or sending thread of the target meets it; null: not a TCP connection.
 */
static __always_inline struct conn* conn_of(struct sock* sk) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (c) return c;
  if (!is_tcp(sk)) return 0;
  return adopt_conn(sk);
}

static __always_inline u64 unread(struct sock* sk) {
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(sk);
  return tp ? tp->rcv_nxt - tp->copied_seq : 0;
}

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
  if (!t->idle_to) { /* a thread born after the bytes came */
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
  u64 from = charge(t, &t->turn, ready);
  u64 readable = ready;
  if (c->ready_unaccepted) {
    readable = charge_accept(c, &t->turn, ready, from);
    __sync_fetch_and_add(&unaccepted, -1);
    c->ready_unaccepted = 0;
  }
  charge_before(t, &t->turn, readable, from);
  c->phase = PHASE_RECEIVING;
  c->send_blocked = 0;
}

static __always_inline void capture_in(struct thread* t, struct task_struct* task, u64 bytes) {
  struct pl_turn* turn = &t->turn;
  if (turn->in_len >= PL_CAPTURE_IN || turn->bytes_in != turn->in_len) return;
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  struct span spans[IOVECS];
  int n = user_spans(regs, call_of(REGS_CALL(regs)), bytes, spans);
  int used = n > 0 ? append(t->payload, turn->in_len, PL_CAPTURE_IN, spans[0], bytes) : -1;
  if (used < 0) {
    turn->flags |= PL_TURN_UNSEEN_BYTES;
    count(PL_COUNT_PAYLOAD_UNREAD, 1);
    return;
  }
  turn->in_len = (u16)used;
}

/*
 * Charges the record with the time since the turn's last event; a gap in which the thread was not at it is
 * room waited for in the send buffer, or, between two threads, the hand-over.
 */
static __always_inline void charge_on(struct thread* t, struct conn* c) {
  struct pl_turn* turn = &t->turn;
  u64 polled = turn->state[PL_STATE_POLL];
  u64 from = charge(t, turn, c->last_ts);
  if (c->send_blocked) {
    turn->state[PL_STATE_SEND] += turn->state[PL_STATE_POLL] - polled + (from - c->last_ts);
    turn->state[PL_STATE_POLL] = polled;
  } else if (from > c->last_ts && t->tid != c->last_tid) {
    turn->before[PL_BEFORE_HANDOFF] += from - c->last_ts;
  }
}

/* Bytes of a connection that the target opened: what the thread slept for was its downstream. */
static __always_inline void on_downstream(struct thread* t, struct conn* c, u64 bytes) {
  blame_downstream(t);
  if (c) count(PL_COUNT_DOWNSTREAM_BYTES, bytes);
}

static __always_inline void on_received(struct sock* sk, int ret) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread* t = thread_of(task);
  if (!t || ret <= 0) return;
  u64 now = bpf_ktime_get_ns();
  settle(t, now);
  run_as(t, PL_STATE_RUN);
  struct conn* c = conn_of(sk);
  if (!c || c->role == PL_ROLE_CLIENT) {
    on_downstream(t, c, (u64)ret);
    return;
  }
  if (c->closed) return;
  look_again(t, c, now);
  t->doubt = 0;
  pass_by(t, now);
  if (c->phase != PHASE_RECEIVING) {
    flush_turn(t, now);
    open_turn(t, c, now);
  } else {
    if (!has_record(t, c)) {
      flush_turn(t, now);
      begin_record(t, c, PL_TURN_CONTINUED);
      t->turn.recv_first_ns = now;
    }
    charge_on(t, c);
  }
  capture_in(t, task, (u64)ret);
  t->turn.bytes_in += (u64)ret;
  t->turn.calls_in++;
  t->turn.recv_last_ns = now;
  c->in_offset += (u64)ret;
  c->last_ts = now;
  c->last_tid = t->tid;
  c->ready_first = unread(sk) ? c->ready_last : 0;
  count(PL_COUNT_BYTES_IN, (u64)ret);
  t->owed = c->id;
  set_mark(t, now);
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

static __always_inline void capture_tail(struct pl_turn* turn, u64 base, u64 bytes) {
  if (bytes < PL_TAIL) {
    append_tail(turn, base, (u32)bytes);
    return;
  }
  turn->tail_len = bpf_probe_read_user(turn->tail, PL_TAIL, (void*)(base + bytes - PL_TAIL)) ? 0 : PL_TAIL;
}

/* Keeps the first bytes of a turn's answer, and the last ones where not all are kept. */
static __always_inline void capture_out(struct thread* t, struct pt_regs* regs, u8 call, u64 bytes) {
  struct pl_turn* turn = &t->turn;
  struct span spans[IOVECS];
  int n = user_spans(regs, call, bytes, spans);
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
    u64 here = spans[i].len < left ? spans[i].len : left;
    if (whole && here) {
      int grown = append(t->payload, used, room, spans[i], here);
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
        capture_tail(turn, spans[i].base, here);
      break;
    }
  }
  turn->out_len = (u16)(used - turn->in_len);
}

static __always_inline void on_blocked_send(struct sock* sk) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (c) c->send_blocked = 1;
}

static __always_inline void on_sent(struct sock* sk, int ret) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread* t = thread_of(task);
  if (!t) return;
  if (ret <= 0) {
    if (t->running != PL_STATE_RUN) settle(t, bpf_ktime_get_ns());
    run_as(t, PL_STATE_RUN);
    if (ret == -EAGAIN) on_blocked_send(sk);
    return;
  }
  u64 now = bpf_ktime_get_ns();
  settle(t, now);
  run_as(t, PL_STATE_RUN);
  struct conn* c = conn_of(sk);
  if (!c || c->role == PL_ROLE_CLIENT) {
    on_downstream(t, c, (u64)ret);
    return;
  }
  if (c->closed) return;
  look_again(t, c, now);
  t->doubt = 0;
  pass_by(t, now);
  if (!has_record(t, c)) begin_answer(t, c, now);
  c->phase = PHASE_ANSWERING;
  struct pl_turn* turn = &t->turn;
  charge_on(t, c);
  if (c->reader_tid && c->reader_tid != t->tid) turn->flags |= PL_TURN_HANDOFF;
  struct pt_regs* regs = (struct pt_regs*)bpf_task_pt_regs(task);
  int nr = REGS_CALL(regs);
  capture_out(t, regs, call_of(nr), (u64)ret);
  turn->paths |= t->no_copy == PL_PATH_ZEROCOPY ? PL_PATH_ZEROCOPY : path_of_call(nr);
  t->no_copy = 0;
  struct tcp_sock* tp = bpf_skc_to_tcp_sock(sk);
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
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(received, struct sock* sk, int ret, int flags) {
  if (!(flags & 2) && !PAUSED) on_received(sk, ret); /* MSG_PEEK takes nothing */
  return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(sent, struct sock* sk, int ret, int flags) {
  if (!PAUSED) on_sent(sk, ret);
  return 0;
}

SEC("tp_btf/sk_data_ready")
int BPF_PROG(data_ready, struct sock* sk) {
  if (!sk->sk_bpf_storage || PAUSED) return 0;
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (!c) return 0;
  if (c->epoch != epoch) renew_conn(c);
  u64 now = bpf_ktime_get_ns();
  c->ready_last = now;
  if (c->ready_first) return 0;
  c->ready_first = now;
  if (sk->sk_socket) return 0;
  c->ready_unaccepted = 1;
  __sync_fetch_and_add(&unaccepted, 1);
  return 0;
}

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
    if (!t->turn.calls_out && has_record(t, c)) t->turn.flags |= PL_TURN_UNANSWERED;
    flush_turn(t, now);
  }
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
  if (bpf_ringbuf_output(&ring, &close, sizeof(close), BPF_RB_NO_WAKEUP)) count(PL_COUNT_LOST_CLOSES, 1);
}

static __always_inline void on_established(struct sock* sk) {
  struct mark* m = bpf_sk_storage_get(&marks, sk, 0, 0);
  if (m && m->listener) established(sk, m);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changed, struct sock* sk, int before, int after) {
  if (after == TCP_ESTABLISHED) {
    on_established(sk);
  } else if (after == TCP_LISTEN) {
    if (thread_of(bpf_get_current_task_btf())) mark_listener(sk);
  } else if (after == TCP_SYN_SENT) {
    if (thread_of(bpf_get_current_task_btf())) new_conn(sk, PL_ROLE_CLIENT, 0);
  } else if (before == TCP_LISTEN && after == TCP_CLOSE) {
    forget_listener(sk);
  } else {
    struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
    if (!c) return 0;
    if (after == TCP_CLOSE && sk->sk_err) c->reset = 1;
    if (after == TCP_FIN_WAIT1 || after == TCP_LAST_ACK) on_closed(c);
  }
  return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroyed, struct sock* sk) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (c) on_closed(c);
  return 0;
}
