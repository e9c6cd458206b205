#include <cmath>
#include <nlohmann/json.hpp>

#include "attribution/data_path.h"
#include "sink/connections.h"
#include "sink/data_paths.h"
#include "sink/explain.h"
#include "sink/slow_requests.h"
#include "sink/what_if.h"

namespace plateau::sink {
namespace {

using attribution::kStageNames;
using attribution::kStages;
using nlohmann::ordered_json;

ordered_json stages_of(const std::array<std::uint64_t, kStages>& ns) {
  ordered_json json;
  for (std::size_t i = 0; i < kStages; i++) json[std::string(kStageNames[i])] = ns[i];
  return json;
}

ordered_json budget_of(const attribution::LatencyBand& band) {
  ordered_json json{{"latency", std::llround(band.latency_ns)}};
  for (std::size_t i = 0; i < kStages; i++) json[std::string(kStageNames[i])] = std::llround(band.mean_ns[i]);
  return json;
}

// Means of the requests around a percentile; null for routes beyond the number that is looked into.
ordered_json budgets_of(const attribution::RouteStats& r) {
  if (r.profile.count() == 0) return {};
  return {{"p50", budget_of(around(r.profile, 0.5))},
          {"p90", budget_of(around(r.profile, 0.9))},
          {"p99", budget_of(around(r.profile, 0.99))}};
}

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
                             {"stages_sum_ns", stages_of(slot.stage_ns)}});
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

ordered_json route_of(const attribution::RouteStats& r) {
  ordered_json json;
  json["method"] = r.method;
  json["route"] = r.route;
  json["requests"] = r.count;
  json["status_classes"] = {{"none", r.by_class[0]}, {"1xx", r.by_class[1]}, {"2xx", r.by_class[2]},
                            {"3xx", r.by_class[3]},  {"4xx", r.by_class[4]}, {"5xx", r.by_class[5]}};
  json["latency_sum_ns"] = r.latency_ns;
  for (const auto& [name, p] :
       {std::pair{"p50_ns", 0.5}, {"p90_ns", 0.9}, {"p99_ns", 0.99}, {"p999_ns", 0.999}})
    json[name] = r.latency.quantile(p);
  json["max_ns"] = r.latency.max_ns();
  json["stages_sum_ns"] = stages_of(r.stage_ns);
  json["budgets_ns"] = budgets_of(r);
  json["bytes_in"] = r.bytes_in;
  json["bytes_out"] = r.bytes_out;
  json["calls_out"] = r.calls_out;
  json["retransmits"] = r.retransmits;
  return json;
}

ordered_json lock_of(const attribution::LockStats& lock) {
  ordered_json json;
  json["futex"] = lock.futex;
  json["pid"] = lock.tgid;
  json["mutex"] = lock.is_mutex();
  json["waits"] = lock.waits;
  json["wait_sum_ns"] = lock.wait_ns;
  json["request_waits"] = lock.owed_waits;
  json["request_wait_sum_ns"] = lock.owed_wait_ns;
  json["handovers"] = lock.handovers;
  json["service_ns"] = lock.service_ns;
  json["contended_ns"] = lock.contended_ns;
  json["holders"] = ordered_json::array();
  for (const auto& holder : lock.holders)
    json["holders"].push_back({{"function", attribution::holder_function(holder)},
                               {"samples", holder.samples},
                               {"handovers", holder.weight},
                               {"frames", holder.frames},
                               {"modules", holder.modules}});
  return json;
}

ordered_json verdict_of(const attribution::Summary& s, const model::Verdict& v) {
  ordered_json json;
  json["text"] = verdict_text(s, v);
  json["cause"] = model::name(v.cause());
  json["findings"] = ordered_json::array();
  for (const auto& f : v.findings)
    json["findings"].push_back(
        {{"cause", model::name(f.cause)}, {"share", f.share}, {"evidence", f.evidence}});
  json["bound"] = v.bound;
  json["bottleneck"] =
      v.bound ? ordered_json(model::resource_name(v.ceilings.front().resource)) : ordered_json();
  json["throughput"] = v.throughput;
  json["cpu_idle"] = v.cpu_idle;
  json["waiting"] = v.waiting;
  json["ceilings"] = ordered_json::array();
  for (const auto& c : v.ceilings) {
    ordered_json ceiling{{"resource", model::resource_name(c.resource)},
                         {"per_second", c.per_second},
                         {"utilisation", c.utilisation},
                         {"demand_ns", c.demand_ns}};
    if (c.futex) ceiling["futex"] = c.futex;
    if (c.tid) ceiling["tid"] = c.tid;
    if (!c.holder.empty()) ceiling["holder"] = c.holder;
    json["ceilings"].push_back(std::move(ceiling));
  }
  return json;
}

ordered_json coverage_of(const attribution::Summary& s) {
  const auto& c = s.coverage;
  ordered_json json{{"requests_seen", c.seen},      {"requests_explained", c.explained},
                    {"inferred", c.inferred},       {"partial", c.partial},
                    {"unknown_framing", c.unknown}, {"requests", c.requests()},
                    {"bytes_moved", c.bytes_moved}, {"bytes_seen", c.bytes_seen},
                    {"bytes", c.bytes()},           {"watched", s.watched()},
                    {"interrupted", c.interrupted}, {"unmeasured", s.unmeasured},
                    {"overcharged", s.overcharged}, {"routes_overflowed", s.routes_overflowed}};
  json["lost"] = ordered_json::object();
  for (const auto& loss : c.losses) json["lost"][loss.cause] = loss.count;
  return json;
}

ordered_json target_of(const attribution::Summary& s) {
  const auto& f = s.facts;
  return {{"comm", f.comm},       {"executable", f.executable}, {"runtime", f.runtime},
          {"pids", f.pids},       {"listening", f.listening},   {"processes", f.processes},
          {"threads", f.threads}, {"cpu_s", f.target_cpu_s}};
}

ordered_json cost_of(const attribution::Summary& s) {
  const auto& c = s.facts.cost;
  ordered_json json{{"agent_cpu_s", c.agent_cpu_s}, {"agent_rss_bytes", c.agent_rss_bytes}};
  json["probe_ns_per_request"] =
      c.window_requests ? ordered_json(c.window_run_ns / c.window_requests) : ordered_json();
  json["bound"] = c.bound;
  json["full"] = c.full;
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
  json["target"] = target_of(s);
  json["cpus"] = s.facts.cpus;
  json["allowed_cpus"] = s.facts.allowed_cpus;
  json["machine_busy"] = s.facts.machine_busy;
  json["duration_ns"] = s.facts.end_ns - s.facts.start_ns;
  json["interval_ns"] = s.interval_ns;
  json["paused_ns"] = s.paused_ns;
  json["verdict"] = verdict_of(s, explanation.verdict);
  json["concurrency"] = s.concurrency();
  json["total"] = route_of(s.total);
  json["routes"] = ordered_json::array();
  for (const auto& route : s.routes) json["routes"].push_back(route_of(route));
  json["locks"] = ordered_json::array();
  for (const auto& lock : s.locks) json["locks"].push_back(lock_of(lock));
  json["threads"] = ordered_json::array();
  for (const auto& t : s.threads)
    json["threads"].push_back({{"tid", t.tid},
                               {"pid", t.tgid},
                               {"answered", t.answered},
                               {"elapsed_ns", t.elapsed_ns},
                               {"run_ns", t.run_ns},
                               {"idle_ns", t.idle_ns}});
  json["timeline"] = timeline_of(s.insight.timeline);
  json["slow_requests"] = slow_requests_json(explanation);
  json["load_curve"] = curve_of(explanation.outlook.curve);
  json["data_paths"] = ordered_json::array();
  for (const auto& path : attribution::path_bytes(s.facts))
    json["data_paths"].push_back({{"path", path.path}, {"bytes", path.bytes}});
  json["zerocopy"] = {{"sends", s.facts.counters[PL_COUNT_ZEROCOPIES]},
                      {"copied_after_all", s.facts.counters[PL_COUNT_ZEROCOPIES_COPIED]}};
  json["outside_view"] = outside_view_json(s);
  json["accept_queues"] = accept_queues_json(s);
  json["send_path"] = send_path_json(s);
  json["what_if"] = what_if_json(explanation.outlook);
  json["coverage"] = coverage_of(s);
  json["cost"] = cost_of(s);
  json["providers"] = ordered_json::array();
  for (const auto& p : s.facts.providers)
    json["providers"].push_back(
        {{"signal", p.signal}, {"provider", p.provider}, {"reason", p.reason}, {"lost", p.lost}});
  return json.dump(2, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace plateau::sink
