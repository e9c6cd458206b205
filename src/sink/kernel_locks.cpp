#include "sink/kernel_locks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "attribution/kernel_locks.h"
#include "sink/words.h"

namespace plateau::sink {

using attribution::kernel_lock_waits;
using attribution::KernelLockWaits;

namespace {

constexpr double kSmallestShare = 0.01;

std::string with_blanks(std::string_view name) {
  std::string words(name);
  std::ranges::replace(words, '_', ' ');
  return words;
}

// Shares of the time that was waited with a stack that was looked at; what is too little to name is not
// named.
std::string classes_text(const KernelLockWaits& lock) {
  std::uint64_t waits = lock.waits, ns = lock.wait_ns;
  for (const auto& part : lock.classes) {
    if (part.name != attribution::kUnreadStack) continue;
    waits -= part.waits;
    ns -= part.wait_ns;
  }
  if (waits == 0) return "; the stack of none was looked at";
  std::string text = waits == lock.waits ? "" : "; of " + format_count(waits) + " whose stack was looked at";
  const char* before = ": ";
  for (const auto& part : lock.classes) {
    if (part.name == attribution::kUnreadStack || ratio(part.wait_ns, ns) < kSmallestShare) continue;
    text += before + with_blanks(part.name) + " " + format_percent(ratio(part.wait_ns, ns));
    before = ", ";
  }
  return text;
}

}  // namespace

std::string kernel_locks_text(const attribution::Summary& summary) {
  const auto kinds = kernel_lock_waits(summary.facts);
  if (kinds.empty()) return "";
  std::string text = "KERNEL LOCKS (waits of the server's threads, asleep or spinning)\n";
  for (const KernelLockWaits& lock : kinds)
    text += "  " + std::string(lock.kind) + ": " + format_count(lock.waits) +
            (lock.waits == 1 ? " wait, " : " waits, ") + format_duration(lock.wait_ns) + " in all" +
            classes_text(lock) + "\n";
  return text;
}

nlohmann::ordered_json kernel_locks_json(const attribution::Summary& summary) {
  auto json = nlohmann::ordered_json::array();
  for (const KernelLockWaits& lock : kernel_lock_waits(summary.facts)) {
    auto classes = nlohmann::ordered_json::array();
    for (const auto& [name, waits, ns] : lock.classes)
      classes.push_back({{"class", name}, {"waits", waits}, {"wait_sum_ns", ns}});
    json.push_back({{"kind", lock.kind},
                    {"waits", lock.waits},
                    {"wait_sum_ns", lock.wait_ns},
                    {"classes", std::move(classes)}});
  }
  return json;
}

}  // namespace plateau::sink
