/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a connection was accepted. No tracepoint tells; but accept takes connections from the queue in the
 * order in which they were established, and the listener's backlog says how many are left. So each connection
 * is numbered at its establishment, and whenever a thread of the target receives, sends, falls asleep, wakes
 * or makes a thread while some connection waits unaccepted with bytes to read, the backlog is read: from then
 * on all numbers up to established - backlog are accepted. The moment lies between two such looks; what is
 * between them is unknown.
 */
#ifndef PLATEAU_ACCEPT_H
#define PLATEAU_ACCEPT_H

#include "abi.h"
#include "loop_table.h"
#include "state.h"

#define LISTENERS PL_LISTENERS
#define ACCEPTED 1024   /* connections remembered for each listener */
#define AT_ONE_LOOK 256 /* found accepted by one look; more go unremembered */

/* When a connection was accepted: after one look and by the next. */
struct acceptance {
  u64 after;
  u64 by;
  u32 number;
  u32 reserved;
};

struct listener {
  u64 sock;   /* address, only ever read with a checked read */
  u64 looked; /* the last look */
  u32 established;
  u32 accepted;
  struct acceptance last[ACCEPTED]; /* by number, modulo the size */
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, LISTENERS);
  __type(key, u32);
  __type(value, struct listener);
} listeners SEC(".maps") __weak;

/* Where each listens. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, LISTENERS);
  __type(key, u32);
  __type(value, struct pl_addr);
} listener_addrs SEC(".maps") __weak;

/* Connections with bytes to read that nobody has accepted, as far as known. */
long long unaccepted __weak = 0;

APART int look_at_backlog(u32 index, u64 now) {
  struct listener* l = bpf_map_lookup_elem(&listeners, &index);
  if (!l || !l->sock) return 0;
  struct sock* sk = (struct sock*)l->sock;
  u32 backlog = 0;
  u8 state = 0;
  if (bpf_core_read(&state, sizeof(state), &sk->__sk_common.skc_state) || state != TCP_LISTEN) return 0;
  if (bpf_core_read(&backlog, sizeof(backlog), &sk->sk_ack_backlog)) return 0;
  u32 accepted = l->established - backlog;
  u32 number = l->accepted;
  for (int i = 0; i < AT_ONE_LOOK && (int)(accepted - number) > 0; i++) {
    number++;
    struct acceptance* a = &l->last[number & (ACCEPTED - 1)];
    a->after = l->looked;
    a->by = now;
    a->number = number;
  }
  if ((int)(accepted - l->accepted) > 0) l->accepted = accepted;
  l->looked = now;
  return 0;
}

/* Called where a thread of the target passes by; costs one load while nothing waits. */
static __always_inline void pass_by(const struct thread* t, u64 now) {
  if (unaccepted > 0) look_at_backlog(t->listener, now);
}

/* The stretch in which a connection was accepted: after *after, by *by; 0 where that is not known. */
static __always_inline void accepted_between(u32 index, u32 number, u64* after, u64* by) {
  *after = *by = 0;
  struct listener* l = bpf_map_lookup_elem(&listeners, &index);
  if (!l) return;
  const struct acceptance* a = &l->last[number & (ACCEPTED - 1)];
  if (a->number == number) {
    *after = a->after;
    *by = a->by;
  } else if ((int)(l->accepted - number) < 0) {
    *after = l->looked;
  }
}

#endif
