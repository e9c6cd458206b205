#include <cmath>
#include <nlohmann/json.hpp>

#include "sink/what_if.h"

namespace plateau::sink {
namespace {

using model::Outcome;
using model::Outlook;
using model::Prediction;
using nlohmann::ordered_json;

double rate(double per_second) {
  return std::round(per_second * 10) / 10;
}

double share(double value) {
  return std::round(value * 1e4) / 1e4;
}

ordered_json share_or_null(const std::optional<double>& value) {
  return value ? ordered_json(share(*value)) : ordered_json();
}

std::int64_t ns(double seconds) {
  return std::llround(seconds * 1e9);
}

ordered_json today_of(const Outlook& outlook) {
  if (!outlook.today) return {};
  const Prediction& p = *outlook.today;
  return {{"throughput", rate(p.throughput.value)},
          {"p50_ns", ns(p.p50)},
          {"p99_ns", ns(p.p99)},
          {"bottleneck", p.bottleneck},
          {"throughput_error", share_or_null(outlook.throughput_error)},
          {"p50_error", share_or_null(outlook.p50_error)},
          {"p50_scale", share(outlook.p50_scale)}};
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json outcome_of(const Outcome& outcome) {
  ordered_json json;
  json["fix"] = outcome.what;
  json["kind"] = model::fix_name(outcome.fix.kind);
  json["asked"] = text_or_null(outcome.fix.asked);
  json["resource"] = text_or_null(outcome.fix.resource);
  for (const char* name :
       {"throughput", "throughput_low", "throughput_high", "p50_ns", "p99_ns", "gain", "bottleneck"})
    json[name] = nullptr;
  if (const auto& p = outcome.prediction) {
    json["throughput"] = rate(p->throughput.value);
    json["throughput_low"] = rate(p->throughput.low);
    json["throughput_high"] = rate(p->throughput.high);
    if (p->tells_latency) json["p50_ns"] = ns(p->p50);
    if (p->tells_latency) json["p99_ns"] = ns(p->p99);
    json["gain"] = share(outcome.gain);
    json["bottleneck"] = p->bottleneck;
  }
  json["evidence"] = outcome.evidence;
  json["missing"] = text_or_null(outcome.missing);
  return json;
}

}  // namespace

ordered_json what_if_json(const Outlook& outlook) {
  ordered_json json;
  json["today"] = today_of(outlook);
  json["probes_ns"] = ns(outlook.probes);
  json["outcomes"] = ordered_json::array();
  for (const Outcome& outcome : outlook.outcomes) json["outcomes"].push_back(outcome_of(outcome));
  json["unknowns"] = ordered_json::array();
  for (const auto& unknown : outlook.unknowns)
    json["unknowns"].push_back(
        {{"what", unknown.what}, {"assumed", unknown.assumed}, {"experiment", unknown.experiment}});
  json["reason"] = outlook.reason ? ordered_json(*outlook.reason) : ordered_json();
  return json;
}

}  // namespace plateau::sink
