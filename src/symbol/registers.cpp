#include "symbol/registers.h"

#include <algorithm>
#include <cstring>

namespace plateau::symbol {
namespace {

constexpr std::size_t kBp = 6, kSp = 7, kWord = sizeof(std::uint64_t);

}  // namespace

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

std::optional<DwarfRegisters> left_python_trampoline(const DwarfRegisters& inside, const StackSlice& stack) {
  const auto at = inside.values[kSp] - stack.address;
  if (inside.values[kSp] < stack.address || at > stack.bytes.size() || stack.bytes.size() - at < 2 * kWord)
    return {};
  std::array<std::uint64_t, 2> words{};  // its own, and where it returns to
  std::memcpy(words.data(), stack.bytes.data() + at, sizeof(words));
  DwarfRegisters out = inside;
  if (inside.values[kBp] == inside.values[kSp]) out.values[kBp] = words[0];
  out.values[kSp] += 2 * kWord;
  out.ip = out.values[out.count - 1] = words[1];
  return out;
}

}  // namespace plateau::symbol
