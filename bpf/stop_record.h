/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Stops of the world in Go processes. As wire.h. */
#ifndef PLATEAU_STOP_RECORD_H
#define PLATEAU_STOP_RECORD_H

#include "wire.h"

enum pl_stop_cause {
  PL_STOP_WATCHED = 0, /* none: from header.ts on each stop of the process is told; from user space */
  PL_STOP_GC,          /* the garbage collector's */
  PL_STOP_OTHER,       /* ReadMemStats, a profile, GOMAXPROCS … */
};

#define PL_STOP_CAUSE(stop) ((stop)&0xff)
#define PL_STOP_ASSISTS 0x100 /* beside PL_STOP_WATCHED: from then on assists are told, too */

/*
 * A stop of the world in a Go process: from where the runtime begins to take the goroutines off their threads
 * to where it begins to let them go on. Two records tell of it: the first, when it begins, has no end yet.
 */
struct pl_stop {
  struct pl_header header;
  pl_u64 from_ns;
  pl_u64 to_ns; /* 0: it goes on */
  pl_u32 tgid;
  pl_u32 cause; /* PL_STOP_CAUSE(): enum pl_stop_cause */
};

PL_ASSERT(sizeof(struct pl_stop) == 40, "pl_stop");

#endif
