#include "attribution/data_path.h"

#include <algorithm>

namespace plateau::attribution {

static_assert(PL_PATHS == PL_CALL_PATHS + 1 && PL_PATH_KTLS == 1 << PL_CALL_PATHS);

std::uint64_t ktls_connections(const wire::Facts& facts) {
  return std::max<std::uint64_t>(facts.send_path.ktls, facts.counters[PL_COUNT_KTLS_CONNS]);
}

std::vector<PathBytes> path_bytes(const wire::Facts& facts) {
  std::vector<PathBytes> all;
  std::uint64_t known = 0;
  for (std::size_t i = 0; i < kPathNames.size(); i++) {
    const std::size_t counter =
        i < PL_CALL_PATHS ? PL_COUNT_PATH_BYTES + i : std::size_t{PL_COUNT_KTLS_BYTES};
    all.push_back({kPathNames[i], facts.counters[counter]});
    known += all.back().bytes;
  }
  const std::uint64_t sent = facts.counters[PL_COUNT_BYTES_OUT];
  all.push_back({"unknown", sent > known ? sent - known : 0});
  std::erase_if(all, [](const PathBytes& path) { return path.bytes == 0; });
  std::stable_sort(all.begin(), all.end(),
                   [](const PathBytes& a, const PathBytes& b) { return a.bytes > b.bytes; });
  return all;
}

}  // namespace plateau::attribution
