// SPDX-License-Identifier: GPL-2.0-only
// When connections and listeners come to be, and when the target is done with them.
#include "abi.h"
#include "mptcp.h"

static __always_inline void on_established(struct sock* sk) {
  struct mark* m = bpf_sk_storage_get(&marks, sk, 0, 0);
  if (m && m->listener)
    established(sk, m);
  else if (mptcp_listens)
    on_mptcp_established(sk);
}

static __always_inline void on_listening(struct sock* sk) {
  if (is_mptcp(sk))
    mark_mptcp_listener(sk);
  else if (!is_subflow(sk))
    mark_listener(sk);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_changed, struct sock* sk, int before, int after) {
  if (after == TCP_ESTABLISHED) {
    if (before != TCP_SYN_SENT) on_established(sk);
  } else if (after == TCP_LISTEN) {
    if (thread_of(bpf_get_current_task_btf())) on_listening(sk);
  } else if (after == TCP_SYN_SENT) {
    if (thread_of(bpf_get_current_task_btf()) && !is_subflow(sk)) new_conn(sk, PL_ROLE_CLIENT, 0);
  } else if (before == TCP_LISTEN && after == TCP_CLOSE) {
    forget_listener(sk);
  } else {
    struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
    if (!c) return 0;
    if (after == TCP_CLOSE && sk->sk_err) c->reset = 1;
    if (after == TCP_FIN_WAIT1 || after == TCP_LAST_ACK || (after == TCP_CLOSE && closes_mptcp(sk)))
      on_closed(c);
  }
  return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(destroyed, struct sock* sk) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (c) on_closed(c);
  return 0;
}
