// SPDX-License-Identifier: GPL-2.0-only
// Which bytes arrived, were received and were sent, when, on which connection and for which turn.
#include "move.h"

char LICENSE[] SEC("license") = "GPL";

/* Costs one load for sockets that no connection of the target's hangs on, or two. */
static __always_inline void on_ready(struct sock* sk) {
  if (PAUSED) return;
  if (!sk->sk_bpf_storage) {
    if (unix_listens && is_unix(sk)) on_unix_ready(sk);
    return;
  }
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (!c) return;
  if (c->epoch != epoch) renew_conn(c);
  u64 now = bpf_ktime_get_ns();
  c->ready_last = now;
  if (rings && !c->ring_in) c->ring_in = waiting_request(number_of(sk));
  if (c->ready_first) return;
  c->ready_first = now;
  if (sk->sk_socket) return;
  c->ready_unaccepted = 1;
  __sync_fetch_and_add(&unaccepted, 1);
}

#define MSG_PEEK 2 /* takes nothing */

SEC("tp_btf/sock_recv_length")
int BPF_PROG(received, struct sock* sk, int ret, int flags) {
  if (!(flags & MSG_PEEK) && !PAUSED) on_received(sk, ret);
  return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(sent, struct sock* sk, int ret, int flags) {
  if (!PAUSED) on_sent(sk, ret);
  return 0;
}

SEC("tp_btf/sk_data_ready")
int BPF_PROG(data_ready, struct sock* sk) {
  on_ready(sk);
  return 0;
}

/*
 * The same without those tracepoints. They stand right behind the calls of inet_recvmsg and inet_sendmsg, or
 * inet6_..., whatever it is that receives and sends: what these return is what they tell. Before Linux 6.5
 * sendfile and splice send page by page, in a call of their own.
 */
static __always_inline void call_received(struct socket* socket, int ret, int flags) {
  if (flags & MSG_PEEK || PAUSED) return;
  struct sock* sk = socket->sk;
  if (sk) on_received(sk, ret);
}

static __always_inline void call_sent(struct socket* socket, int ret) {
  if (PAUSED) return;
  struct sock* sk = socket->sk;
  if (sk) on_sent(sk, ret);
}

SEC("fexit/inet_recvmsg")
int BPF_PROG(inet_received, struct socket* socket, struct msghdr* msg, size_t size, int flags, int ret) {
  call_received(socket, ret, flags);
  return 0;
}

SEC("fexit/inet6_recvmsg")
int BPF_PROG(inet6_received, struct socket* socket, struct msghdr* msg, size_t size, int flags, int ret) {
  call_received(socket, ret, flags);
  return 0;
}

SEC("fexit/inet_sendmsg")
int BPF_PROG(inet_sent, struct socket* socket, struct msghdr* msg, size_t size, int ret) {
  call_sent(socket, ret);
  return 0;
}

SEC("fexit/inet6_sendmsg")
int BPF_PROG(inet6_sent, struct socket* socket, struct msghdr* msg, size_t size, int ret) {
  call_sent(socket, ret);
  return 0;
}

SEC("fexit/inet_sendpage")
int BPF_PROG(inet_page_sent, struct socket* socket, void* page, int offset, size_t size, int flags,
             ssize_t ret) {
  call_sent(socket, (int)ret);
  return 0;
}

/* One level down: of TCP alone, for both families, but not of TLS in the kernel. */
SEC("fexit/tcp_recvmsg")
int BPF_PROG(tcp_received, struct sock* sk, struct msghdr* msg, size_t len, int flags, int* addr_len,
             int ret) {
  if (!(flags & MSG_PEEK) && !PAUSED) on_received(sk, ret);
  return 0;
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(tcp_sent, struct sock* sk, struct msghdr* msg, size_t size, int ret) {
  if (!PAUSED) on_sent(sk, ret);
  return 0;
}

SEC("fexit/tcp_sendpage")
int BPF_PROG(tcp_page_sent, struct sock* sk, void* page, int offset, size_t size, int flags, int ret) {
  if (!PAUSED) on_sent(sk, ret);
  return 0;
}

SEC("fentry/sock_def_readable")
int BPF_PROG(readable, struct sock* sk) {
  on_ready(sk);
  return 0;
}
