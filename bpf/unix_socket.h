/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections of Unix sockets. The socket tracepoints fire for them as for TCP; nothing tells when one is
 * accepted or closed, or when one begins to listen.
 */
#ifndef PLATEAU_UNIX_SOCKET_H
#define PLATEAU_UNIX_SOCKET_H

#include "abi.h"
#include "closing.h"

static __always_inline int is_unix(const struct sock* sk) {
  return sk->__sk_common.skc_family == AF_UNIX && sk->sk_type == SOCK_STREAM;
}

/* Addresses of Unix sockets that the target listens on: a connection made to one shares it. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u64);
  __type(value, u8);
} unix_listeners SEC(".maps") __weak;

pl_u32 unix_listens __weak = 0;

static __always_inline u64 unix_address_of(const struct sock* sk) {
  u64 address = 0;
  if (!bpf_core_type_exists(struct unix_sock)) return 0;
  bpf_core_read(&address, sizeof(address), &((const struct unix_sock*)sk)->addr);
  return address;
}

static __always_inline void note_unix_listener(u64 address) {
  u8 one = 1;
  if (bpf_map_update_elem(&unix_listeners, &address, &one, BPF_ANY) == 0) unix_listens = 1;
}

/* One that the target moves bytes on, or has open at attach: what it opened itself has no address. */
COLD struct conn* adopt_unix(struct sock* sk, u8 preexisting) {
  u64 address = unix_address_of(sk);
  if (address) note_unix_listener(address);
  return new_conn(sk, address ? PL_ROLE_SERVER : PL_ROLE_CLIENT, preexisting);
}

/* Of an MPTCP socket too, which once had a queue of its own. */
COLD u64 unread_pieces(struct sock* sk) {
  const struct mptcp_sock* msk = (const struct mptcp_sock*)sk;
  u32 pieces = 0, more = 0;
  bpf_core_read(&pieces, sizeof(pieces), &sk->sk_receive_queue.qlen);
  if (bpf_core_field_exists(msk->receive_queue) && sk->sk_protocol == IPPROTO_MPTCP)
    bpf_core_read(&more, sizeof(more), &msk->receive_queue.qlen);
  return (u64)pieces + more;
}

/* No tracepoint tells when a Unix socket is closed: it ends when the peer has, and nothing is owed to it. */
COLD int on_unix_end(struct sock* sk) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, 0);
  if (c && c->phase != PHASE_RECEIVING) on_closed(c);
  return 0;
}

/* The first bytes for a Unix socket that the target is yet to accept. */
COLD int on_unix_ready(struct sock* sk) {
  u64 address = unix_address_of(sk);
  if (!address || sk->__sk_common.skc_state != TCP_ESTABLISHED) return 0;
  if (!bpf_map_lookup_elem(&unix_listeners, &address)) return 0;
  struct conn* c = new_conn(sk, PL_ROLE_SERVER, PREEXISTING_NOT);
  if (c) c->ready_first = c->ready_last = bpf_ktime_get_ns();
  return 0;
}

#endif
