// The exposition format as a scraper reads it.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <vector>

namespace plateau::sink {

// The families in Prometheus' text format.
std::string serialise(const std::vector<prometheus::MetricFamily>& families);

// Every sample: "name{labels}" as written, to its value. A sample that is there twice fails the running test.
std::map<std::string, double> samples_in(const std::string& text);

// Of one snapshot.
std::map<std::string, double> samples_of(const std::vector<prometheus::MetricFamily>& families);

}  // namespace plateau::sink
