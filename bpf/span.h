/* SPDX-License-Identifier: GPL-2.0-only */
/* A piece of user memory that bytes were received into or sent from. */
#ifndef PLATEAU_SPAN_H
#define PLATEAU_SPAN_H

#include "kernel.h"

#define IOVECS 4 /* pieces of one receive or send that are looked at */

/* As struct iovec. */
struct span {
  u64 base;
  u64 len;
};

#endif
