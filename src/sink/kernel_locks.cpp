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

std::string class_words(std::string_view name) {
  if (name == attribution::kUnreadStack) return "stack not looked at";
  std::string words(name);
  std::ranges::replace(words, '_', ' ');
  return words;
}

// By time; what is too little to name is not named.
std::string classes_text(const KernelLockWaits& lock) {
  std::string text;
  for (const auto& [name, waits, ns] : lock.classes)
    if (const double share = ratio(ns, lock.wait_ns); share >= kSmallestShare)
      text += (text.empty() ? ": " : ", ") + class_words(name) + " " + format_percent(share);
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
