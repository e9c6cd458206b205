/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Servers that the target asks: what crosses from the kernel side to user space. As wire.h. */
#ifndef PLATEAU_PEER_H
#define PLATEAU_PEER_H

#include "wire.h"

#define PL_PEERS 256u /* counted each for itself */

/* Address in network order, port in host order; a Unix socket has neither. */
struct pl_peer {
  pl_u16 family;
  pl_u16 port;
  pl_u32 reserved;
  pl_u8 addr[16];
};

/*
 * What the target sent to a peer on connections that it opened, and what came back. A call is a run of sends
 * and the run of receives that follows, if any does.
 */
struct pl_peer_calls {
  pl_u64 calls;
  pl_u64 answers;   /* of them, that something was received for */
  pl_u64 answer_ns; /* from the last send to the first receive, their sum */
  pl_u64 bytes_out;
  pl_u64 bytes_in;
};

PL_ASSERT(sizeof(struct pl_peer) == 24, "pl_peer");
PL_ASSERT(sizeof(struct pl_peer_calls) == 40, "pl_peer_calls");

#endif
