#include "sink/parks.h"

#include <numeric>

#include "base/units.h"
#include "sink/words.h"

namespace plateau::sink {

std::string park_shares(const attribution::Parks& parks) {
  if (!attribution::is_told(parks)) return "";
  const std::uint64_t all = std::accumulate(parks.begin(), parks.end(), std::uint64_t{0});
  std::array<std::size_t, PL_PARKS> order;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return parks[a] > parks[b]; });
  std::string text;
  for (const std::size_t i : order) {
    if (parks[i] * 100 < all) break;
    text += (text.empty() ? "" : ", ") + std::string(attribution::kParkNames[i]) + " " +
            format_percent(ratio(parks[i], all));
  }
  return text;
}

}  // namespace plateau::sink
