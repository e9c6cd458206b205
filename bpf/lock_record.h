/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Locks: who held them, how long they were waited for, and the kernel's own. As wire.h. */
#ifndef PLATEAU_LOCK_RECORD_H
#define PLATEAU_LOCK_RECORD_H

#include "wire.h"

/* Of the kernel's own locks. */
enum pl_kernel_lock {
  PL_KERNEL_LOCK_OTHER = 0, /* a semaphore; before Linux 6.2 a mutex too */
  PL_KERNEL_LOCK_SPIN,
  PL_KERNEL_LOCK_RWLOCK,
  PL_KERNEL_LOCK_MUTEX,
  PL_KERNEL_LOCK_RWSEM,
  PL_KERNEL_LOCK_PERCPU, /* a per-CPU reader-writer semaphore */
  PL_KERNEL_LOCK_RT,     /* a mutex with priority inheritance; with PREEMPT_RT nearly all others */
  PL_KERNEL_LOCKS,
};

/* A thread that woke a thread asleep on a futex, sampled: the lock's holder. */
struct pl_waker {
  struct pl_header header;
  pl_u64 futex;   /* user address */
  pl_u64 wait_ns; /* how long the woken one had slept */
  pl_u64 weight;  /* hand-overs of this lock since the last sample, this one included */
  pl_u32 tgid;
  pl_u32 waker_tid;
  pl_u32 waiter_tid;
  pl_u32 stack_len;
  /* x86-64: ip sp bp bx r12 r13 r14 r15 ax cx dx si di r8 r9 r10 r11; arm64: pc sp x29 x19-x28 x30 0 0 0 */
  pl_u64 regs[PL_REGISTERS];
};

/* Key and value of the lock table. */
struct pl_lock_key {
  pl_u64 futex;
  pl_u32 tgid;
  pl_u32 reserved;
};

struct pl_lock {
  pl_u64 waits;      /* sleeps that ended */
  pl_u64 wait_ns;    /* their sum */
  pl_u64 owed_waits; /* of them, by a thread that owed an answer */
  pl_u64 owed_wait_ns;
  pl_u64 handovers;    /* sleeps ended by another thread's futex call */
  pl_u64 services;     /* intervals between hand-overs with somebody waiting throughout */
  pl_u64 service_ns;   /* their sum */
  pl_u64 contended_ns; /* time with at least one waiter */
  pl_u64 contended_since;
  pl_u64 last_handover; /* 0: nobody waits */
  pl_u64 unsampled;     /* hand-overs since the last stack sample */
  long long waiting;    /* asleep on it now */
};

/*
 * Key and value of the table of the kernel stacks on which threads of the target waited for the kernel's own
 * locks: not of all waits, only of so many a second and CPU (bpf/lock.bpf.c).
 */
#define PL_LOCK_STACKS 1024u
#define PL_LOCK_STACK_DEPTH 24u

struct pl_lock_stack {
  pl_u32 stack; /* its number */
  pl_u32 kind;  /* enum pl_kernel_lock */
};

struct pl_lock_stack_waits {
  pl_u64 waits; /* that have ended */
  pl_u64 wait_ns;
};

PL_ASSERT(sizeof(struct pl_waker) == 192, "pl_waker");
PL_ASSERT(sizeof(struct pl_lock) == 96, "pl_lock");
PL_ASSERT(sizeof(struct pl_lock_stack) == 8, "pl_lock_stack");
PL_ASSERT(sizeof(struct pl_lock_stack_waits) == 16, "pl_lock_stack_waits");

#endif
