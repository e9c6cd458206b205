/* SPDX-License-Identifier: GPL-2.0-only */
/* A piece of user memory that bytes were received into or sent from. */
#ifndef PLATEAU_SPAN_H
#define PLATEAU_SPAN_H

#include "abi.h"

#define IOVECS 4 /* pieces of one receive or send that are looked at */

/* As struct iovec. */
struct span {
  u64 base;
  u64 len;
};

struct spans {
  struct span at[IOVECS];
};

/* An array of `n` struct iovec in user memory: at most IOVECS of them. Returns how many. */
static __always_inline int iov_spans(u64 iov, u64 n, struct span* spans) {
  if (n > IOVECS) n = IOVECS;
  u32 size = (u32)n * sizeof(struct user_iovec);
  if (size > IOVECS * sizeof(struct user_iovec)) return 0;
  return bpf_probe_read_user(spans, size, (void*)iov) ? 0 : (int)n;
}

/* The pieces of a struct msghdr in user memory. */
static __always_inline int msg_spans(u64 message, struct span* spans) {
  struct user_msghdr_abi msg;
  if (bpf_probe_read_user(&msg, sizeof(msg), (void*)message)) return 0;
  return iov_spans(msg.iov, msg.iovlen, spans);
}

#endif
