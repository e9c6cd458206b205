// Registers as the kernel side copies them, for the unwinder.
#pragma once

#include "bpf/wire.h"
#include "symbol/registers.h"

namespace plateau::app {

inline symbol::UserRegisters registers_of(const pl_u64 (&r)[PL_REGISTERS]) {
  symbol::UserRegisters out;
  out.ip = r[0], out.sp = r[1], out.bp = r[2], out.bx = r[3];
  out.r12 = r[4], out.r13 = r[5], out.r14 = r[6], out.r15 = r[7];
  out.ax = r[8], out.cx = r[9], out.dx = r[10], out.si = r[11], out.di = r[12];
  out.r8 = r[13], out.r9 = r[14], out.r10 = r[15], out.r11 = r[16];
  return out;
}

}  // namespace plateau::app
