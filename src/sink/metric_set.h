// Collects samples and hands them out as prometheus-cpp's families. Whatever the target's clients and symbols
// put into label values, the result is something that a Prometheus server accepts: valid UTF-8, bounded
// length, no two samples with the same labels.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sink/exposition.h"
#include "sink/metric_table.h"

namespace plateau::sink {

inline constexpr std::size_t kMaxLabelValue = 200;  // bytes

// `text` with everything but printable ASCII replaced by '?', cut to kMaxLabelValue.
std::string label_value(std::string_view text);

class MetricSet {
 public:
  // Values of the metric's labels, in the order of its row; an empty or missing one leaves its label out.
  using Values = std::initializer_list<std::string_view>;
  using Histogram = prometheus::ClientMetric::Histogram;

  // A sample whose labels are there already is added to that one if it is a counter or a histogram (of the
  // same buckets); of gauges the first stays.
  void add(Metric metric, double value, Values values = {});
  void add(Metric metric, const Histogram& histogram, Values values);
  // One for each bucket of the histogram of request durations with these labels; the first stay.
  void add(std::vector<Exemplar> exemplars, Values values);

  using Labels = std::vector<prometheus::ClientMetric::Label>;
  void for_each_counter(const std::function<void(Metric, const Labels&, double&)>& look);

  // In the order of the table; without those that have no sample.
  std::vector<prometheus::MetricFamily> families() const;
  const Exemplars& exemplars() const { return exemplars_; }

 private:
  static Labels labels_of(Metric metric, Values values);

  std::array<std::map<Labels, prometheus::ClientMetric>, kMetrics> samples_;
  Exemplars exemplars_;
};

}  // namespace plateau::sink
