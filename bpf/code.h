/* SPDX-License-Identifier: GPL-2.0-only */
/* How functions are compiled and verified. */
#ifndef PLATEAU_CODE_H
#define PLATEAU_CODE_H

#include "kernel.h"
#include "wire.h"

/* The verifier must see the bounds of an index or a length after the compiler is done with them. */
#define KEEP_BOUNDS(var) asm volatile("" : "+r"(var))

/*
 * For what a plain request does not need: kept out of the way, because a program is run once in a long
 * stretch of the kernel's own code and pays for every line of instructions that it has to fetch.
 */
#define COLD static __attribute__((noinline, unused))
/* For what is needed in several places: one copy of it. */
#define ONCE static __attribute__((noinline, unused))
/*
 * The same, verified by itself and once, instead of along each way that leads to it: attaching takes that
 * much less time. Pointers are to the caller's own memory and may be null to the verifier.
 */
#define APART __attribute__((noinline)) __weak
#define KEEP_LOOP _Pragma("clang loop unroll(disable)")

/* A pointer as the number that a function apart takes. */
static __always_inline pl_u64 number_of(const void* pointer) {
  pl_u64 number = 0;
  bpf_probe_read_kernel(&number, sizeof(number), &pointer);
  return number;
}

#endif
