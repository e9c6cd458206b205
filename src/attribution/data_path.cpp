#include "attribution/data_path.h"

#include <algorithm>

namespace plateau::attribution {

std::vector<PathBytes> path_bytes(const wire::Facts& facts) {
  std::vector<PathBytes> all;
  std::uint64_t known = 0;
  for (std::size_t i = 0; i < kPathNames.size(); i++) {
    all.push_back({kPathNames[i], facts.counters[PL_COUNT_PATH_BYTES + i]});
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
