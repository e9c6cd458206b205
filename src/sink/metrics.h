// What is known of a running capture as Prometheus metrics: docs/metrics.md.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "attribution/summary.h"
#include "sink/counter_ledger.h"
#include "sink/exposition.h"
#include "sink/lock_ledger.h"

namespace plateau::sink {

class MetricSet;

struct TargetState {
  int pid = 0;
  bool up = false;
};

struct MetricsSnapshot {
  attribution::Summary summary;
  std::vector<TargetState> targets;  // the processes that were asked for
};

// What one scrape shows, but for extras. `locks`: the ledger's account of the snapshot's locks.
Scrape scrape_of(const MetricsSnapshot& snapshot, const std::vector<LockSeries>& locks,
                 std::uint64_t scrape_timeouts);
// Without exemplars.
std::vector<prometheus::MetricFamily> metrics_of(const MetricsSnapshot& snapshot,
                                                 const std::vector<LockSeries>& locks,
                                                 std::uint64_t scrape_timeouts);

// Fetches a snapshot for each scrape. Thread-safe; no lock is held while a snapshot is awaited or turned into
// metrics.
class MetricsCollector : public prometheus::Collectable {
 public:
  // Null: none came in time. Then only the time-outs and the build are shown.
  using Fetch = std::function<std::shared_ptr<const MetricsSnapshot>()>;

  // Adds what a snapshot does not know.
  using Extra = std::function<void(MetricSet&)>;

  explicit MetricsCollector(Fetch fetch) : fetch_(std::move(fetch)) {}

  // Before the first scrape.
  void also(Extra extra) { extras_.push_back(std::move(extra)); }

  Scrape scrape() const;
  // The same for others than scrapers.
  Scrape gather() const;
  std::vector<prometheus::MetricFamily> Collect() const override { return scrape().families; }

  std::uint64_t scrapes() const { return scrapes_; }

 private:
  Fetch fetch_;
  std::vector<Extra> extras_;
  mutable std::mutex mutex_;
  mutable LockLedger locks_;
  mutable CounterLedger counters_;
  mutable std::atomic<std::uint64_t> scrapes_{0};
  mutable std::atomic<std::uint64_t> timeouts_{0};
};

}  // namespace plateau::sink
