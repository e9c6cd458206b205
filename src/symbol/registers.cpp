#include "symbol/registers.h"

#include <algorithm>

namespace plateau::symbol {

// System V psABI for x86-64, figure 3.36: rax rdx rcx rbx rsi rdi rbp rsp r8-r15 and the return address
// column.
DwarfRegisters dwarf_registers(const UserRegisters& r) {
  const std::array order = {r.ax, r.dx,  r.cx,  r.bx,  r.si,  r.di,  r.bp,  r.sp, r.r8,
                            r.r9, r.r10, r.r11, r.r12, r.r13, r.r14, r.r15, r.ip};
  DwarfRegisters result;
  std::copy(order.begin(), order.end(), result.values.begin());
  result.count = order.size();
  result.ip = r.ip;
  return result;
}

}  // namespace plateau::symbol
