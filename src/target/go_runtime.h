// Which Go a process was built with, and how its goroutines are told apart.
#pragma once

#include <libelf.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/go_layout.h"
#include "target/go_waits.h"

namespace plateau::target {

enum class GoLayoutSource : std::uint8_t { unknown, dwarf, table };

struct GoRuntime {
  std::string version;  // "go1.19.8"; empty: not known
  GoLayoutSource source = GoLayoutSource::unknown;
  GoLayout layout;              // where source is not unknown
  std::int32_t tls = 0;         // of the pointer to the running g, from amd64's thread pointer
  std::vector<GoWait> waits{};  // what goroutines wait for, by the runtime's number for it; empty: not known
  std::string problem;          // why its goroutines cannot be told apart; empty: they can

  bool has_goroutines() const { return source != GoLayoutSource::unknown; }
  // Whether the function that stops the world is told what for, in its first argument.
  bool tells_stop_reason() const;
};

// "goroutine ids at offset 152 of g (from DWARF); what they wait for with --detail high", or why its time is
// charged to threads.
std::string describe_goroutines(const GoRuntime& go);

// Of a program; an error if it is none of Go's.
Result<GoRuntime> go_runtime(Elf* elf);

// Of a process's executable.
Result<GoRuntime> go_runtime_of(pid_t pid);

}  // namespace plateau::target
