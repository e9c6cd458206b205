#include "sink/metric_set.h"

namespace plateau::sink {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;

void merge(ClientMetric::Histogram& into, const ClientMetric::Histogram& from) {
  into.sample_count += from.sample_count;
  into.sample_sum += from.sample_sum;
  for (std::size_t i = 0; i < into.bucket.size(); i++)
    into.bucket[i].cumulative_count += from.bucket[i].cumulative_count;
}

}  // namespace

std::string label_value(std::string_view text) {
  std::string value(text.substr(0, kMaxLabelValue));
  for (char& c : value)
    if (c < 0x20 || c > 0x7e) c = '?';
  return value;
}

MetricSet::Labels MetricSet::labels_of(Metric metric, Values values) {
  Labels labels;
  const auto& names = info(metric).labels;
  for (std::size_t i = 0; i < values.size() && i < names.size(); i++)
    if (const std::string_view value = values.begin()[i]; !value.empty())
      labels.push_back({std::string(names[i]), label_value(value)});
  return labels;
}

void MetricSet::add(Metric metric, double value, Values values) {
  const Labels labels = labels_of(metric, values);
  const auto [found, fresh] = samples_[static_cast<std::size_t>(metric)].try_emplace(labels);
  ClientMetric& sample = found->second;
  if (info(metric).type == MetricType::Counter)
    sample.counter.value += value;
  else if (fresh)
    sample.gauge.value = value;
}

void MetricSet::add(Metric metric, const Histogram& histogram, Values values) {
  const Labels labels = labels_of(metric, values);
  const auto [found, fresh] = samples_[static_cast<std::size_t>(metric)].try_emplace(labels);
  if (fresh)
    found->second.histogram = histogram;
  else
    merge(found->second.histogram, histogram);
}

void MetricSet::add(std::vector<Exemplar> exemplars, Values values) {
  exemplars_.try_emplace(labels_of(Metric::request_duration, values), std::move(exemplars));
}

void MetricSet::for_each_counter(const std::function<void(Metric, const Labels&, double&)>& look) {
  for (std::size_t i = 0; i < kMetrics; i++) {
    if (metric_table()[i].type != MetricType::Counter) continue;
    for (auto& [labels, sample] : samples_[i]) look(static_cast<Metric>(i), labels, sample.counter.value);
  }
}

std::vector<prometheus::MetricFamily> MetricSet::families() const {
  std::vector<prometheus::MetricFamily> families;
  for (std::size_t i = 0; i < kMetrics; i++) {
    if (samples_[i].empty()) continue;
    const MetricInfo& row = metric_table()[i];
    prometheus::MetricFamily family{std::string(row.name), std::string(row.help), row.type, {}};
    for (const auto& [labels, sample] : samples_[i]) {
      family.metric.push_back(sample);
      family.metric.back().label = labels;
    }
    families.push_back(std::move(family));
  }
  return families;
}

}  // namespace plateau::sink
