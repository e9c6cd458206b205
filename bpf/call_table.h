/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What user space tells the kernel side of system calls. As wire.h. */
#ifndef PLATEAU_CALL_TABLE_H
#define PLATEAU_CALL_TABLE_H

#include "wire.h"

/* How a blocked or data-moving system call is read; the index of the table is its number. */
enum pl_call_buffer {
  PL_BUFFER_NONE = 0,
  PL_BUFFER_FLAT, /* second argument: the bytes */
  PL_BUFFER_IOV,  /* second argument: struct iovec[], third: how many */
  PL_BUFFER_MSG,  /* second argument: struct msghdr */
};

#define PL_CALL_STATE(call) ((call)&0x0f)           /* enum pl_state while blocked in it */
#define PL_CALL_BUFFER(call) (((call) >> 4) & 0x03) /* enum pl_call_buffer */
#define PL_CALL_LOOP 0x40                           /* waits for events on many descriptors */
#define PL_CALL_LIST 0x80                           /* on as many as its second argument says */
#define PL_CALL(state, buffer) ((state) | ((buffer) << 4))
#define PL_CALLS 512

#endif
