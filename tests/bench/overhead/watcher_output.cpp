// Reading what the watchers print at their end.
#include <charconv>
#include <nlohmann/json.hpp>

#include "overhead/watcher.h"

namespace plateau::overhead {

Status read_plateau(std::string_view text, WatcherReport& report) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto* coverage = json.is_object() && json.contains("coverage") ? &json["coverage"] : nullptr;
  if (!coverage || !coverage->is_object() || !coverage->contains("requests_seen") ||
      !(*coverage)["requests_seen"].is_number_unsigned())
    return fail("plateau explain printed no coverage");
  report.seen = (*coverage)["requests_seen"].get<std::uint64_t>();
  if (!coverage->contains("lost") || !(*coverage)["lost"].is_object())
    return fail("plateau explain does not say what it lost");
  for (const auto& [cause, count] : (*coverage)["lost"].items())
    if (count.is_number_unsigned() && count.get<std::uint64_t>() > 0)
      report.losses[cause] = count.get<std::uint64_t>();
  return success();
}

Status read_bpftrace(std::string_view text, WatcherReport& report) {
  constexpr std::string_view label = "@requests: ";
  const std::size_t found = text.find(label);
  std::uint64_t count = 0;
  if (found == std::string_view::npos ||
      std::from_chars(text.data() + found + label.size(), text.data() + text.size(), count).ec != std::errc{})
    return fail("bpftrace printed no count of requests");
  report.seen = count;
  return success();
}

}  // namespace plateau::overhead
