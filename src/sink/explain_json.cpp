#include <cmath>
#include <nlohmann/json.hpp>

#include "sink/collector.h"
#include "sink/connections.h"
#include "sink/data_paths.h"
#include "sink/event_loops.h"
#include "sink/explain.h"
#include "sink/kernel_locks.h"
#include "sink/peers.h"
#include "sink/report_json.h"
#include "sink/slow_requests.h"
#include "sink/what_if.h"

namespace plateau::sink {
namespace {

using nlohmann::ordered_json;

ordered_json timeline_of(const attribution::TimeSeries& series) {
  ordered_json json{{"start_ns", series.start_ns()}, {"width_ns", series.width_ns()}};
  json["slots"] = ordered_json::array();
  for (std::size_t i = 0; i < series.slots().size(); i++) {
    const auto& slot = series.slots()[i];
    json["slots"].push_back({{"requests", slot.count},
                             {"throughput", series.throughput(i)},
                             {"p50_ns", slot.latency.quantile(0.5)},
                             {"p99_ns", slot.latency.quantile(0.99)},
                             {"max_ns", slot.latency.max_ns()},
                             {"paused_ns", slot.paused_ns},
                             {"stages_sum_ns", stages_json(slot.stage_ns)}});
  }
  return json;
}

ordered_json curve_of(const model::LoadCurve& curve) {
  ordered_json json{{"today", curve.today}, {"ceiling", curve.ceiling}};
  json["points"] = ordered_json::array();
  for (const auto& p : curve.points)
    json["points"].push_back({{"customers", p.customers},
                              {"throughput", p.throughput},
                              {"p50_ns", std::llround(p.p50 * 1e9)},
                              {"p99_ns", std::llround(p.p99 * 1e9)}});
  return json;
}

}  // namespace

std::string explain_json(const Explanation& explanation) {
  const attribution::Summary& s = explanation.summary;
  ordered_json json;
  json["plateau"] = s.facts.version;
  json["kernel"] = s.facts.kernel;
  json["complete"] = s.facts.complete;
  json["detail"] = s.facts.detail;
  json["target"] = target_json(s);
  json["cpus"] = s.facts.cpus;
  json["allowed_cpus"] = s.facts.allowed_cpus;
  json["machine_busy"] = s.facts.machine_busy;
  json["duration_ns"] = s.facts.end_ns - s.facts.start_ns;
  json["interval_ns"] = s.interval_ns;
  json["paused_ns"] = s.paused_ns;
  json["verdict"] = verdict_json(s, explanation.verdict);
  json["concurrency"] = s.concurrency();
  json["total"] = route_json(s.total);
  json["routes"] = ordered_json::array();
  for (const auto& route : s.routes) json["routes"].push_back(route_json(route));
  json["locks"] = ordered_json::array();
  for (const auto& lock : s.locks) json["locks"].push_back(lock_json(lock));
  json["threads"] = ordered_json::array();
  for (const auto& t : s.threads) json["threads"].push_back(thread_json(t));
  json["timeline"] = timeline_of(s.insight.timeline);
  json["slow_requests"] = slow_requests_json(explanation);
  json["load_curve"] = curve_of(explanation.outlook.curve);
  json["data_paths"] = data_paths_json(s);
  json["zerocopy"] = {{"sends", s.facts.counters[PL_COUNT_ZEROCOPIES]},
                      {"copied_after_all", s.facts.counters[PL_COUNT_ZEROCOPIES_COPIED]}};
  json["outside_view"] = outside_view_json(s);
  json["event_loops"] = event_loops_json(s);
  json["kernel_locks"] = kernel_locks_json(s);
  json["go_gc"] = collector_json(s);
  json["downstream"] = peers_json(s);
  json["accept_queues"] = accept_queues_json(s);
  json["send_path"] = send_path_json(s);
  json["what_if"] = what_if_json(explanation.outlook);
  json["coverage"] = coverage_json(s);
  json["cost"] = cost_json(s);
  json["providers"] = ordered_json::array();
  for (const auto& p : s.facts.providers)
    json["providers"].push_back(
        {{"signal", p.signal}, {"provider", p.provider}, {"reason", p.reason}, {"lost", p.lost}});
  return json.dump(2, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace plateau::sink
