#include "load/targets.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string_view>

#include "toolkit/duration.h"
#include "toolkit/field_text.h"

namespace plateau::load {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), toolkit::is_digit);
}

// Smooth weighted round robin: each turn all gain their weight, and the richest pays the sum.
std::vector<std::uint32_t> spread_evenly(const std::vector<std::int64_t>& weights) {
  const std::int64_t sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  std::vector<std::int64_t> credit(weights.size(), 0);
  std::vector<std::uint32_t> cycle;
  cycle.reserve(static_cast<std::size_t>(sum));
  for (std::int64_t turn = 0; turn < sum; ++turn) {
    for (std::size_t i = 0; i < weights.size(); ++i) credit[i] += weights[i];
    const auto richest = std::max_element(credit.begin(), credit.end());
    *richest -= sum;
    cycle.push_back(static_cast<std::uint32_t>(richest - credit.begin()));
  }
  return cycle;
}

// Fisher and Yates' shuffle; std::shuffle may differ from one library to the next.
void shuffle(std::vector<std::uint32_t>& cycle, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t left = cycle.size(); left > 1; --left) std::swap(cycle[left - 1], cycle[random() % left]);
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  Target target{std::string(text), 1};
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos && all_digits(text.substr(at + 1))) {
    const Result<std::uint64_t> weight = toolkit::parse_number(text.substr(at + 1), kMaxWeight);
    if (!weight || *weight == 0) {
      return fail("'" + std::string(text) + "' has a weight outside 1 to " + std::to_string(kMaxWeight),
                  ExitCode::usage);
    }
    target = {std::string(text.substr(0, at)), static_cast<std::uint32_t>(*weight)};
  }
  const std::string& path = target.path;
  if (!path.starts_with('/') || !std::all_of(path.begin(), path.end(), toolkit::is_visible)) {
    return fail("'" + path + "' is not a path that begins with / and has no blanks", ExitCode::usage);
  }
  return target;
}

TargetOrder::TargetOrder(const std::vector<Target>& targets, std::optional<std::uint64_t> seed) {
  std::int64_t divisor = 0;
  for (const Target& target : targets) divisor = std::gcd(divisor, std::int64_t{target.weight});
  std::vector<std::int64_t> weights;
  for (const Target& target : targets) weights.push_back(target.weight / divisor);
  cycle_ = spread_evenly(weights);
  if (seed) shuffle(cycle_, *seed);
}

}  // namespace plateau::load
