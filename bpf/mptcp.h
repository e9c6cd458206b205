/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listeners made for MPTCP, as Go's net.Listen makes them since 1.24, and their connections. What the target
 * has is a socket in front of TCP sockets of the kernel's own, on which bytes move that it never names. A
 * client that speaks MPTCP gets such a socket; for any other accept hands out the TCP socket itself.
 *
 * The TCP socket that listens is none that state could be hung on when the target is found to have it, so
 * that nothing is copied to the connections made from it: they are known by port, namespace and address.
 */
#ifndef PLATEAU_MPTCP_H
#define PLATEAU_MPTCP_H

#include "abi.h"
#include "closing.h"
#include "connection.h"

struct mptcp_listener {
  u64 sock; /* that listens, an address, only ever read with checked reads */
  u32 mark; /* as in struct mark */
  u32 reserved;
};

#define MARK_OF_SEVERAL \
  (LISTENERS + 1) /* no listener's: of sockets that share a port, which one is not known */

/* By port. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u16);
  __type(value, struct mptcp_listener);
} mptcp_listeners SEC(".maps") __weak;

pl_u32 mptcp_listens __weak = 0;

static __always_inline int is_mptcp(const struct sock* sk) {
  return sk->sk_protocol == IPPROTO_MPTCP && sk->sk_type == SOCK_STREAM;
}

/* A TCP socket behind an MPTCP socket. */
static __always_inline int is_subflow(const struct sock* sk) {
  const struct tcp_sock* tp = (const struct tcp_sock*)sk;
  u8 is = 0;
  if (sk->sk_protocol != IPPROTO_TCP || !bpf_core_field_exists(tp->is_mptcp)) return 0;
  bpf_core_read(&is, sizeof(is), &tp->is_mptcp);
  return is;
}

static __always_inline int still_listens(const struct mptcp_listener* l, u16 port) {
  const struct sock* sk = (const struct sock*)l->sock;
  u16 its_port = 0;
  u8 state = 0;
  bpf_core_read(&state, sizeof(state), &sk->__sk_common.skc_state);
  bpf_core_read(&its_port, sizeof(its_port), &sk->__sk_common.skc_num);
  return state == TCP_LISTEN && its_port == port;
}

/* One that the target listens on. Told again of one that is known it does nothing. */
COLD int mark_mptcp_listener(struct sock* sk) {
  const struct mptcp_sock* msk = (const struct mptcp_sock*)sk;
  u16 port = sk->__sk_common.skc_num;
  struct mptcp_listener fresh = {};
  u32 backlog = 0;
  if (!bpf_core_type_exists(struct mptcp_sock) || !port) return 0;
  if (bpf_core_read(&fresh.sock, sizeof(fresh.sock), &msk->first) || !fresh.sock) return 0;
  note_port(port);
  const struct mptcp_listener* known = bpf_map_lookup_elem(&mptcp_listeners, &port);
  if (known && known->sock == fresh.sock) return 0;
  const struct sock* listening = (const struct sock*)fresh.sock;
  bpf_core_read(&backlog, sizeof(backlog), &listening->sk_ack_backlog);
  fresh.mark = known && still_listens(known, port) ? MARK_OF_SEVERAL : new_listener(fresh.sock, backlog);
  if (bpf_map_update_elem(&mptcp_listeners, &port, &fresh, BPF_ANY) == 0) mptcp_listens = 1;
  return 0;
}

/* Whether a connection was made to this listener's address, in its network namespace. */
static __always_inline int is_at(const struct mptcp_listener* l, const struct sock* sk) {
  const struct sock* listening = (const struct sock*)l->sock;
  u64 its_net = 0, own_net = 0;
  struct pl_addr its = {}, own = {};
  bpf_core_read(&its_net, sizeof(its_net), &listening->__sk_common.skc_net.net);
  bpf_core_read(&own_net, sizeof(own_net), &sk->__sk_common.skc_net.net);
  if (its_net != own_net) return 0;
  if (sk->__sk_common.skc_family == AF_INET) {
    bpf_core_read(its.local, sizeof(u32), &listening->__sk_common.skc_rcv_saddr);
    bpf_core_read(own.local, sizeof(u32), &sk->__sk_common.skc_rcv_saddr);
  } else {
    bpf_core_read(its.local, sizeof(its.local), &listening->__sk_common.skc_v6_rcv_saddr);
    bpf_core_read(own.local, sizeof(own.local), &sk->__sk_common.skc_v6_rcv_saddr);
  }
  const u64 *a = (const u64*)its.local, *b = (const u64*)own.local;
  return (!a[0] && !a[1]) || (a[0] == b[0] && a[1] == b[1]);
}

/* A connection that no marked listener has established: an MPTCP socket, or a TCP socket for a client that
 * speaks nothing else. */
COLD int on_mptcp_established(struct sock* sk) {
  u16 port = sk->__sk_common.skc_num;
  const struct mptcp_listener* l = bpf_map_lookup_elem(&mptcp_listeners, &port);
  if (!l || is_subflow(sk) || !still_listens(l, port) || !is_at(l, sk)) return 0;
  struct mark m = {.listener = l->mark};
  established(sk, &m);
  return 0;
}

/* At its establishment an MPTCP socket has its listener's address only. */
COLD int complete_addr(struct conn* c, struct sock* sk) {
  if (is_mptcp(sk) && !c->addr.peer_port) fill_addr(&c->addr, sk);
  return 0;
}

/*
 * An MPTCP connection is closed. What ends it by a reset or the like comes with the peer's packet, which may
 * be within a send that is yet to return; the target's close comes after it shut down both directions.
 */
#define SHUT_BOTH 3
static __always_inline int closes_mptcp(const struct sock* sk) {
  return is_mptcp(sk) && (sk->sk_shutdown & SHUT_BOTH) == SHUT_BOTH;
}

#endif
