#include "attribution/aggregate.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace plateau::attribution {
namespace {

void merge(RouteStats& into, const RouteStats& from) {
  into.count += from.count;
  into.latency_ns += from.latency_ns;
  for (std::size_t i = 0; i < from.by_class.size(); i++) into.by_class[i] += from.by_class[i];
  for (std::size_t i = 0; i < kStages; i++) into.stage_ns[i] += from.stage_ns[i];
  for (std::size_t i = 0; i < PL_PARKS; i++) into.parked_ns[i] += from.parked_ns[i];
  into.bytes_in += from.bytes_in;
  into.bytes_out += from.bytes_out;
  into.calls_out += from.calls_out;
  into.retransmits += from.retransmits;
  into.latency.merge(from.latency);
  into.profile.merge(from.profile);
  for (const auto& status : from.statuses) stats_of(into.statuses, status.status).merge(status);
  for (std::size_t i = 0; i < from.by_kind.size(); i++)
    for (std::size_t k = 0; k < from.by_kind[i].size(); k++) into.by_kind[i][k] += from.by_kind[i][k];
}

void add_request(RouteStats& route, const request::Request& request, const Budget& budget) {
  route.count++;
  const auto cls = static_cast<std::size_t>(request.status / 100);
  route.by_class[cls < route.by_class.size() ? cls : 0]++;
  route.latency_ns += budget.latency_ns;
  for (std::size_t i = 0; i < kStages; i++) route.stage_ns[i] += budget.ns[i];
  for (std::size_t i = 0; i < PL_PARKS; i++) route.parked_ns[i] += budget.parked[i];
  route.bytes_in += request.bytes_in;
  route.bytes_out += request.bytes_out;
  route.calls_out += request.calls_out;
  route.retransmits += request.retransmits;
  route.latency.add(budget.latency_ns);
  stats_of(route.statuses, request.status).add(budget.latency_ns);
  route.by_kind[static_cast<std::size_t>(request.framing)][static_cast<std::size_t>(request.outcome)]++;
}

}  // namespace

// The methods that OpenTelemetry's http.request.method knows, PATCH (RFC 5789) among them; then the rest.
const std::array<std::string_view, Aggregate::kMethods> Aggregate::kMethodNames{
    "", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "_OTHER"};

std::size_t Aggregate::method_index(std::string_view method) {
  const auto found = std::find(kMethodNames.begin(), kMethodNames.end(), method);
  return static_cast<std::size_t>(
      std::min(found - kMethodNames.begin(), static_cast<std::ptrdiff_t>(kMethods - 1)));
}

Aggregate::Aggregate(AggregateLimits limits) : limits_(limits), routes_(limits.routes) {}

std::string_view Aggregate::route_of(std::string_view path) {
  return routes_.name(routes_.template_of(path));
}

void Aggregate::add(const request::Request& request, const Budget& budget) {
  requests_++;
  if (!request.measured) {
    unmeasured_++;
    return;
  }
  overcharged_ += budget.overcharged;
  asked_.add(request);
  copies_.add(request, budget);
  collector_.add(request, budget.latency_ns, budget[Stage::cpu]);
  bytes_ += request.bytes_in + request.bytes_out;
  if (first_ns_ == 0 || request.ready_ns < first_ns_) first_ns_ = request.ready_ns;
  last_ns_ = std::max(last_ns_, request.end_ns);
  if (request.ready_ns >= pause_end_ns_) paused_ns_ += std::exchange(pause_ns_, 0);

  const std::size_t method = method_index(request.method);
  const std::uint64_t key = (static_cast<std::uint64_t>(routes_.template_of(request.path)) << 8) | method;
  RouteStats& route = by_route_[key];
  add_request(route, request, budget);
  if (limits_.traces && request.trace.valid())
    stats_of(route.statuses, request.status)
        .add(TraceExample{request.trace.trace, budget.latency_ns, request.end_ns});
  if (limits_.profiles) add_insight(request, budget, route);
  add_thread(request);
}

void Aggregate::add_insight(const request::Request& request, const Budget& budget, RouteStats& route) {
  if (route.profile.count() || profiles_ < limits_.profiles) {
    profiles_ += route.profile.count() == 0;
    route.profile.add(budget);
  }
  insight_.profile.add(budget);
  insight_.timeline.add(request.end_ns, budget);
  insight_.examples.add(request, budget);
  insight_.pattern.add(request, budget);
}

void Aggregate::add(const wire::Pause& pause) {
  if (first_ns_ == 0) return;
  insight_.timeline.add_pause(pause.fixed->from_ns, pause.fixed->to_ns);
  insight_.pattern.pause();
  pause_ns_ += pause.fixed->to_ns - pause.fixed->from_ns;
  pause_end_ns_ = pause.fixed->to_ns;
  open_pause_ns_ = pause.fixed->from_ns == pause.fixed->to_ns ? pause.fixed->from_ns : 0;
}

void Aggregate::add_thread(const request::Request& request) {
  const std::uint32_t tid = request.writer_tid;
  if (!tid) return;
  if (by_thread_.size() >= limits_.threads && !by_thread_.contains(tid)) {
    threads_overflowed_++;
    return;
  }
  ThreadClocks& thread = by_thread_[tid];
  ThreadStats& stats = thread.stats;
  if (stats.answered++ == 0) {
    stats.tid = tid;
    stats.tgid = request.tgid;
    thread.first_seen_ns = request.writer_seen_ns;
    thread.first_run_ns = request.writer_run_ns;
    thread.first_idle_ns = request.writer_idle_ns;
  }
  if (request.writer_seen_ns <= thread.first_seen_ns + stats.elapsed_ns) return;
  stats.elapsed_ns = request.writer_seen_ns - thread.first_seen_ns;
  stats.run_ns = request.writer_run_ns - thread.first_run_ns;
  stats.idle_ns = request.writer_idle_ns - thread.first_idle_ns;
}

void Aggregate::add(const wire::HolderSample& sample) {
  // A lock is an address in a process: forked workers share their addresses.
  auto key = std::make_tuple(sample.futex, sample.tgid, sample.frames);
  const bool fits = by_holder_.size() < limits_.holders || by_holder_.contains(key);
  if (!fits) key = {0, 0, {"other"}};
  HolderStats& holder = by_holder_[key];
  if (holder.samples == 0) {
    std::tie(holder.futex, holder.tgid, holder.frames) = key;
    if (fits) holder.modules = sample.modules;
    holder.modules.resize(holder.frames.size());
  }
  holder.samples++;
  holder.weight += sample.weight;
}

std::vector<RouteStats> Aggregate::routes() const {
  std::map<std::uint64_t, RouteStats> live;
  for (const auto& [key, stats] : by_route_) {
    const auto id = routes_.canonical(static_cast<request::Routes::Id>(key >> 8));
    RouteStats& into = live[(static_cast<std::uint64_t>(id) << 8) | (key & 0xff)];
    into.method = kMethodNames[key & 0xff];
    into.route = routes_.name(id);
    merge(into, stats);
  }
  std::vector<RouteStats> list;
  for (auto& [key, stats] : live) list.push_back(std::move(stats));
  std::sort(list.begin(), list.end(), [](const RouteStats& a, const RouteStats& b) {
    return std::tie(b.count, a.route, a.method) < std::tie(a.count, b.route, b.method);
  });
  return list;
}

RouteStats Aggregate::total() const {
  RouteStats all;
  all.route = "all";
  for (const auto& [key, stats] : by_route_) merge(all, stats);
  return all;
}

std::vector<ThreadStats> Aggregate::threads() const {
  std::vector<ThreadStats> list;
  for (const auto& [tid, clocks] : by_thread_) list.push_back(clocks.stats);
  std::sort(list.begin(), list.end(), [](const ThreadStats& a, const ThreadStats& b) {
    return std::tie(b.answered, a.tid) < std::tie(a.answered, b.tid);
  });
  return list;
}

std::vector<HolderStats> Aggregate::holders() const {
  std::vector<HolderStats> list;
  for (const auto& [key, stats] : by_holder_) list.push_back(stats);
  std::sort(list.begin(), list.end(), [](const HolderStats& a, const HolderStats& b) {
    return std::tie(b.weight, a.futex, a.tgid, a.frames) < std::tie(a.weight, b.futex, b.tgid, b.frames);
  });
  return list;
}

}  // namespace plateau::attribution
