/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What user space tells the kernel side of a Go process. As wire.h. */
#ifndef PLATEAU_GO_LAYOUT_H
#define PLATEAU_GO_LAYOUT_H

#include "wire.h"

#define PL_GO_REASONS 64u

/* Where in the memory of a Go process its runtime keeps what tells goroutines apart: offsets in bytes. */
struct pl_go_layout {
  int tls;     /* of the pointer to the running g, from the thread pointer; amd64 only */
  pl_u32 goid; /* in a g; 0: no Go process, or not known */
  pl_u32 m;    /* in a g */
  pl_u32 curg; /* in an m; 0: not known */
  /* Whether stopTheWorldWithSema is told what for, as since 1.21: in its first argument. */
  pl_u32 stop_reason;
  /* What its wait reasons mean, enum pl_park, from the second one on; the first: whether to look at them. */
  pl_u8 parks[PL_GO_REASONS];
};

PL_ASSERT(sizeof(struct pl_go_layout) == 20 + PL_GO_REASONS, "pl_go_layout");

#endif
