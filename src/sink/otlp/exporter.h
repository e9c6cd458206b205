// Exports over OTLP from a thread of its own, which has no capabilities and takes no signals: nobody waits
// for it, however slow the receiver.
#pragma once

#include <prometheus/metric_family.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "sink/metric_set.h"
#include "sink/otlp/counts.h"
#include "sink/otlp/pusher.h"
#include "sink/otlp/sampler.h"
#include "sink/otlp/settings.h"

namespace plateau::sink::otlp {

class Exporter {
 public:
  using Scrape = std::function<std::vector<prometheus::MetricFamily>()>;

  // `settings`: complete() ones. `scrape` is called by the exporter's thread.
  static Result<std::unique_ptr<Exporter>> start(const Settings& settings, std::shared_ptr<Counts> counts,
                                                 Scrape scrape);
  ~Exporter() { stop(); }
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // Nothing is exported before the first call.
  void follow(Target target);
  // Of the thread that collects, which waits for nothing here. `route`: asked for only where the request has
  // spans.
  template <class RouteOf>
  void add(const request::Request& request, const attribution::Budget& budget, RouteOf route) {
    if (sampler_.takes(request, budget)) pusher_.add({request, budget, std::string(route())});
  }
  // Exports what is left, which takes seconds at most.
  void stop();

  // "OTLP: 1,234 data points and 56 spans sent; dropped: …".
  std::string summary() const;

 private:
  Exporter(const Settings& settings, std::shared_ptr<Counts> counts, Surroundings surroundings,
           std::shared_ptr<std::atomic<bool>> hurry);
  void run();

  const std::shared_ptr<Counts> counts_;
  Sampler sampler_;
  Pusher pusher_;
  const std::shared_ptr<std::atomic<bool>> hurry_;  // as it ends
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  std::thread thread_;
};

// The families of the table that count what was exported.
void add_counts(MetricSet& set, const Counts& counts);

}  // namespace plateau::sink::otlp
