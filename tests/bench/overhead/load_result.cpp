// Reading what the load generators print.
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "overhead/load.h"

namespace plateau::overhead {
namespace {

// The number that begins at `at`.
template <class Number>
std::optional<Number> number_at(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') at++;
  Number value{};
  const auto end = text.data() + text.size();
  if (at >= text.size() || std::from_chars(text.data() + at, end, value).ec != std::errc{})
    return std::nullopt;
  return value;
}

// The number behind a label, 0 without the label.
std::uint64_t count_after(std::string_view text, std::string_view label) {
  const std::size_t found = text.find(label);
  if (found == std::string_view::npos) return 0;
  return number_at<std::uint64_t>(text, found + label.size()).value_or(0);
}

}  // namespace

Result<LoadResult> parse_wrk(std::string_view text) {
  constexpr std::string_view rate_label = "Requests/sec:";
  const std::size_t total = text.find(" requests in ");
  const std::size_t rate = text.find(rate_label);
  if (total == std::string_view::npos || rate == std::string_view::npos) return fail("wrk printed no totals");
  const std::size_t line = text.rfind('\n', total);
  const auto requests = number_at<std::uint64_t>(text, line == std::string_view::npos ? 0 : line + 1);
  const auto per_second = number_at<double>(text, rate + rate_label.size());
  if (!requests || !per_second) return fail("the totals that wrk printed are no numbers");
  LoadResult result{*requests, *per_second, count_after(text, "Non-2xx or 3xx responses:"), 0};
  const std::size_t socket = text.find("Socket errors:");
  if (socket != std::string_view::npos)
    for (const std::string_view kind : {"connect ", "read ", "write ", "timeout "})
      result.errors += count_after(text.substr(socket), kind);
  return result;
}

Result<LoadResult> parse_plateau_load(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("answered") || !json["answered"].is_number_unsigned() ||
      !json.contains("throughput") || !json["throughput"].is_number())
    return fail("plateau-load printed no totals");
  LoadResult result{json["answered"].get<std::uint64_t>(), json["throughput"].get<double>(), 0, 0};
  if (json.contains("errors") && json["errors"].is_object())
    for (const auto& count : json["errors"])
      if (count.is_number_unsigned()) result.errors += count.get<std::uint64_t>();
  return result;
}

}  // namespace plateau::overhead
