/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies the first bytes of a receive or send from the caller's own buffer, found through the arguments of
 * the system call that is just returning: those pages were touched a moment ago, so the read does not fault.
 */
#ifndef PLATEAU_PAYLOAD_H
#define PLATEAU_PAYLOAD_H

#include "calls.h"

#define IOVECS 4

struct span {
  u64 base;
  u64 len;
};

/* The caller's buffers: at most IOVECS of them. Returns how many. */
static __always_inline int user_spans(struct pt_regs* regs, u8 call, u64 bytes, struct span* spans) {
  u8 kind = PL_CALL_BUFFER(call);
  u64 iov = REGS_ARG2(regs);
  if (kind == PL_BUFFER_FLAT) {
    spans[0].base = iov;
    spans[0].len = bytes;
    return 1;
  }
  u64 n = REGS_ARG3(regs);
  if (kind == PL_BUFFER_MSG) {
    struct user_msghdr_abi msg;
    if (bpf_probe_read_user(&msg, sizeof(msg), (void*)iov)) return 0;
    iov = msg.iov;
    n = msg.iovlen;
  } else if (kind != PL_BUFFER_IOV) {
    return 0;
  }
  if (n > IOVECS) n = IOVECS;
  u32 size = (u32)n * sizeof(struct user_iovec);
  if (size > IOVECS * sizeof(struct user_iovec)) return 0;
  if (bpf_probe_read_user(spans, size, (void*)iov)) return 0;
  return (int)n;
}

/*
 * Appends a call's bytes to a thread's payload, which holds `used` bytes and may grow to `room`; the array
 * has PL_CAPTURE_OUT bytes to spare for the verifier's sake. Returns the new `used`, or a negative number if
 * the memory could not be read.
 */
static __always_inline int append(u8* dst, u32 used, u32 room, struct span from, u64 bytes) {
  if (bytes > from.len) bytes = from.len;
  if (used >= room) return (int)used;
  u32 take = room - used;
  if (take > bytes) take = (u32)bytes;
  KEEP_BOUNDS(used);
  KEEP_BOUNDS(take);
  if (used > PL_CAPTURE_IN + PL_CAPTURE_OUT || take > PL_CAPTURE_OUT) return (int)used;
  return bpf_probe_read_user(dst + used, take, (void*)from.base) ? -1 : (int)(used + take);
}

#endif
