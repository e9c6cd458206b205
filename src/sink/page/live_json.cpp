#include "sink/page/live_json.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sink/connections.h"
#include "sink/data_paths.h"
#include "sink/event_loops.h"
#include "sink/peers.h"
#include "sink/report_json.h"
#include "sink/slow_requests.h"
#include "sink/stage_colour.h"

namespace plateau::sink::page {
namespace {

using attribution::Summary;
using nlohmann::ordered_json;

constexpr std::size_t kRoutes = 50, kLocks = 20, kThreads = 64, kHolders = 5, kLoops = 20, kPeers = 20;

ordered_json requests_of(const attribution::RouteStats& r) {
  ordered_json json = route_json(r);
  json.erase("budgets_ns");
  return json;
}

// Routes of the window, with what they have come to since the capture began.
ordered_json routes_of(const LiveView& view) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> all;
  for (const auto& r : view.now->summary.routes) all[{r.method, r.route}] = r.count;
  ordered_json json = ordered_json::array();
  for (const auto& r : view.window.routes) {
    if (json.size() == kRoutes) break;
    json.push_back(requests_of(r));
    json.back()["requests_in_all"] = all[{r.method, r.route}];
  }
  return json;
}

ordered_json slowest_of(const LiveView& view) {
  const auto& facts = view.now->summary.facts;
  ordered_json list = ordered_json::array();
  for (const auto& request : view.now->slowest) {
    const auto& e = request.example;
    ordered_json json = example_json(e);
    if (e.status == 0) json["status"] = nullptr;
    json["route"] = request.route;
    json["ago_ns"] = facts.end_ns > e.end_ns ? facts.end_ns - e.end_ns : 0;
    list.push_back(std::move(json));
  }
  return list;
}

ordered_json seconds_of(const LiveView& view, std::uint64_t after) {
  ordered_json list = ordered_json::array();
  for (const auto& s : view.now->seconds) {
    if (s.second <= after) continue;
    list.push_back({{"second", s.second},
                    {"requests", s.count},
                    {"p50_ns", s.p50_ns},
                    {"p99_ns", s.p99_ns},
                    {"paused_ns", s.paused_ns}});
  }
  return list;
}

ordered_json locks_of(const Summary& window) {
  ordered_json list = ordered_json::array();
  for (const auto& lock : window.locks) {
    if (list.size() == kLocks) break;
    if (lock.owed_waits == 0 && !lock.is_mutex()) continue;
    attribution::LockStats few = lock;
    if (few.holders.size() > kHolders) few.holders.resize(kHolders);
    list.push_back(lock_json(few));
  }
  return list;
}

ordered_json threads_of(const Summary& window) {
  ordered_json list = ordered_json::array();
  for (const auto& thread : window.threads)
    if (list.size() < kThreads) list.push_back(thread_json(thread));
  return list;
}

ordered_json window_of(const LiveView& view) {
  const Summary& w = view.window;
  ordered_json json{{"duration_ns", w.facts.end_ns - w.facts.start_ns},
                    {"interval_ns", w.interval_ns},
                    {"throughput", w.throughput()},
                    {"concurrency", w.concurrency()},
                    {"machine_busy", w.facts.machine_busy},
                    {"target_cpu_s", w.facts.target_cpu_s}};
  json["verdict"] = verdict_json(w, view.verdict);
  json["total"] = requests_of(w.total);
  json["routes"] = routes_of(view);
  json["routes_left_out"] = w.routes.size() > kRoutes ? w.routes.size() - kRoutes : 0;
  json["locks"] = locks_of(w);
  json["threads"] = threads_of(w);
  json["threads_left_out"] = w.threads.size() > kThreads ? w.threads.size() - kThreads : 0;
  json["event_loops"] = awake_loops_json(w, kLoops);
  json["servers"] = called_peers_json(w, kPeers);
  json["data_paths"] = data_paths_json(w);
  json["send_path"] = send_path_json(w);
  json["accept_queues"] = accept_queues_json(w);
  return json;
}

}  // namespace

std::string live_json(const LiveView& view, std::uint64_t after) {
  const Summary& s = view.now->summary;
  ordered_json json;
  json["plateau"] = s.facts.version;
  json["kernel"] = s.facts.kernel;
  json["detail"] = s.facts.detail;
  json["target"] = target_json(s);
  json["cpus"] = s.facts.cpus;
  json["start_unix_ns"] = static_cast<std::int64_t>(s.facts.start_ns) + s.facts.realtime_offset_ns;
  json["realtime_offset_ns"] = s.facts.realtime_offset_ns;
  json["duration_ns"] = s.facts.end_ns - s.facts.start_ns;
  json["total"] = requests_of(s.total);
  json["window"] = window_of(view);
  json["slowest"] = slowest_of(view);
  json["seconds"] = seconds_of(view, after);
  json["outside_view"] = outside_view_json(s);
  json["coverage"] = coverage_json(s);
  json["cost"] = cost_json(s);
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

std::string stages_text() {
  ordered_json list = ordered_json::array();
  for (std::size_t i = 0; i < attribution::kStages; i++)
    list.push_back({{"name", attribution::kStageNames[i]},
                    {"meaning", attribution::kStageMeaning[i]},
                    {"colour", kStageColours[i]}});
  return list.dump() + "\n";
}

}  // namespace plateau::sink::page
