/* SPDX-License-Identifier: GPL-2.0-only */
/* What the blocked or returning system call of a thread says: cause of a wait, place of the payload. */
#ifndef PLATEAU_CALLS_H
#define PLATEAU_CALLS_H

#include "state.h"

/* PL_CALL() by system call number; user space fills it for its architecture before the load. */
const volatile pl_u8 calls[PL_CALLS] __weak = {};
const volatile pl_u32 nr_futex __weak = 0;
const volatile pl_u32 nr_sendfile __weak = 0;
const volatile pl_u32 nr_splice __weak = 0;
const volatile pl_u32 nr_io_uring_enter __weak = 0;

static __always_inline u8 call_of(int nr) {
  u64 index = (u32)nr;
  KEEP_BOUNDS(index);
  return index < PL_CALLS ? calls[index] : 0;
}

static __always_inline u8 path_of_call(int nr) {
  if (nr < 0) return 0;
  if ((u32)nr == nr_sendfile) return PL_PATH_SENDFILE;
  if ((u32)nr == nr_splice) return PL_PATH_SPLICE;
  if ((u32)nr == nr_io_uring_enter) return PL_PATH_IO_URING;
  u8 buffer = PL_CALL_BUFFER(call_of(nr));
  if (buffer == PL_BUFFER_FLAT) return PL_PATH_COPY;
  if (buffer == PL_BUFFER_IOV || buffer == PL_BUFFER_MSG) return PL_PATH_WRITEV;
  return 0;
}

#endif
