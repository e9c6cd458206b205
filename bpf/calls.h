/* SPDX-License-Identifier: GPL-2.0-only */
/* What the blocked or returning system call of a thread says: cause of a wait, place of the payload. */
#ifndef PLATEAU_CALLS_H
#define PLATEAU_CALLS_H

#include "abi.h"
#include "call_table.h"
#include "state.h"

/* PL_CALL() by system call number; user space fills it for its architecture before the load. */
const volatile pl_u8 calls[PL_CALLS] __weak = {};
const volatile pl_u32 nr_futex __weak = 0;
const volatile pl_u32 nr_sendfile __weak = 0;
const volatile pl_u32 nr_splice __weak = 0;
const volatile pl_u32 nr_io_uring_enter __weak = 0;
const volatile pl_u32 nr_sendto __weak = 0;

static __always_inline u8 call_of(int nr) {
  u64 index = (u32)nr;
  KEEP_BOUNDS(index);
  return index < PL_CALLS ? calls[index] : 0;
}

#define PATH_RING 5 /* the bit of PL_PATH_IO_URING */

/* The bit of enum pl_path that a sending call stands for; -1: not known. */
static __always_inline int path_of_call(const struct pt_regs* regs, int nr) {
  u8 buffer = PL_CALL_BUFFER(call_of(nr));
  if (buffer == PL_BUFFER_FLAT) return (u32)nr == nr_sendto && REGS_ARG4(regs) & MSG_ZEROCOPY ? 4 : 0;
  if (buffer == PL_BUFFER_MSG) return REGS_ARG3(regs) & MSG_ZEROCOPY ? 4 : 1;
  if (buffer == PL_BUFFER_IOV) return 1;
  if ((u32)nr == nr_sendfile) return 2;
  return (u32)nr == nr_splice ? 3 : -1;
}

#endif
