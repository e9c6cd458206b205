#include "app/lab/budgets.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

#include "app/lab/statistics.h"
#include "attribution/stage.h"

namespace plateau::app::lab {
namespace {

using nlohmann::json;

constexpr double kRelative = 0.05;
constexpr double kAbsoluteNs = 20'000;
constexpr double kOthers = 0.1;

double typical(const Budgets& budgets, const std::string& name, bool mean) {
  const auto found = budgets.find(name);
  if (found == budgets.end() || found->second.empty()) return 0;
  if (!mean) return quantile(found->second, 0.5);
  const double sum = std::accumulate(found->second.begin(), found->second.end(), 0.0);
  return sum / static_cast<double>(found->second.size());
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_named(const Rung& rung, const std::string& stage) {
  return holds(rung.spills, stage) || std::ranges::any_of(rung.plants, [&](const Planted& planted) {
           return planted.stage == stage || holds(planted.with, stage);
         });
}

double rise(const Rung& rung, const std::string& stage, const CauseRun& off, const CauseRun& on) {
  return typical(on.budgets, stage, rung.mean) - typical(off.budgets, stage, rung.mean);
}

double planted_ns(const Rung& rung, const Planted& planted, const CauseRun& off, const CauseRun& on) {
  if (planted.truth.empty()) return planted.us * 1e3;
  double sum = 0;
  std::istringstream spans(planted.truth);
  for (std::string span; std::getline(spans, span, '+');)
    sum += typical(on.truth, span, rung.mean) - typical(off.truth, span, rung.mean);
  return planted.times * sum;
}

// `local` as in "127.0.0.1:8080".
bool is_at(const json& local, std::uint16_t port) {
  return local.is_string() && local.get<std::string>().ends_with(":" + std::to_string(port));
}

std::size_t requests_in(const Budgets& budgets) {
  std::size_t most = 0;
  for (const auto& [name, values] : budgets) most = std::max(most, values.size());
  return most;
}

}  // namespace

Status add_request(std::string_view line, std::uint16_t port, Budgets& budgets) {
  const json request = json::parse(line, nullptr, false);
  if (!request.is_object() || !request.contains("stages") || !request.contains("local"))
    return fail("plateau requests printed a line that is not understood: " + std::string(line.substr(0, 80)));
  if (!request["stages"].is_object() || !is_at(request["local"], port)) return success();
  for (const auto& [stage, ns] : request["stages"].items())
    if (ns.is_number()) budgets[stage].push_back(ns.get<double>());
  return success();
}

Status add_truth(std::string_view line, Budgets& truth) {
  const json request = json::parse(line, nullptr, false);
  if (!request.is_object() || !request.contains("stages") || !request["stages"].is_object())
    return fail("the server's truth log is not understood: " + std::string(line.substr(0, 80)));
  for (const auto& [span, times] : request["stages"].items())
    if (times.is_array() && times.size() == 2 && times[0].is_number() && times[1].is_number())
      truth[span].push_back(times[1].get<double>() - times[0].get<double>());
  auto& requests = truth["requests"];
  requests.push_back(0);
  for (auto& [span, values] : truth) values.resize(requests.size());
  return success();
}

std::vector<CauseRow> judge_cause(const Rung& rung, const CauseRun& off, const CauseRun& on) {
  std::vector<CauseRow> rows;
  double all_ns = 0;
  for (const Planted& planted : rung.plants) {
    CauseRow row;
    row.stage = planted.stage;
    row.planted_ns = planted_ns(rung, planted, off, on);
    row.risen_ns = rise(rung, planted.stage, off, on);
    for (const std::string& stage : planted.with) {
      row.stage += " + " + stage;
      row.risen_ns += rise(rung, stage, off, on);
    }
    const double apart = std::abs(row.risen_ns - row.planted_ns);
    row.seen = std::min(requests_in(off.budgets), requests_in(on.budgets));
    row.sent = requests_in(on.truth);
    row.ok = row.planted_ns > 0 && row.seen > 0 && row.seen * 20 >= row.sent * 19 &&
             (apart <= kRelative * row.planted_ns || apart <= kAbsoluteNs);
    all_ns += row.planted_ns;
    rows.push_back(row);
  }
  CauseRow most;
  for (const std::string_view name : attribution::kStageNames) {
    const std::string stage(name);
    const double ns = is_named(rung, stage) ? 0 : rise(rung, stage, off, on);
    if (std::abs(ns) <= std::abs(most.other_ns)) continue;
    most.other = stage;
    most.other_ns = ns;
  }
  for (CauseRow& row : rows) {
    row.other = most.other;
    row.other_ns = most.other_ns;
    row.other_ok = std::abs(most.other_ns) <= std::max(kOthers * all_ns, kAbsoluteNs);
  }
  return rows;
}

}  // namespace plateau::app::lab
