#include "sink/exposition.h"

#include <array>
#include <charconv>
#include <cmath>

#include "sink/metric_table.h"

namespace plateau::sink {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::string_view kTotal = "_total";

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value < 0 ? "-Inf" : "+Inf";
  } else {
    const double size = std::abs(value);
    const bool plain = size == 0 || (size >= 1e-4 && size < 1e15);
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific)
                         .ptr;
    out.append(text.data(), end);
  }
}

// A bound is a label's value: one spelling, OpenMetrics' own, in both formats, or it is another series.
void append_bound(std::string& out, double bound) {
  const std::size_t start = out.size();
  append_number(out, bound);
  if (out.find_first_of(".eIN", start) == std::string::npos) out += ".0";
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    out += c;
  }
}

std::string labels_of(const ClientMetric& sample) {
  std::string out;
  for (const auto& label : sample.label) {
    if (!out.empty()) out += ',';
    out += label.name;
    out += "=\"";
    append_escaped(out, label.value, true);
    out += '"';
  }
  return out;
}

void append_sample(std::string& out, std::string_view name, std::string_view labels, double value) {
  out += name;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  append_number(out, value);
  out += '\n';
}

void append_exemplar(std::string& out, const Exemplar& exemplar) {
  if (exemplar.trace_id.empty()) return;
  out += " # {trace_id=\"" + exemplar.trace_id + "\"} ";
  append_number(out, exemplar.value);
  std::array<char, 32> time{};
  const auto end =
      std::to_chars(time.data(), time.data() + time.size(), exemplar.unix_s, std::chars_format::fixed, 3).ptr;
  out += ' ';
  out.append(time.data(), end);
}

void append_histogram(std::string& out, const std::string& name, const ClientMetric& sample,
                      const std::vector<Exemplar>* exemplars) {
  const std::string labels = labels_of(sample);
  for (std::size_t i = 0; i < sample.histogram.bucket.size(); i++) {
    const auto& bucket = sample.histogram.bucket[i];
    out += name;
    out += "_bucket{";
    out += labels;
    if (!labels.empty()) out += ',';
    out += "le=\"";
    append_bound(out, bucket.upper_bound);
    out += "\"} ";
    append_number(out, static_cast<double>(bucket.cumulative_count));
    if (exemplars && i < exemplars->size()) append_exemplar(out, (*exemplars)[i]);
    out += '\n';
  }
  append_sample(out, name + "_count", labels, static_cast<double>(sample.histogram.sample_count));
  append_sample(out, name + "_sum", labels, sample.histogram.sample_sum);
}

std::string_view type_name(MetricType type) {
  if (type == MetricType::Counter) return "counter";
  return type == MetricType::Histogram ? "histogram" : "gauge";
}

// A counter's family is without "_total" in OpenMetrics, and its unit is told where the name ends in one.
void append_head(std::string& out, const MetricFamily& family, Exposition format) {
  std::string_view name = family.name;
  const bool openmetrics = format == Exposition::openmetrics;
  if (openmetrics && family.type == MetricType::Counter && name.ends_with(kTotal))
    name.remove_suffix(kTotal.size());
  const auto line = [&](std::string_view keyword, std::string_view rest) {
    out += "# ";
    out += keyword;
    out += ' ';
    out += name;
    out += ' ';
    append_escaped(out, rest, openmetrics);
    out += '\n';
  };
  line("HELP", family.help);
  line("TYPE", type_name(family.type));
  if (!openmetrics) return;
  for (const std::string_view unit : {"seconds", "bytes", "ratio"})
    if (name.ends_with("_" + std::string(unit))) line("UNIT", unit);
}

void append_family(std::string& out, const MetricFamily& family, const Exemplars* exemplars,
                   Exposition format) {
  append_head(out, family, format);
  for (const auto& sample : family.metric) {
    if (family.type == MetricType::Histogram) {
      const auto found = exemplars ? exemplars->find(sample.label) : Exemplars::const_iterator();
      append_histogram(out, family.name, sample,
                       exemplars && found != exemplars->end() ? &found->second : nullptr);
    } else {
      append_sample(out, family.name, labels_of(sample),
                    family.type == MetricType::Counter ? sample.counter.value : sample.gauge.value);
    }
  }
}

}  // namespace

std::string_view content_type(Exposition format) {
  return format == Exposition::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                           : "text/plain; version=0.0.4; charset=utf-8";
}

std::string write_exposition(const Scrape& scrape, Exposition format) {
  std::string out;
  const bool openmetrics = format == Exposition::openmetrics;
  for (const auto& family : scrape.families) {
    const bool has_exemplars = openmetrics && family.name == info(Metric::request_duration).name;
    append_family(out, family, has_exemplars ? &scrape.exemplars : nullptr, format);
  }
  if (openmetrics) out += "# EOF\n";
  return out;
}

}  // namespace plateau::sink
