// Any bytes as a flamegraph to hold another against: folded text, or pprof's messages as they are once
// unpacked. What is read is written and read again, and stays what it is.
#include <cstdint>
#include <string_view>

#include "../http/require.h"
#include "sink/flame/read.h"
#include "sink/flame/write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace flame = plateau::sink::flame;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto graph = data[0] % 2 ? flame::read_pprof(bytes) : flame::read_folded(bytes);
  if (!graph) {
    require(!graph.error().message.empty(), "an error says something");
    return 0;
  }
  require(!graph->stacks().empty(), "a graph has stacks");
  std::uint64_t total = 0;
  for (const auto& stack : graph->stacks()) {
    total += stack.ns;
    for (const auto frame : stack.frames) require(frame < graph->frames().size(), "a frame is there");
  }
  require(total == graph->total_ns(), "the total is the stacks'");
  if (total == 0 || total >= std::uint64_t{1} << 62) return 0;
  const auto again = flame::read_folded(flame::to_folded(*graph));
  require(again && again->total_ns() == total, "folded text keeps the total");
  return 0;
}
