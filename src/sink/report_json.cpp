#include "sink/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "attribution/data_path.h"
#include "sink/explain.h"

namespace plateau::sink {

using attribution::kStageNames;
using attribution::kStages;
using nlohmann::ordered_json;

ordered_json stages_json(const std::array<std::uint64_t, kStages>& ns) {
  ordered_json json;
  for (std::size_t i = 0; i < kStages; i++) json[std::string(kStageNames[i])] = ns[i];
  return json;
}

namespace {

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

}  // namespace

ordered_json route_json(const attribution::RouteStats& r) {
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
  json["stages_sum_ns"] = stages_json(r.stage_ns);
  if (attribution::is_told(r.parked_ns))
    for (std::size_t i = 0; i < PL_PARKS; i++)
      json["parked_sum_ns"][std::string(attribution::kParkNames[i])] = r.parked_ns[i];
  json["budgets_ns"] = budgets_of(r);
  json["bytes_in"] = r.bytes_in;
  json["bytes_out"] = r.bytes_out;
  json["calls_out"] = r.calls_out;
  json["retransmits"] = r.retransmits;
  return json;
}

ordered_json lock_json(const attribution::LockStats& lock) {
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

ordered_json verdict_json(const attribution::Summary& s, const model::Verdict& v) {
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

ordered_json coverage_json(const attribution::Summary& s) {
  const auto& c = s.coverage;
  ordered_json json{{"requests_seen", c.seen},
                    {"requests_explained", c.explained},
                    {"inferred", c.inferred},
                    {"partial", c.partial},
                    {"requests_lost", c.lost_requests()},
                    {"unknown_framing", c.unknown},
                    {"requests", c.requests()},
                    {"bytes_moved", c.bytes_moved},
                    {"bytes_seen", c.bytes_seen},
                    {"bytes", c.bytes()},
                    {"watched", s.watched()},
                    {"interrupted", c.interrupted},
                    {"unmeasured", s.unmeasured},
                    {"overcharged", s.overcharged},
                    {"routes_overflowed", s.routes_overflowed}};
  json["lost"] = ordered_json::object();
  for (const auto& loss : c.losses) json["lost"][loss.cause] = loss.count;
  return json;
}

ordered_json target_json(const attribution::Summary& s) {
  const auto& f = s.facts;
  return {{"comm", f.comm},       {"executable", f.executable}, {"runtime", f.runtime},
          {"pids", f.pids},       {"listening", f.listening},   {"processes", f.processes},
          {"threads", f.threads}, {"cpu_s", f.target_cpu_s}};
}

ordered_json cost_json(const attribution::Summary& s) {
  const auto& c = s.facts.cost;
  ordered_json json{{"agent_cpu_s", c.agent_cpu_s}, {"agent_rss_bytes", c.agent_rss_bytes}};
  json["probe_ns_per_request"] =
      c.window_requests ? ordered_json(c.window_run_ns / c.window_requests) : ordered_json();
  json["bound"] = c.bound;
  json["full"] = c.full;
  return json;
}

ordered_json thread_json(const attribution::ThreadStats& t) {
  return {{"tid", t.tid},       {"pid", t.tgid},       {"answered", t.answered}, {"elapsed_ns", t.elapsed_ns},
          {"run_ns", t.run_ns}, {"idle_ns", t.idle_ns}};
}

ordered_json data_paths_json(const attribution::Summary& s) {
  ordered_json json = ordered_json::array();
  for (const auto& path : attribution::path_bytes(s.facts))
    json.push_back({{"path", path.path}, {"bytes", path.bytes}});
  return json;
}

}  // namespace plateau::sink
