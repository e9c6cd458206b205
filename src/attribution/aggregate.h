// Requests added up: by route, by thread, by lock holder. Memory is bounded; what does not fit goes to
// `other` and is counted.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "attribution/asked.h"
#include "attribution/budget.h"
#include "attribution/collector.h"
#include "attribution/copy_times.h"
#include "attribution/examples.h"
#include "attribution/histogram.h"
#include "attribution/latency_profile.h"
#include "attribution/load_pattern.h"
#include "attribution/status_stats.h"
#include "attribution/time_series.h"
#include "request/request.h"
#include "request/routes.h"
#include "wire/event.h"
#include "wire/facts.h"

namespace plateau::attribution {

struct RouteStats {
  std::string method;  // one of the registered methods, "other", or "" where unknown
  std::string route;
  std::uint64_t count = 0;
  std::array<std::uint64_t, 6> by_class{};  // status/100; 0: none seen
  std::uint64_t latency_ns = 0;             // sum
  std::array<std::uint64_t, kStages> stage_ns{};
  Parks parked_ns{};
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t calls_out = 0;
  std::uint64_t retransmits = 0;
  Histogram latency;
  LatencyProfile profile;             // where insight was asked for, of the first routes only
  std::vector<StatusStats> statuses;  // in the order in which they were first seen
  // By request::Framing, then by request::Outcome.
  std::array<std::array<std::uint64_t, 3>, 3> by_kind{};
};

struct ThreadStats {
  std::uint32_t tid = 0;
  std::uint32_t tgid = 0;
  std::uint64_t answered = 0;
  // Between its first and its last answer: how long, and of that on CPU and asleep for want of work.
  std::uint64_t elapsed_ns = 0;
  std::uint64_t run_ns = 0;
  std::uint64_t idle_ns = 0;

  // Share of time in which it was not free to take another request, 0…1.
  double busy() const {
    return elapsed_ns > idle_ns ? 1 - static_cast<double>(idle_ns) / static_cast<double>(elapsed_ns) : 0;
  }
};

// Where a lock's holders were when they let go.
struct HolderStats {
  std::uint64_t futex = 0;
  std::uint32_t tgid = 0;
  std::vector<std::string> frames;  // innermost first
  std::vector<std::string> modules;
  std::uint64_t samples = 0;
  std::uint64_t weight = 0;
};

// What a report looks into beside the sums.
struct Insight {
  LatencyProfile profile;  // of all requests
  TimeSeries timeline;
  Examples examples;
  LoadPattern pattern;
};

struct AggregateLimits {
  std::size_t routes = 200;
  std::size_t threads = 8192;
  std::size_t holders = 1024;
  bool traces = false;       // keep trace ids of some requests
  std::size_t profiles = 0;  // routes with a latency profile; 0: no insight at all
};

class Aggregate {
 public:
  explicit Aggregate(AggregateLimits limits = {});

  void add(const request::Request& request, const Budget& budget);
  void add(const wire::HolderSample& sample);
  // A stretch in which nobody looked.
  void add(const wire::Pause& pause);

  // A stop of the world of a Go process.
  void add(const wire::Stop& stop) { collector_.add(*stop.fixed); }
  const CollectorStats& collector() const { return collector_; }
  const AskedStats& asked() const { return asked_; }
  const CopyTimes& copies() const { return copies_; }

  // By falling count; ties by name.
  std::vector<RouteStats> routes() const;
  std::vector<ThreadStats> threads() const;  // by falling count of answers
  std::vector<HolderStats> holders() const;  // by falling weight; those that did not fit: futex 0, "other"
  RouteStats total() const;                  // route "all"
  const Insight& insight() const { return insight_; }

  std::uint64_t requests() const { return requests_; }
  std::uint64_t unmeasured() const { return unmeasured_; }  // of them; in no statistics
  std::uint64_t overcharged() const { return overcharged_; }
  std::uint64_t explained_bytes() const { return bytes_; }
  std::uint64_t routes_overflowed() const { return routes_.overflowed(); }
  std::uint64_t threads_overflowed() const {
    return threads_overflowed_;
  }                                                     // requests of threads that did not fit
  std::uint64_t first_ns() const { return first_ns_; }  // first readiness and last end; 0: no request
  std::uint64_t last_ns() const { return last_ns_; }
  // Time between them in which nobody looked.
  std::uint64_t paused_ns() const { return paused_ns_; }
  // Since when nobody looks, where a pause has begun and not ended; 0: somebody does.
  std::uint64_t open_pause_ns() const { return open_pause_ns_; }
  // The route of a path, as aggregated. Valid until the next add().
  std::string_view route_of(std::string_view path);

 private:
  static constexpr std::size_t kMethods = 11;
  static const std::array<std::string_view, kMethods> kMethodNames;
  static std::size_t method_index(std::string_view method);

  void add_insight(const request::Request& request, const Budget& budget, RouteStats& route);

  AggregateLimits limits_;
  Insight insight_;
  CollectorStats collector_;
  AskedStats asked_;
  CopyTimes copies_;
  std::size_t profiles_ = 0;  // routes that have one
  request::Routes routes_;
  std::map<std::uint64_t, RouteStats> by_route_;  // method and route id
  struct ThreadClocks {
    ThreadStats stats;
    std::uint64_t first_seen_ns = 0;
    std::uint64_t first_run_ns = 0;
    std::uint64_t first_idle_ns = 0;
  };
  void add_thread(const request::Request& request);
  std::unordered_map<std::uint32_t, ThreadClocks> by_thread_;
  std::map<std::tuple<std::uint64_t, std::uint32_t, std::vector<std::string>>, HolderStats> by_holder_;
  std::uint64_t requests_ = 0;
  std::uint64_t unmeasured_ = 0;
  std::uint64_t overcharged_ = 0;
  std::uint64_t threads_overflowed_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t first_ns_ = 0;
  std::uint64_t last_ns_ = 0;
  std::uint64_t paused_ns_ = 0;
  std::uint64_t pause_ns_ = 0;  // of it that no request came after yet, and its end
  std::uint64_t pause_end_ns_ = 0;
  std::uint64_t open_pause_ns_ = 0;
};

}  // namespace plateau::attribution
