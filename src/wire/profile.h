// Stacks taken for a profile, as a capture holds them: named while the target ran, so that no program file is
// needed later.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bpf/profile_record.h"

namespace plateau::wire {

enum class FrameKind : std::uint8_t { native, kernel, go, jit, inlined, unknown, note };
inline constexpr std::size_t kFrameKinds = 7;
std::string_view to_string(FrameKind kind);

struct ProfileFrame {
  std::string name;                    // function, or "module+0x12ab" where it is not known
  std::string module;                  // path of the program file; empty: none
  std::string file;                    // of the source; empty: not known
  int line = 0;                        // 0: not known
  FrameKind kind = FrameKind::native;  // note: no function, but what there is to say of those behind it
  bool named = true;

  bool operator==(const ProfileFrame&) const = default;
};

// How the user part of a stack was walked.
enum class Unwinding : std::uint8_t { none, frame_pointers, unwind_tables };

// A stack, told once: samples refer to it by its id.
struct ProfileStack {
  std::uint32_t id = 0;
  // Innermost first, kernel frames included. Of a waker, the very first is a note on who it is.
  std::vector<ProfileFrame> frames;
  Unwinding unwinding = Unwinding::none;
  bool cut_short = false;  // its outermost frames are missing
};

inline constexpr std::uint32_t kNoStack = UINT32_MAX;

// A thread seen with a stack: at an instant on a CPU or at a page fault, or for the length of a sleep. In a
// capture file as it is, little endian; without `waker` and what follows before file version 3.
struct StackSample {
  std::uint64_t from_ns = 0;    // CLOCK_MONOTONIC; on a CPU: the instant
  std::uint64_t woken_ns = 0;   // the sleep's end; on a CPU: from_ns
  std::uint64_t run_ns = 0;     // running again; on a CPU: from_ns
  std::uint64_t period_ns = 0;  // on a CPU: the time it stands for; at a page fault: the faults
  std::uint64_t futex = 0;      // slept on; 0: none
  std::uint32_t stack = 0;
  std::uint32_t tgid = 0;
  std::uint32_t tid = 0;
  std::uint8_t kind = 0;   // enum pl_sample_kind
  std::uint8_t state = 0;  // enum pl_state
  std::uint16_t reserved = 0;
  std::uint32_t waker = kNoStack;  // of a sleep: stack of who ended it; kNoStack: not seen, or not looked at
  std::uint32_t reserved_too = 0;
};
static_assert(sizeof(StackSample) == 64);
inline constexpr std::size_t kSampleWithoutWaker = 56;

std::string to_json(const ProfileStack& stack);
Result<ProfileStack> stack_from_json(std::string_view text);

}  // namespace plateau::wire
