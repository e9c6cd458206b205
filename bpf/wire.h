/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What crosses from the kernel side to user space: the records in the ring buffer, the counters and the
 * values of the maps that user space reads. Here stands what they have in common; a header for each subject
 * includes it. Compiled by both sides; sizes and offsets are asserted at the end of each, and a capture file
 * holds these bytes as they are (little endian).
 *
 * All times are CLOCK_MONOTONIC nanoseconds, all durations nanoseconds.
 */
#ifndef PLATEAU_WIRE_H
#define PLATEAU_WIRE_H

#ifdef __cplusplus
#include <cstdint>
#define PL_ASSERT(cond, text) static_assert(cond, text)
typedef std::uint64_t pl_u64;
typedef std::uint32_t pl_u32;
typedef std::uint16_t pl_u16;
typedef std::uint8_t pl_u8;
#else
#define PL_ASSERT(cond, text) _Static_assert(cond, text)
typedef unsigned long long pl_u64;
typedef unsigned int pl_u32;
typedef unsigned short pl_u16;
typedef unsigned char pl_u8;
#endif

/* Raised whenever a record's layout or meaning changes. */
#define PL_WIRE_VERSION 5

/* What a thread is doing; at any instant exactly one of these. */
enum pl_state {
  PL_STATE_RUN = 0,     /* on a CPU */
  PL_STATE_RUNQ,        /* runnable, not on a CPU */
  PL_STATE_POLL,        /* asleep in epoll, poll, select, accept or io_uring's wait */
  PL_STATE_RECV,        /* asleep in a receive on a socket of the server's own */
  PL_STATE_SEND,        /* asleep because a send buffer is full */
  PL_STATE_FUTEX,       /* asleep on a futex */
  PL_STATE_SLEEP,       /* asleep in a timer */
  PL_STATE_DISK,        /* asleep on storage */
  PL_STATE_FAULT,       /* asleep in a page fault */
  PL_STATE_LOCK_SOCKET, /* asleep on the socket lock */
  PL_STATE_LOCK_KERNEL, /* asleep or spinning on another kernel lock */
  PL_STATE_FD,          /* asleep on another descriptor: a client socket, a pipe, a child */
  PL_STATE_OTHER,       /* asleep, cause unknown */
  PL_STATE_COPY_IN,     /* on a CPU, copying from a socket to user memory */
  PL_STATE_COPY_OUT,    /* on a CPU, copying from user memory to a socket */
  PL_STATE_TCP_SEND,    /* on a CPU, in the rest of a TCP send */
  PL_STATES,
};

#define PL_STATE_ON_CPU(state) ((state) == PL_STATE_RUN || (state) >= PL_STATE_COPY_IN)
#define PL_STATE_ASLEEP(state) ((state) >= PL_STATE_POLL && (state) < PL_STATE_COPY_IN)

enum pl_record_kind {
  PL_RECORD_TURN = 1,   /* struct pl_turn, then in_len + out_len captured bytes; with PL_TURN_PARKS, from the
                           next multiple of eight bytes on, struct pl_parks */
  PL_RECORD_CLOSE = 2,  /* struct pl_close */
  PL_RECORD_WAKER = 3,  /* struct pl_waker, then stack_len bytes */
  PL_RECORD_PAUSE = 4,  /* struct pl_pause; from user space, between the records of the kernel side */
  PL_RECORD_SAMPLE = 8, /* struct pl_sample, then data_len bytes */
  PL_RECORD_SLEPT = 9,  /* struct pl_slept */
  PL_RECORD_STOP = 10,  /* struct pl_stop */
  PL_RECORD_WAKE = 11,  /* struct pl_wake, then by.data_len bytes */
};

struct pl_header {
  pl_u32 size; /* of the whole record, this header included */
  pl_u16 kind; /* enum pl_record_kind */
  pl_u16 cpu;
  pl_u64 ts; /* when it was written */
};

#define PL_REGISTERS 17
#define PL_STACK_SLICE 8192u

PL_ASSERT(sizeof(struct pl_header) == 16, "pl_header");
PL_ASSERT(PL_STATES <= 16, "a call's state has four bits");

#endif
