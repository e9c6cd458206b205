#include <nlohmann/json.hpp>

#include "overhead/report.h"
#include "overhead/summary.h"

namespace plateau::overhead {
namespace {

using nlohmann::ordered_json;

ordered_json spread_json(const Spread& s) {
  return {{"q1", s.q1}, {"median", s.median}, {"q3", s.q3}, {"count", s.count}};
}

ordered_json watched_json(const Watched& watched) {
  ordered_json json{{"attach_ms", watched.attach_ms},
                    {"agent_share", watched.agent_share},
                    {"agent_cpu_ns_whole_life", watched.report.ending.cpu_ns},
                    {"max_rss_bytes", watched.report.ending.max_rss_bytes},
                    {"exit_status", watched.report.ending.status}};
  json["seen"] = watched.report.seen ? ordered_json(*watched.report.seen) : ordered_json();
  json["lost"] = watched.report.losses;
  if (!watched.bpf) return json;
  json["bpf_ns_per_request"] = watched.bpf->ns_per_request;
  for (const auto& [name, cost] : watched.bpf->programs)
    json["bpf_programs"][name] = {{"run_ns", cost.run_ns}, {"runs", cost.runs}};
  return json;
}

ordered_json round_json(const Round& round) {
  ordered_json json{{"requests", round.load.requests},
                    {"per_second", round.load.per_second},
                    {"errors", round.load.errors},
                    {"seconds", round.seconds},
                    {"cpu_ns_per_request", round.cpu_ns_per_request},
                    {"generator_cpu_ns", round.load.generator_cpu_ns},
                    {"steal_share", round.steal_share},
                    {"others_share", round.others_share}};
  if (round.watched) json["watcher"] = watched_json(*round.watched);
  return json;
}

ordered_json rounds_json(const std::vector<Round>& rounds) {
  ordered_json json = ordered_json::array();
  for (const Round& round : rounds) json.push_back(round_json(round));
  return json;
}

ordered_json watcher_json(const ExperimentResult& result, const WatcherRounds& watcher) {
  const Comparison c = compare(result.off, watcher);
  ordered_json json{{"name", watcher_name(watcher.kind)},
                    {"skipped", watcher.skipped},
                    {"pairs", c.pairs},
                    {"throughput_off", c.throughput_off},
                    {"throughput_on", c.throughput_on},
                    {"throughput_ratio", spread_json(c.throughput_ratio)},
                    {"cpu_off_ns_per_request", c.cpu_off_ns},
                    {"cpu_on_ns_per_request", c.cpu_on_ns},
                    {"cpu_ratio", spread_json(c.cpu_ratio)},
                    {"agent_share", spread_json(c.agent_share)},
                    {"attach_ms", spread_json(c.attach_ms)},
                    {"max_rss_bytes", c.max_rss_bytes},
                    {"lost", c.lost},
                    {"answered", c.answered}};
  json["seen"] = c.seen ? ordered_json(*c.seen) : ordered_json();
  json["bpf_ns_per_request"] = c.bpf_ns ? spread_json(*c.bpf_ns) : ordered_json();
  json["on_rounds"] = rounds_json(watcher.on);
  json["counted_rounds"] = rounds_json(watcher.counted);
  return json;
}

}  // namespace

std::string json_report(const std::vector<ExperimentResult>& results) {
  ordered_json json{{"plateau", PLATEAU_VERSION}, {"experiments", ordered_json::array()}};
  for (const auto& result : results) {
    const Noise noise = noise_of(result.off);
    ordered_json one{{"server", server_name(result.server)},
                     {"load", result.load.name()},
                     {"seconds", result.seconds},
                     {"ended_early", result.ended_early},
                     {"noise",
                      {{"throughput", spread_json(noise.throughput)},
                       {"cpu_ns_per_request", spread_json(noise.cpu_ns)},
                       {"steal_share", spread_json(noise.steal_share)},
                       {"others_share", spread_json(noise.others_share)},
                       {"errors", noise.errors}}}};
    one["off_rounds"] = rounds_json(result.off);
    one["watchers"] = ordered_json::array();
    for (const auto& watcher : result.watchers) one["watchers"].push_back(watcher_json(result, watcher));
    json["experiments"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace plateau::overhead
