/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Stacks taken for a profile: on a CPU, of sleeps with their ends, of wakers. As wire.h. */
#ifndef PLATEAU_PROFILE_RECORD_H
#define PLATEAU_PROFILE_RECORD_H

#include "wire.h"

enum pl_sample_kind {
  PL_SAMPLE_CPU = 1,   /* on a CPU at the tick of a clock */
  PL_SAMPLE_SLEEP = 2, /* falling asleep; a pl_slept with the same tid and from_ns tells how long */
  PL_SAMPLE_FAULT = 3, /* at a page fault */
  PL_SAMPLE_WAKE = 4,  /* waking another thread: in a pl_wake */
};

enum pl_stack_data {
  PL_STACK_NONE = 0, /* none taken */
  PL_STACK_IPS = 1,  /* user return addresses by frame pointers, innermost first, eight bytes each */
  PL_STACK_COPY = 2, /* a copy of the user stack from its pointer upwards */
};

#define PL_PROFILE_SLICE 24576u /* of a thread on a CPU; of one that falls asleep: PL_STACK_SLICE */
#define PL_KERNEL_FRAMES 64u
#define PL_USER_FRAMES 127u

/* A thread's stack, taken for a profile. */
struct pl_sample {
  struct pl_header header;
  pl_u64 from_ns;   /* when it fell asleep; on a CPU: header.ts */
  pl_u64 period_ns; /* on a CPU: the time it stands for; falling asleep: 0; at a fault: the faults */
  pl_u64 futex;     /* user address it sleeps on, 0: none */
  pl_u32 tgid;
  pl_u32 tid;
  pl_u32 data_len;
  pl_u16 kernel_frames;
  pl_u8 kind;  /* enum pl_sample_kind */
  pl_u8 data;  /* enum pl_stack_data */
  pl_u8 state; /* enum pl_state, as far as known by then */
  pl_u8 reserved[7];
  pl_u64 regs[PL_REGISTERS]; /* user registers, as in pl_waker */
  pl_u64 kernel[PL_KERNEL_FRAMES];
};

/* The end of a sleep whose beginning was a pl_sample. */
struct pl_slept {
  struct pl_header header; /* ts: running again */
  pl_u64 from_ns;
  pl_u64 woken_ns; /* runnable again */
  pl_u32 tgid;
  pl_u32 tid;
};

/*
 * Who ends a sleep whose beginning was a pl_sample: the thread that is on the CPU, or an interrupt that came
 * upon it, which its kernel stack tells.
 */
struct pl_wake {
  struct pl_sample by; /* header.kind: PL_RECORD_WAKE; from_ns: of the sleep. A thread without memory of its
                          own has no user stack: PL_STACK_NONE */
  pl_u32 sleeper;      /* tid */
  pl_u32 reserved;
  char comm[16];
};

/* Per-CPU counters of a profile. */
enum pl_profile_counter {
  PL_PROFILE_SAMPLES = 0,  /* stacks taken, the lost ones too */
  PL_PROFILE_LOST_SAMPLES, /* of them lost: ring full */
  PL_PROFILE_LOST_ENDS,    /* ends of sleeps lost: ring full */
  PL_PROFILE_LOST_SLEEPS,  /* sleeps not looked at: too many threads asleep at once */
  PL_PROFILE_LOST_WAKES,   /* wakers' stacks lost: ring full */
  PL_PROFILE_COUNTERS,
};

PL_ASSERT(sizeof(struct pl_sample) == 64 + 8 * PL_REGISTERS + 8 * PL_KERNEL_FRAMES, "pl_sample");
PL_ASSERT(sizeof(struct pl_slept) == 40, "pl_slept");
PL_ASSERT(sizeof(struct pl_wake) == sizeof(struct pl_sample) + 24, "pl_wake");

#endif
