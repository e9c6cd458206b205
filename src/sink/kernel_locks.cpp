#include "sink/kernel_locks.h"

#include <nlohmann/json.hpp>

#include "attribution/kernel_locks.h"
#include "sink/words.h"

namespace plateau::sink {

using attribution::kernel_lock_waits;

std::string kernel_locks_text(const attribution::Summary& summary) {
  const auto kinds = kernel_lock_waits(summary.facts);
  if (kinds.empty()) return "";
  std::string text = "KERNEL LOCKS (waits of the server's threads, asleep or spinning)\n";
  for (const auto& [kind, waits, ns] : kinds)
    text += "  " + std::string(kind) + ": " + format_count(waits) + (waits == 1 ? " wait, " : " waits, ") +
            format_duration(ns) + " in all\n";
  return text;
}

nlohmann::ordered_json kernel_locks_json(const attribution::Summary& summary) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& [kind, waits, ns] : kernel_lock_waits(summary.facts))
    json.push_back({{"kind", kind}, {"waits", waits}, {"wait_sum_ns", ns}});
  return json;
}

}  // namespace plateau::sink
