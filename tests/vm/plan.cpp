#include "plan.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "harness/capture.h"

namespace plateau::vm {
namespace {

using nlohmann::json;

SignalPlan signal_from(const json& entry) {
  SignalPlan signal;
  signal.name = entry.at("signal");
  signal.required = entry.at("required");
  signal.reason = entry.at("reason");
  signal.lost = entry.at("lost");
  for (const json& provider : entry.at("providers")) {
    if (provider.at("available")) signal.providers.push_back(provider.at("name"));
    if (provider.at("chosen")) signal.provider = provider.at("name");
  }
  return signal;
}

Plan plan_from(const json& answer) {
  Plan plan;
  plan.kernel = answer.at("kernel");
  plan.ready = answer.at("ready");
  if (!answer.at("problem").is_null()) plan.problem = answer["problem"];
  for (const json& entry : answer.at("signals")) {
    const bool wanted = entry.at("provider") != "off";  // else for a profile only
    if (wanted) plan.signals.push_back(signal_from(entry));
  }
  return plan;
}

}  // namespace

Plan plan_with(const std::vector<std::string>& more) {
  std::vector<std::string> command = {"doctor", "--format", "json", "--detail", "high"};
  command.insert(command.end(), more.begin(), more.end());
  const live::Ended doctor = live::run_plateau(command);
  try {
    const Plan plan = plan_from(json::parse(doctor.out));
    EXPECT_EQ(doctor.status, plan.ready ? 0 : 3) << doctor.err;
    return plan;
  } catch (const json::exception& error) {
    ADD_FAILURE() << error.what() << " in: " << doctor.out << doctor.err;
  }
  return {};
}

const Plan& plan_of_this_kernel() {
  static const Plan plan = plan_with({});
  return plan;
}

std::vector<std::vector<Way>> other_ways() {
  const char* wanted = std::getenv("PLATEAU_PROVIDERS");
  const bool alone = wanted && std::string_view(wanted) == "alone";
  std::vector<std::vector<Way>> sets;
  for (const SignalPlan& signal : plan_of_this_kernel().signals) {
    std::size_t next = alone ? sets.size() : 0;
    for (const std::string& provider : signal.providers) {
      if (provider == signal.provider) continue;
      if (next == sets.size()) sets.emplace_back();
      sets[next++].push_back({signal.name, provider});
    }
  }
  return sets;
}

std::ostream& operator<<(std::ostream& out, const Way& way) {
  return out << way.signal << '=' << way.provider;
}

std::string cannot_show_requests() {
  if (const std::string why = live::cannot_capture(); !why.empty()) return why;
  return plan_of_this_kernel().problem;
}

}  // namespace plateau::vm
