#include <nlohmann/json.hpp>

#include "load/report.h"

namespace plateau::load {
namespace {

using Json = nlohmann::ordered_json;

Json distribution(const Histogram& histogram) {
  Json json = {{"min", histogram.min()}, {"mean", histogram.mean()}};
  for (const Percentile& p : kPercentiles) json[p.name] = histogram.percentile(p.percent);
  json["max"] = histogram.max();
  return json;
}

template <std::size_t size>
Json by_kind(const std::array<std::string_view, size>& names, const std::array<std::uint64_t, size>& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < size; ++i) json[std::string(names[i])] = counts[i];
  return json;
}

// What the whole run and each of its steps are told by.
void add_outcome(Json& json, const Counts& counts) {
  json["latency_ns"] = distribution(counts.latency_ns);
  json["errors"] = by_kind(kErrorNames, counts.errors);
  json["mismatches"] = by_kind(kMismatchNames, counts.mismatches);
  auto& status = json["status"];
  for (std::size_t i = 2; i < counts.status_class.size(); ++i) {
    status[std::to_string(i) + "xx"] = counts.status_class[i];
  }
}

Json step_json(const StepTally& step) {
  Json json = {
      {"rate", step.rate},
      {"seconds", step.end_ns > step.start_ns ? static_cast<double>(step.end_ns - step.start_ns) / 1e9 : 0},
      {"planned", step.planned},
      {"sent", step.counts.sent},
      {"answered", step.counts.answered},
      {"throughput", step.throughput()}};
  add_outcome(json, step.counts);
  return json;
}

// The mean of the plan; 0 for a closed loop.
double mean_rate(const Options& options) {
  double sum = 0;
  for (const double rate : options.rates) sum += rate;
  return options.open_loop() ? sum / static_cast<double>(options.rates.size()) : 0;
}

Json tls_json(const Tally& tally) {
  return {{"full", tally.handshakes_full},
          {"resumed", tally.handshakes_resumed},
          {"handshake_ns", distribution(tally.handshake_ns)}};
}

}  // namespace

std::string json_report(const Options& options, const Tally& tally) {
  const Counts total = tally.total();
  const double seconds = tally.seconds();
  Json report = {{"url", options.url_text},
                 {"connections", options.connections},
                 {"threads", options.threads},
                 {"keepalive", options.keep_alive},
                 {"pipeline", options.pipeline},
                 {"loop", options.open_loop() ? "open" : "closed"},
                 {"rate", mean_rate(options)},
                 {"sent", total.sent},
                 {"answered", total.answered},
                 {"unsent", tally.unsent},
                 {"resent", tally.resent},
                 {"unfinished", tally.unfinished},
                 {"interrupted", tally.interrupted},
                 {"connects", tally.connects},
                 {"seconds", seconds},
                 {"throughput", seconds > 0 ? static_cast<double>(total.answered) / seconds : 0},
                 {"bytes_in", total.bytes_in},
                 {"bytes_out", total.bytes_out}};
  add_outcome(report, total);
  report["tls"] = options.url.tls ? tls_json(tally) : Json();
  auto& steps = report["steps"] = Json::array();
  for (const StepTally& step : tally.steps) {
    if (options.step_ns > 0) steps.push_back(step_json(step));
  }
  return report.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace plateau::load
