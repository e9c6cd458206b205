#include "sink/counter_ledger.h"

#include <algorithm>
#include <string_view>

namespace plateau::sink {
namespace {

bool is_kept(Metric metric) {
  const auto& labels = info(metric).labels;
  return std::none_of(labels.begin(), labels.end(),
                      [](std::string_view name) { return name == "http_route" || name == "lock"; });
}

}  // namespace

void CounterLedger::update(MetricSet& set) {
  std::map<Key, double> present;
  set.for_each_counter([&](Metric metric, const auto& labels, double& value) {
    if (!is_kept(metric)) return;
    double& shown = shown_[{metric, labels}];
    shown = value = std::max(shown, value);
    present[{metric, labels}] = value;
  });
  if (shown_.size() > series_) shown_ = std::move(present);
}

}  // namespace plateau::sink
