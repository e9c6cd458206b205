#include "app/lab/watch.h"

#include <nlohmann/json.hpp>

#include "app/lab/place.h"

namespace plateau::app::lab {
namespace {

using nlohmann::json;

constexpr int kSlackMs = 30'000;

const json& child_of(const json& object, const char* name) {
  static const json nothing = json::object();
  const auto found = object.find(name);
  return found != object.end() ? *found : nothing;
}

double number_of(const json& object, const char* name) {
  const json& value = child_of(object, name);
  return value.is_number() ? value.get<double>() : 0;
}

std::string text_of(const json& object, const char* name) {
  const json& value = child_of(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

void read_verdict(const json& verdict, Said& said) {
  said.text = text_of(verdict, "text");
  said.cause = text_of(verdict, "cause");
  for (const json& finding : child_of(verdict, "findings"))
    for (const json& line : child_of(finding, "evidence"))
      if (line.is_string()) said.evidence.push_back(line.get<std::string>());
  said.bound = child_of(verdict, "bound") == true;
  said.per_second = number_of(verdict, "throughput");
  said.cpu_idle = number_of(verdict, "cpu_idle");
  for (const json& ceiling : child_of(verdict, "ceilings"))
    said.ceilings.push_back({text_of(ceiling, "resource"), number_of(ceiling, "per_second"),
                             number_of(ceiling, "utilisation"), number_of(ceiling, "demand_ns"),
                             text_of(ceiling, "holder")});
}

void read_fixes(const json& what_if, Said& said) {
  said.no_prediction = text_of(what_if, "reason");
  for (const json& outcome : child_of(what_if, "outcomes"))
    if (const std::string asked = text_of(outcome, "asked"); !asked.empty())
      said.fixes.push_back({asked, number_of(outcome, "throughput"), number_of(outcome, "p50_ns"),
                            text_of(outcome, "missing")});
}

void read_total(const json& total, Said& said) {
  said.requests = static_cast<std::uint64_t>(number_of(total, "requests"));
  said.p50_ns = number_of(total, "p50_ns");
  said.p99_ns = number_of(total, "p99_ns");
  said.p999_ns = number_of(total, "p999_ns");
  said.max_ns = number_of(total, "max_ns");
  if (said.requests == 0) return;
  for (const auto& [stage, sum] : child_of(total, "stages_sum_ns").items())
    if (sum.is_number()) said.stage_ns[stage] = sum.get<double>() / static_cast<double>(said.requests);
}

}  // namespace

Result<Said> watch(pid_t server, double seconds, const std::vector<int>& cpus,
                   const std::vector<std::string>& arguments) {
  const std::string duration = std::to_string(static_cast<int>(seconds * 1000)) + "ms";
  std::vector<std::string> command{own_program(), "explain", "--pid",    std::to_string(server),
                                   "--duration",  duration,  "--format", "json"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto child = Child::start({command, cpus, {}});
  if (!child) return child.error();
  const auto ending = child->finish(static_cast<int>(seconds * 1000) + kSlackMs);
  if (!ending) return ending.error();
  auto said = parse_said(child->out());
  if (said) return said;
  const std::string why = child->last_error_line();
  return fail(why.empty() ? said.error().message : why);
}

Result<Said> parse_said(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("verdict") || !document["verdict"].is_object())
    return fail("plateau explain printed no verdict");
  Said said;
  read_verdict(document["verdict"], said);
  read_total(child_of(document, "total"), said);
  read_fixes(child_of(document, "what_if"), said);
  const json& coverage = child_of(document, "coverage");
  said.coverage = number_of(coverage, "requests");
  return said;
}

}  // namespace plateau::app::lab
