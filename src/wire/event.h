// Records of the ring buffer (bpf/wire.h) as typed views.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "bpf/lock_record.h"
#include "bpf/park_record.h"
#include "bpf/profile_record.h"
#include "bpf/stop_record.h"
#include "bpf/turn_record.h"

namespace plateau::wire {

// Views into the decoded bytes: valid as long as those.
struct Turn {
  const pl_turn* fixed;
  std::string_view in;              // captured request bytes, from fixed->in_offset on
  std::string_view out;             // captured response bytes, from fixed->out_offset on
  const pl_parks* parks = nullptr;  // what its goroutine waited for while on no thread; null: not known
};

struct Close {
  const pl_close* fixed;
};

struct Waker {
  const pl_waker* fixed;
  std::span<const std::byte> stack;  // from the stack pointer upwards
};

struct Pause {
  const pl_pause* fixed;
};

struct Sample {
  const pl_sample* fixed;
  std::span<const std::byte> data;  // what fixed->data says
};

struct Slept {
  const pl_slept* fixed;
};

// Of the world of a Go process.
struct Stop {
  const pl_stop* fixed;
};

struct Wake {
  const pl_wake* fixed;
  std::span<const std::byte> data;  // what fixed->by.data says
};

using Event = std::variant<Turn, Close, Waker, Pause, Sample, Slept, Stop, Wake>;

// Decodes one record. `bytes` must be aligned to 8 and hold at least the record's own size; what is behind it
// is ignored. Fails on a record that is too short for its kind, has lengths that do not fit, values out of
// range, or an unknown kind.
Result<Event> decode(std::span<const std::byte> bytes);

}  // namespace plateau::wire
