// A capture's figures per request, in seconds.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "attribution/summary.h"

namespace plateau::model {

class CaptureView {
 public:
  explicit CaptureView(const attribution::Summary& summary) : s_(summary) {}

  // With load, pauses included: counters ran all along.
  double interval() const { return static_cast<double>(s_.loaded_ns()) / 1e9; }
  double throughput() const { return s_.throughput(); }
  double response() const { return per_measured(s_.total.latency_ns); }
  double quantile(double p) const { return static_cast<double>(s_.total.latency.quantile(p)) / 1e9; }

  double stage(std::initializer_list<attribution::Stage> stages) const {
    double sum = 0;
    for (const auto stage : stages) sum += per_measured(s_.total.stage_ns[attribution::index(stage)]);
    return sum;
  }
  double share(std::initializer_list<attribution::Stage> stages) const {
    return response() > 0 ? stage(stages) / response() : 0;
  }

  // Of the stages' time between routes, squared and over the squared mean: what a request's own variation
  // comes on top of. 0 if no time was spent.
  double variation(std::initializer_list<attribution::Stage> stages) const {
    const double mean = stage(stages);
    if (mean <= 0) return 0;
    double sum = 0;
    for (const auto& route : s_.routes) {
      double spent = 0;
      for (const auto stage : stages)
        spent += static_cast<double>(route.stage_ns[attribution::index(stage)]) / 1e9;
      const auto count = static_cast<double>(route.count);
      if (count > 0) sum += count * (spent / count - mean) * (spent / count - mean);
    }
    return sum / static_cast<double>(s_.total.count) / (mean * mean);
  }

  // A counter that ran over the capture, ns, as seconds a request. (Requests that were under way when it
  // began make their own interval longer; load that begins late makes it shorter.)
  double per_request(double ns) const {
    const double requests = throughput() * loaded();
    return requests > 0 ? ns / 1e9 / requests : 0;
  }
  // The same as a mean number at any time.
  double at_a_time(double ns) const { return loaded() > 0 ? ns / 1e9 / loaded() : 0; }

  // Of the whole capture, s.
  double duration() const {
    const auto& f = s_.facts;
    return f.end_ns > f.start_ns ? static_cast<double>(f.end_ns - f.start_ns) / 1e9 : interval();
  }

  const attribution::Summary& summary() const { return s_; }

 private:
  // The part of the capture with load, s.
  double loaded() const { return std::min(interval(), duration()); }
  double per_measured(std::uint64_t ns) const {
    return s_.total.count ? static_cast<double>(ns) / 1e9 / static_cast<double>(s_.total.count) : 0;
  }

  const attribution::Summary& s_;
};

}  // namespace plateau::model
