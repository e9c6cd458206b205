// The user registers of a sampled thread, and their order in DWARF.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace plateau::symbol {

// x86-64, as in the kernel's struct pt_regs. Another architecture is another struct with its own overload of
// dwarf_registers(); nothing else in this folder knows a register by name.
struct UserRegisters {
  std::uint64_t ip = 0, sp = 0, bp = 0, bx = 0;
  std::uint64_t r12 = 0, r13 = 0, r14 = 0, r15 = 0;
  std::uint64_t ax = 0, cx = 0, dx = 0, si = 0, di = 0;
  std::uint64_t r8 = 0, r9 = 0, r10 = 0, r11 = 0;
};

// Registers by DWARF number (System V psABI of the architecture), ready for the unwinder.
struct DwarfRegisters {
  static constexpr std::size_t kMaximum = 33;  // arm64: x0-x30, sp, and one spare

  std::array<std::uint64_t, kMaximum> values{};
  std::size_t count = 0;
  std::uint64_t ip = 0;

  std::span<const std::uint64_t> used() const { return std::span(values).first(count); }
};

DwarfRegisters dwarf_registers(const UserRegisters& registers);

// A copy of the user stack, from `address` (the stack pointer) towards higher addresses.
struct StackSlice {
  std::uint64_t address = 0;
  std::span<const std::byte> bytes;
};

// A thread at the place from which Python's trampoline for a function (-X perf) calls the interpreter: its
// registers after the trampoline has returned. None if they are not in the slice. The trampoline moves the
// stack by one word, or keeps a frame pointer in that word.
std::optional<DwarfRegisters> left_python_trampoline(const DwarfRegisters& inside, const StackSlice& stack);

}  // namespace plateau::symbol
