#include "app/doctor_plan.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/units.h"
#include "probe/go_probes.h"
#include "probe/level_cost.h"

namespace plateau::app {
namespace {

using nlohmann::ordered_json;

constexpr int kSignalWidth = 12, kPrivilegeWidth = 20, kHeldWidth = 5;

std::string padded(const std::string& text, int width) {
  const auto wide = static_cast<std::size_t>(width);
  return text.size() < wide ? text + std::string(wide - text.size(), ' ') : text;
}

std::string row(const std::string& signal, const std::string& provider, const std::string& tells) {
  return padded(signal, kSignalWidth) + " " + padded(provider, 32) + " " + tells + "\n";
}

std::string below(const std::string& text) {
  return std::string(kSignalWidth + 3, ' ') + text + "\n";
}

std::string remark(const std::string& reason, const std::string& lost, bool wanted) {
  if (reason.empty()) return {};
  return below(reason + (lost.empty() ? "" : (wanted ? "; lost: " : "; until then: ") + lost));
}

ordered_json hooks_json(const probe::Provider& provider) {
  ordered_json hooks = ordered_json::array();
  for (const auto& hook : provider.hooks)
    if (hook.place)
      hooks.push_back({{"kind", probe::kKindNames[static_cast<std::size_t>(hook.kind)]},
                       {"place", hook.place},
                       {"optional", hook.optional}});
  return hooks;
}

ordered_json providers_json(const probe::Choice& choice) {
  ordered_json providers = ordered_json::array();
  for (const auto& option : choice.options)
    providers.push_back({{"name", option.provider->name},
                         {"available", option.available},
                         {"chosen", option.provider == choice.chosen},
                         {"reason", option.reason},
                         {"lost", option.provider->lost},
                         {"hooks", hooks_json(*option.provider)}});
  return providers;
}

const char* name_of(probe::Detail detail) {
  return probe::kDetailNames[static_cast<std::size_t>(detail)];
}

// That a level adds to the one below it.
std::vector<std::string> added_signals(probe::Detail detail) {
  std::vector<std::string> names;
  for (const auto& signal : probe::signals())
    if (signal.detail == detail && signal.sampling == probe::Sampling::off) names.emplace_back(signal.name);
  return names;
}

std::string cost_text(const probe::LevelCost& cost) {
  if (!cost.request_ns) return "not measured";
  return format_duration(cost.request_ns) + " of probes a request (" + cost.source + ")";
}

struct GoChoice {
  std::string provider;
  std::string reason;
  std::string lost;
  bool wanted = false;
};

// As the plan's choice of a signal's provider.
GoChoice choice_of(const probe::Plan& plan, const probe::GoProbe& probe, const std::string& problem) {
  const char* const lost = probe::kWithoutGoProbes;
  if (plan.detail < probe::kGoProbesDetail)
    return {"off", std::string("only with --detail ") + name_of(probe::kGoProbesDetail) + " or more", lost};
  if (!problem.empty()) return {"none", problem, lost, true};
  return {std::string("uprobe/") + probe.function, "", "", true};
}

}  // namespace

std::string privileges_line(const probe::Held& held) {
  const auto able = probe::check(held);
  return able ? "enough to load probes" : "not enough: " + able.error().message;
}

std::string privileges_text(const probe::Held& held) {
  std::string text = padded("PRIVILEGE", kPrivilegeWidth) + padded("HELD", kHeldWidth) + "FOR\n";
  for (const auto& privilege : probe::privileges()) {
    const bool is_held = probe::holds(held, privilege);
    text += padded(privilege.name, kPrivilegeWidth) + padded(is_held ? "yes" : "no", kHeldWidth) +
            (privilege.required ? "needed: " : "") + privilege.use + "\n";
    if (!is_held) text += std::string(kSignalWidth + 3, ' ') + "lost: " + privilege.without + "\n";
  }
  return text;
}

std::string signals_text(const probe::Plan& plan) {
  std::string text = row("SIGNAL", "PROVIDER", "TELLS");
  for (const auto& choice : plan.choices)
    text += row(choice.signal->name, choice.provider, choice.signal->tells) +
            remark(choice.reason, probe::lost(choice), choice.wanted);
  return text;
}

std::string go_probes_text(const probe::Plan& plan, const std::string& problem) {
  std::string text;
  for (const auto& probe : probe::kGoProbes) {
    const GoChoice choice = choice_of(plan, probe, problem);
    text += row(probe.name, choice.provider, probe.tells) + remark(choice.reason, choice.lost, choice.wanted);
    if (choice.reason.empty())
      text += below("cost: about " + format_duration(probe::kUprobeNs) + " more for each stop of the world");
  }
  return text;
}

std::string levels_text() {
  std::string text = padded("LEVEL", kSignalWidth) + " SIGNALS THAT IT ADDS, AND WHAT ITS PROBES COST\n";
  for (const auto& cost : probe::kLevelCosts) {
    std::string names;
    for (const auto& name : added_signals(cost.detail)) names += (names.empty() ? "" : ", ") + name;
    text += padded(name_of(cost.detail), kSignalWidth) + " " + names + "\n" +
            std::string(kSignalWidth + 3, ' ') + "cost: " + cost_text(cost) + "\n";
  }
  return text;
}

ordered_json levels_json() {
  ordered_json json = ordered_json::array();
  for (const auto& cost : probe::kLevelCosts) {
    const auto ns = cost.request_ns ? ordered_json(cost.request_ns) : ordered_json();
    json.push_back({{"level", name_of(cost.detail)},
                    {"adds", added_signals(cost.detail)},
                    {"probe_ns_per_request", ns},
                    {"source", cost.source}});
  }
  return json;
}

ordered_json privileges_json(const probe::Held& held) {
  ordered_json json = ordered_json::array();
  for (const auto& privilege : probe::privileges()) {
    const bool is_held = probe::holds(held, privilege);
    json.push_back({{"name", privilege.name},
                    {"held", is_held},
                    {"required", privilege.required},
                    {"use", privilege.use},
                    {"lost", is_held ? "" : privilege.without}});
  }
  return json;
}

ordered_json go_probes_json(const probe::Plan& plan, const std::string& problem) {
  ordered_json json = ordered_json::array();
  for (const auto& probe : probe::kGoProbes) {
    const GoChoice choice = choice_of(plan, probe, problem);
    const ordered_json hook = {{"kind", "uprobe"}, {"place", probe.function}, {"optional", false}};
    json.push_back({{"signal", probe.name},
                    {"provider", choice.provider},
                    {"required", false},
                    {"detail", name_of(probe::kGoProbesDetail)},
                    {"tells", probe.tells},
                    {"reason", choice.reason},
                    {"lost", choice.lost},
                    {"providers",
                     {{{"name", "uprobe"},
                       {"available", problem.empty()},
                       {"chosen", choice.reason.empty()},
                       {"reason", problem},
                       {"lost", ""},
                       {"hooks", ordered_json::array({hook})}}}},
                    {"hit_ns", probe::kUprobeNs}});
  }
  return json;
}

ordered_json signals_json(const probe::Plan& plan) {
  ordered_json json = ordered_json::array();
  for (const auto& choice : plan.choices)
    json.push_back({{"signal", choice.signal->name},
                    {"provider", choice.provider},
                    {"required", choice.signal->required},
                    {"detail", name_of(choice.signal->detail)},
                    {"tells", choice.signal->tells},
                    {"reason", choice.reason},
                    {"lost", probe::lost(choice)},
                    {"providers", providers_json(choice)}});
  return json;
}

}  // namespace plateau::app
