/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's interfaces fix, and what has stayed in all releases: layouts, numbers, registers. */
#ifndef PLATEAU_ABI_H
#define PLATEAU_ABI_H

#include "kernel.h"

/* User-space layouts, fixed by the ABI: not relocated. */
struct user_iovec {
  u64 base;
  u64 len;
};

struct user_msghdr_abi {
  u64 name;
  u64 namelen;
  u64 iov;
  u64 iovlen;
};

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define E2BIG 7
#define EAGAIN 11

enum {
  TCP_ESTABLISHED = 1,
  TCP_SYN_SENT = 2,
  TCP_FIN_WAIT1 = 4,
  TCP_CLOSE = 7,
  TCP_CLOSE_WAIT = 8,
  TCP_LAST_ACK = 9,
  TCP_LISTEN = 10,
};

#define TASK_UNINTERRUPTIBLE 2
#define PF_IO_WORKER 0x10
#define MSG_ZEROCOPY 0x4000000
#define MSG_SPLICE_PAGES 0x8000000 /* since Linux 6.5: sendfile and splice hand over pages */

/* System call number and arguments of a task stopped in the kernel; number -1: not in a system call. */
#if defined(__TARGET_ARCH_x86)
#define REGS_CALL(regs) ((int)(regs)->orig_ax)
#define REGS_ARG1(regs) ((regs)->di)
#define REGS_ARG2(regs) ((regs)->si)
#define REGS_ARG3(regs) ((regs)->dx)
#define REGS_ARG4(regs) ((regs)->r10)
#define REGS_GO_ARG1(regs) ((regs)->ax) /* at the entry to a Go function: an argument, the running g */
#define REGS_GO_G(regs) ((regs)->r14)
#elif defined(__TARGET_ARCH_arm64)
#define REGS_CALL(task_regs) ((task_regs)->syscallno)
#define REGS_ARG1(task_regs) ((task_regs)->orig_x0)
#define REGS_ARG2(task_regs) ((task_regs)->regs[1])
#define REGS_ARG3(task_regs) ((task_regs)->regs[2])
#define REGS_ARG4(task_regs) ((task_regs)->regs[3])
#define REGS_GO(task_regs) ((task_regs)->regs[28]) /* where Go keeps the running g */
#define REGS_GO_ARG1(task_regs) ((task_regs)->regs[0])
#define REGS_GO_G(task_regs) REGS_GO(task_regs)
#endif

#endif
