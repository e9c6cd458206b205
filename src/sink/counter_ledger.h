// What counters were shown as, so that none is ever shown as less.
//
// Some are read while the kernel side writes them, or are what is left of one count when others are taken off
// it: they may come out a little lower than the last time, which a scraper takes for a restart, and for a
// whole counter's growth.
#pragma once

#include <prometheus/client_metric.h>

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "sink/metric_set.h"

namespace plateau::sink {

// Not thread-safe. Leaves out the counters of routes, which are sums of requests, and of locks, which have a
// ledger of their own (LockLedger).
class CounterLedger {
 public:
  // Beyond `series` it forgets those that are no longer shown.
  explicit CounterLedger(std::size_t series = 4096) : series_(series) {}

  // Raises what is lower than it was.
  void update(MetricSet& set);

 private:
  using Key = std::pair<Metric, std::vector<prometheus::ClientMetric::Label>>;

  std::size_t series_;
  std::map<Key, double> shown_;
};

}  // namespace plateau::sink
