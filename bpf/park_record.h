/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What goroutines wait for while they are on no thread: behind a turn's captured bytes. As wire.h. */
#ifndef PLATEAU_PARK_RECORD_H
#define PLATEAU_PARK_RECORD_H

#include "wire.h"

/* What a goroutine on no thread waits for. */
enum pl_park {
  PL_PARK_OTHER = 0, /* or not known */
  PL_PARK_CHANNEL,
  PL_PARK_SELECT,
  PL_PARK_SYNC,    /* a mutex, a semaphore, a condition variable, a wait group */
  PL_PARK_NETWORK, /* descriptors in the runtime's poller */
  PL_PARK_TIMER,   /* time.Sleep */
  PL_PARK_GC, /* the garbage collector: an assist that finds nothing to do, a sweep, a stop of the world */
  PL_PARK_RUNNABLE, /* for nothing but a thread to run on */
  PL_PARKS,
};

/*
 * How before[PL_BEFORE_PARKED] is made up; what is not among it is PL_PARK_OTHER. In that one's place stands
 * what of state[PL_STATE_RUN] its goroutine marked for the garbage collector: a tick for each that found it
 * so.
 */
struct pl_parks {
  pl_u64 ns[PL_PARKS];
};

#define PL_PARKS_ASSIST PL_PARK_OTHER
#define PL_GO_TICK_NS 1000000ull /* of a CPU's time, between two looks at what goes on on it */

PL_ASSERT(sizeof(struct pl_parks) == 64, "pl_parks");
PL_ASSERT(PL_PARKS <= 8, "an index into pl_parks can be masked");

#endif
