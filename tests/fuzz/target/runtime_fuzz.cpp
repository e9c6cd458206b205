// Any bytes as the file of a Go program: what its goroutines are told apart by, or why not.

#include <vector>

#include "../http/require.h"
#include "target/go_runtime.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plateau::target;
  elf_version(EV_CURRENT);
  std::vector<char> bytes(data, data + size);
  Elf* elf = elf_memory(bytes.data(), bytes.size());
  const auto go = go_runtime(elf);
  elf_end(elf);
  if (!go) {
    require(!go.error().message.empty(), "an error says something");
    return 0;
  }
  require(go->has_goroutines() == go->problem.empty(),
          "a problem is told where there is one, and only there");
  require(!go->has_goroutines() || (go->layout.goid > 0 && go->layout.goid <= 4096),
          "an offset is a small one");
  return 0;
}
