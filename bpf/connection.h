/* SPDX-License-Identifier: GPL-2.0-only */
/* Birth of a connection's state. */
#ifndef PLATEAU_CONNECTION_H
#define PLATEAU_CONNECTION_H

#include "abi.h"
#include "accept.h"
#include "ktls.h"

pl_u64 last_conn_id __weak = 0;
pl_u32 last_listener __weak = 0;
pl_u32 listeners_found __weak = 0; /* at attach */

/* Ports that the kernel picks for whoever names none, ip_local_port_range; set before the load. */
const volatile pl_u16 first_ephemeral_port __weak = 32768;
const volatile pl_u16 last_ephemeral_port __weak = 60999;

static __always_inline int is_tcp(const struct sock* sk) {
  u16 family = sk->__sk_common.skc_family;
  return (family == AF_INET || family == AF_INET6) && sk->sk_type == SOCK_STREAM &&
         sk->sk_protocol == IPPROTO_TCP;
}

static __always_inline void fill_addr(struct pl_addr* a, const struct sock* sk) {
  a->family = sk->__sk_common.skc_family;
  if (a->family == AF_UNIX) return; /* has none here */
  a->local_port = sk->__sk_common.skc_num;
  a->peer_port = __builtin_bswap16(sk->__sk_common.skc_dport);
  if (a->family == AF_INET) {
    *(u32*)a->local = sk->__sk_common.skc_rcv_saddr;
    *(u32*)a->peer = sk->__sk_common.skc_daddr;
    return;
  }
  bpf_core_read(a->local, sizeof(a->local), &sk->__sk_common.skc_v6_rcv_saddr);
  bpf_core_read(a->peer, sizeof(a->peer), &sk->__sk_common.skc_v6_daddr);
}

/* The connection's state, made if need be; null: no memory, counted. */
static __always_inline struct conn* new_conn(struct sock* sk, u8 role, u8 preexisting) {
  struct conn* c = bpf_sk_storage_get(&conns, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (!c) {
    count(PL_COUNT_LOST_CONNS, 1);
    return 0;
  }
  if (c->id) return c;
  c->id = __sync_fetch_and_add(&last_conn_id, 1) + 1;
  c->role = role;
  c->preexisting = preexisting;
  c->epoch = epoch;
  fill_addr(&c->addr, sk);
  if (role != PL_ROLE_CLIENT) count(PL_COUNT_CONNS_OPENED, 1);
  return c;
}

/*
 * Who opened a connection that is already open. Where the target's listeners are known, a port that the
 * kernel hands out and that none of them listens on is the near end of a connection that the target opened.
 */
static __always_inline u8 role_of_open(u16 port) {
  if (bpf_map_lookup_elem(&ports, &port)) return PL_ROLE_SERVER;
  if (listeners_found && port >= first_ephemeral_port && port <= last_ephemeral_port) return PL_ROLE_CLIENT;
  return PL_ROLE_UNKNOWN;
}

/* A connection first met when it is already open. */
COLD struct conn* adopt_conn(struct sock* sk) {
  u8 role = role_of_open(sk->__sk_common.skc_num);
  return new_conn(sk, role, PREEXISTING_AT_ATTACH);
}

static __always_inline void note_port(u16 port) {
  u8 one = 1;
  bpf_map_update_elem(&ports, &port, &one, BPF_ANY);
}

/* Books for the TCP socket at the address `sock`, in whose accept queue `backlog` wait; what to mark it with.
 */
static __always_inline u32 new_listener(u64 sock, u32 backlog) {
  u32 index = __sync_fetch_and_add(&last_listener, 1) & (LISTENERS - 1);
  struct listener* l = bpf_map_lookup_elem(&listeners, &index);
  if (l) {
    l->sock = sock;
    l->established = backlog;
    l->accepted = 0;
  }
  return index + 1;
}

static __always_inline void mark_listener(struct sock* sk) {
  note_port(sk->__sk_common.skc_num);
  struct mark* m = bpf_sk_storage_get(&marks, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (!m || m->listener) return;
  plain_send = (u64)BPF_CORE_READ(sk, __sk_common.skc_prot, sendmsg);
  m->listener = new_listener((u64)sk, sk->sk_ack_backlog);
  u32 index = m->listener - 1;
  struct pl_addr* addr = bpf_map_lookup_elem(&listener_addrs, &index);
  if (addr) fill_addr(addr, sk);
}

static __always_inline void forget_listener(struct sock* sk) {
  struct mark* m = bpf_sk_storage_get(&marks, sk, 0, 0);
  if (!m || !m->listener) return;
  u32 index = m->listener - 1;
  struct listener* l = bpf_map_lookup_elem(&listeners, &index);
  if (l) l->sock = 0;
}

/* A connection that a listener of the target has just established. */
static __always_inline void established(struct sock* sk, const struct mark* m) {
  struct conn* c = new_conn(sk, PL_ROLE_SERVER, 0);
  u32 index = m->listener - 1;
  struct listener* l = bpf_map_lookup_elem(&listeners, &index);
  if (!c || !l) return;
  c->listener = index;
  c->number = __sync_fetch_and_add(&l->established, 1) + 1;
}

#endif
