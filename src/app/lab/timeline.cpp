#include "app/lab/timeline.h"

#include <algorithm>
#include <map>

#include "app/lab/statistics.h"

namespace plateau::app::lab {
namespace {

constexpr std::uint64_t kApartNs = 100'000'000;

}  // namespace

std::vector<Sample> samples_of(const std::vector<MemoryReading>& readings,
                               const std::vector<LoggedRequest>& requests) {
  std::vector<LoggedRequest> ordered = requests;
  std::ranges::sort(ordered, {}, &LoggedRequest::done_ns);
  std::vector<Sample> samples;
  for (std::size_t i = 1; i < readings.size(); i++) {
    const MemoryReading& now = readings[i];
    const std::uint64_t begin_ns = readings[i - 1].at_ns;
    const auto first = std::ranges::lower_bound(ordered, begin_ns, {}, &LoggedRequest::done_ns);
    const auto last = std::ranges::lower_bound(ordered, now.at_ns, {}, &LoggedRequest::done_ns);
    std::vector<double> latencies;
    std::transform(first, last, std::back_inserter(latencies),
                   [](const LoggedRequest& request) { return request.latency_ns(); });
    const double seconds = static_cast<double>(now.at_ns - begin_ns) / 1e9;
    samples.push_back({static_cast<double>(now.at_ns - readings.front().at_ns) / 1e9,
                       seconds > 0 ? static_cast<double>(latencies.size()) / seconds : 0,
                       quantile(std::move(latencies), 0.999), now.rss_bytes, now.threads});
  }
  return samples;
}

PauseFigures find_pauses(std::vector<LoggedRequest> requests, double least_ns) {
  std::erase_if(requests, [=](const LoggedRequest& request) { return request.latency_ns() < least_ns; });
  std::ranges::sort(requests, {}, &LoggedRequest::scheduled_ns);
  std::vector<double> lengths;
  std::vector<double> apart;
  std::uint64_t begin_ns = 0;
  std::uint64_t last_ns = 0;
  for (const LoggedRequest& request : requests) {
    if (lengths.empty() || request.scheduled_ns - last_ns > kApartNs) {
      if (!lengths.empty()) apart.push_back(static_cast<double>(request.scheduled_ns - begin_ns));
      begin_ns = request.scheduled_ns;
      lengths.push_back(0);
    }
    last_ns = request.scheduled_ns;
    lengths.back() = std::max(lengths.back(), request.latency_ns());
  }
  return {quantile(lengths, 0.5), quantile(apart, 0.5), lengths.size()};
}

std::vector<SlicePoint> slowest_by_slice(const std::vector<LoggedRequest>& requests, std::uint64_t slice_ns) {
  if (requests.empty()) return {};
  const std::uint64_t begin_ns = std::ranges::min(requests, {}, &LoggedRequest::scheduled_ns).scheduled_ns;
  std::map<std::uint64_t, double> slowest;
  for (const LoggedRequest& request : requests) {
    double& most = slowest[(request.scheduled_ns - begin_ns) / slice_ns];
    most = std::max(most, request.latency_ns());
  }
  std::vector<SlicePoint> points;
  for (const auto& [slice, ns] : slowest)
    points.push_back({static_cast<double>(slice * slice_ns) / 1e9, ns / 1e6});
  return points;
}

}  // namespace plateau::app::lab
