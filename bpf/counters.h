/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Counters of what was seen and of what was lost. As wire.h. */
#ifndef PLATEAU_COUNTERS_H
#define PLATEAU_COUNTERS_H

#include "lock_record.h"
#include "turn_record.h"

/* Per-CPU counters. Each loss is counted where it happens. */
enum pl_counter {
  PL_COUNT_TURNS = 0,  /* turn records written or lost, parts > 0 left out */
  PL_COUNT_LOST_TURNS, /* of them lost: ring full */
  PL_COUNT_LOST_PARTS, /* later parts lost: ring full */
  PL_COUNT_LOST_CLOSES,
  PL_COUNT_LOST_WAKERS,
  PL_COUNT_LOST_CONNS,     /* no memory for a connection's state */
  PL_COUNT_LOST_THREADS,   /* no memory for a thread's state */
  PL_COUNT_LOST_LOCKS,     /* lock table full */
  PL_COUNT_PAYLOAD_UNREAD, /* user memory could not be read */
  PL_COUNT_BYTES_IN,       /* moved by the target on server connections */
  PL_COUNT_BYTES_OUT,
  PL_COUNT_BYTES_LOST, /* of both, in lost records */
  PL_COUNT_CONNS_OPENED,
  PL_COUNT_CONNS_CLOSED,
  PL_COUNT_DOWNSTREAM_BYTES, /* moved on connections that the target opened */
  PL_COUNT_PATH_BYTES,       /* of BYTES_OUT, less KTLS_BYTES: by the first call's path; then by the others */
  PL_COUNT_PATH_BYTES_LAST = PL_COUNT_PATH_BYTES + PL_CALL_PATHS - 1,
  PL_COUNT_LOST_GOROUTINES,   /* table of goroutines that left their thread full: their requests' time unknown
                               */
  PL_COUNT_ZEROCOPIES,        /* sends with MSG_ZEROCOPY whose end was told */
  PL_COUNT_ZEROCOPIES_COPIED, /* of them copied by the kernel after all */
  PL_COUNT_LOST_LOOPS,        /* threads that wait for events, not counted: too many at once */
  PL_COUNT_LATE_GOROUTINES,   /* time on a thread that is in no request: it ended on another one meanwhile */
  PL_COUNT_KTLS_BYTES,        /* of BYTES_OUT: encrypted by the kernel */
  PL_COUNT_KTLS_CONNS,        /* connections on which some were */
  PL_COUNT_KERNEL_LOCK_WAITS, /* for the kernel's own locks, ended, by the target's threads: one for each kind
                               */
  PL_COUNT_KERNEL_LOCK_WAITS_LAST = PL_COUNT_KERNEL_LOCK_WAITS + PL_KERNEL_LOCKS - 1,
  PL_COUNT_KERNEL_LOCK_NS, /* their lengths, asleep or spinning */
  PL_COUNT_KERNEL_LOCK_NS_LAST = PL_COUNT_KERNEL_LOCK_NS + PL_KERNEL_LOCKS - 1,
  PL_COUNT_LOST_STOPS, /* records of stops of the world lost: ring full, too many processes */
  PL_COUNTERS,
};

#endif
