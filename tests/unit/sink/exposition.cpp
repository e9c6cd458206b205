#include "exposition.h"

#include <gtest/gtest.h>

#include <sstream>

#include "sink/exposition.h"

namespace plateau::sink {

std::string serialise(const std::vector<prometheus::MetricFamily>& families) {
  return write_exposition({families, {}}, Exposition::text);
}

std::map<std::string, double> samples_in(const std::string& text) {
  std::map<std::string, double> samples;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t space = line.rfind(' ');
    const bool fresh = samples.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second;
    EXPECT_TRUE(fresh) << "twice: " << line;
  }
  return samples;
}

std::map<std::string, double> samples_of(const std::vector<prometheus::MetricFamily>& families) {
  return samples_in(serialise(families));
}

}  // namespace plateau::sink
