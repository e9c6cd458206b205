#include "plan.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/capture.h"

namespace plateau::vm {
namespace {

using nlohmann::json;

// "tp_btf" of "tp_btf/sched_switch".
std::string kind_of(const std::string& provider) {
  return provider.substr(0, provider.find('/'));
}

SignalPlan signal_from(const json& entry) {
  SignalPlan signal;
  signal.name = entry.at("signal");
  signal.provider = entry.at("provider");
  signal.required = entry.at("required");
  signal.reason = entry.at("reason");
  signal.lost = entry.at("lost");
  if (entry.contains("providers")) {
    for (const json& provider : entry["providers"])
      if (provider.at("available")) signal.providers.push_back(provider.at("name"));
  } else if (signal.lost.empty()) {
    signal.providers.push_back(kind_of(signal.provider));
  }
  return signal;
}

Plan plan_from(const json& answer) {
  Plan plan;
  plan.kernel = answer.at("kernel");
  plan.ready = answer.at("ready");
  if (!answer.at("problem").is_null()) plan.problem = answer["problem"];
  for (const json& entry : answer.at("signals")) plan.signals.push_back(signal_from(entry));
  return plan;
}

}  // namespace

Plan plan_of_this_kernel(const std::vector<std::string>& more) {
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

std::vector<Way> ways() {
  std::vector<Way> all;
  for (const SignalPlan& signal : plan_of_this_kernel().signals) {
    if (signal.providers.size() < 2) continue;
    for (const std::string& provider : signal.providers) all.push_back({signal.name, provider});
  }
  return all;
}

std::ostream& operator<<(std::ostream& out, const Way& way) {
  return out << way.signal << '=' << way.provider;
}

std::string cannot_show_requests() {
  if (const std::string why = live::cannot_capture(); !why.empty()) return why;
  static const Plan plan = plan_of_this_kernel();
  return plan.problem;
}

}  // namespace plateau::vm
