/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a goroutine that has left its thread waits for, as the runtime itself has it in its g. It is read when
 * it is seen to have left, and again when it is back: a goroutine that has waited for something else in
 * between, and nobody saw it run, has waited for two things, and how long for each is not known.
 */
#ifndef PLATEAU_PARK_H
#define PLATEAU_PARK_H

#include "state.h"

#define G_RUNNABLE 1
#define G_WAITING 4
#define G_SCANNED 0x1000 /* set beside the status while the collector scans its stack */

/* The part of a g around its id, of every Go since 1.17; user space has made sure of that. */
struct go_g {
  u32 status;
  u32 stack_lock;
  u64 goid;
  u64 schedlink;
  u64 waitsince;
  u8 waitreason; /* of the wait that goes on, or else of the last one */
  u8 reserved[7];
};

#define WAIT_REASON(wait) ((wait)&0xff)
#define WAIT_STATUS(wait) ((wait) >> 8)

/* Reason and status of the goroutine `goid`, whose g is at `address`; 0: not known, or nobody is to look. */
COLD u32 wait_of(const struct thread* t, u64 address, u64 goid) {
  struct go_g g;
  if (!t->go.parks[0] || !address) return 0;
  if (bpf_probe_read_user(&g, sizeof(g), (void*)(address + t->go.goid - 8)) || g.goid != goid) return 0;
  return g.waitreason | (g.status & ~G_SCANNED) << 8;
}

#define ASSISTS 1 /* the reason, in every Go: assists mark as a waiting goroutine, on its own thread */

/* Whether the goroutine `goid`, which is at work on the thread, marks for the collector. */
static __always_inline int assists(const struct thread* t, u64 goid) {
  return wait_of(t, t->g, goid) == (ASSISTS | G_WAITING << 8);
}

/* What a goroutine waited for, enum pl_park, from its wait as it had left and as it is back. */
static __always_inline u32 park_between(const struct thread* t, u32 left, u32 back) {
  if (!left || !back || WAIT_REASON(left) != WAIT_REASON(back)) return PL_PARK_OTHER;
  if (WAIT_STATUS(left) == G_RUNNABLE) return PL_PARK_RUNNABLE;
  if (WAIT_STATUS(left) != G_WAITING || WAIT_REASON(left) == 0) return PL_PARK_OTHER;
  return t->go.parks[WAIT_REASON(left) & (PL_GO_REASONS - 1)];
}

#endif
