/* SPDX-License-Identifier: GPL-2.0-only */
/* TLS in the kernel: what the target sends on such a connection is clear here, and leaves encrypted. */
#ifndef PLATEAU_KTLS_H
#define PLATEAU_KTLS_H

#include "state.h"

/* How a TCP socket without TLS sends: an address; 0: no listener was seen. */
pl_u64 plain_send __weak = 0;

/* Whether the TCP socket is set up to encrypt: it may have TLS, and no keys yet. */
static __always_inline int encrypts(struct sock* sk, const struct tcp_ulp_ops* ops) {
  char name[4] = {};
  bpf_probe_read_kernel(name, sizeof(name), ops->name);
  if (name[0] != 't' || name[1] != 'l' || name[2] != 's' || name[3]) return 0;
  return (u64)BPF_CORE_READ(sk, __sk_common.skc_prot, sendmsg) != plain_send;
}

/* What was sent on a connection with something between the socket and TCP. Returns whether it is TLS. */
COLD int count_encrypted(struct conn* c, struct sock* sk, const struct tcp_ulp_ops* ops, u32 sent) {
  if (!c->ktls) {
    if (!encrypts(sk, ops)) return 0;
    c->ktls = 1;
    count(PL_COUNT_KTLS_CONNS, 1);
  }
  count(PL_COUNT_KTLS_BYTES, sent);
  return 1;
}

#endif
