/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that the target makes to other servers, by the peer's address. */
#ifndef PLATEAU_OUTGOING_H
#define PLATEAU_OUTGOING_H

#include "connection.h"
#include "peer.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, PL_PEERS);
  __type(key, struct pl_peer);
  __type(value, struct pl_peer_calls);
} peers SEC(".maps") __weak;

pl_u64 peer_calls_lost __weak = 0; /* of peers beyond the table */

/* Bytes that the target has sent (`sent`) or received on a connection that it opened; whether a call begins.
 */
APART int count_call(struct conn* c, u64 bytes, u32 sent, u64 now) {
  if (!c) return 0;
  if (c->epoch != epoch) { /* the answer to what was asked before may have come while nobody looked */
    c->epoch = epoch;
    c->phase = PHASE_QUIET;
  }
  int begins = sent && c->phase != PHASE_ANSWERING;
  int answers = !sent && c->phase == PHASE_ANSWERING;
  struct pl_peer peer = {.family = c->addr.family, .port = c->addr.peer_port};
  __builtin_memcpy(peer.addr, c->addr.peer, sizeof(peer.addr));
  struct pl_peer_calls* to = bpf_map_lookup_elem(&peers, &peer);
  if (!to) {
    struct pl_peer_calls none = {};
    bpf_map_update_elem(&peers, &peer, &none, BPF_NOEXIST);
    to = bpf_map_lookup_elem(&peers, &peer);
  }
  if (to) {
    if (begins) __sync_fetch_and_add(&to->calls, 1);
    if (answers) __sync_fetch_and_add(&to->answers, 1);
    if (answers) __sync_fetch_and_add(&to->answer_ns, now - c->last_ts);
    __sync_fetch_and_add(sent ? &to->bytes_out : &to->bytes_in, bytes);
  } else if (begins) {
    __sync_fetch_and_add(&peer_calls_lost, 1);
  }
  if (sent || answers) c->phase = sent ? PHASE_ANSWERING : PHASE_RECEIVING;
  c->last_ts = now;
  return begins;
}

#endif
