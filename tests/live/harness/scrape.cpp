#include "harness/scrape.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "harness/child.h"

namespace plateau::live {
namespace {

constexpr const char* kCurl = "/usr/bin/curl";

}  // namespace

std::string missing_curl() {
  return std::filesystem::exists(kCurl) ? "" : std::string(kCurl) + " is not installed";
}

std::string fetch(const std::string& url, const std::vector<std::string>& options) {
  std::vector<std::string> words{kCurl, "--silent", "--max-time", "10"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(url);
  Child curl(words);
  curl.finish(15'000);
  return curl.out();
}

std::map<std::string, double> samples_of(const std::string& page) {
  std::map<std::string, double> samples;
  std::istringstream in(page);
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string::npos) continue;
    const std::string number = line.substr(space + 1);
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    if (end != number.c_str() && *end == '\0') samples[line.substr(0, space)] = value;
  }
  return samples;
}

double sum_of(const std::map<std::string, double>& samples, const std::string& name) {
  double sum = 0;
  bool any = false;
  for (const auto& [sample, value] : samples) {
    if (sample != name && !sample.starts_with(name + "{")) continue;
    sum += value;
    any = true;
  }
  return any ? sum : -1;
}

}  // namespace plateau::live
