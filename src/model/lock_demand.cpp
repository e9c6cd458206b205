#include "model/lock_demand.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/units.h"
#include "model/variability.h"

namespace plateau::model {
namespace {

using attribution::LockStats;

constexpr std::uint64_t kSeldom = 20;  // requests for each hand-over from which on a lock is left out
constexpr double kWide = 1.5;          // of high to low, from which on an experiment is worth while

constexpr double kImpossible =
    1.15;  // busy share by hand-overs from which on their intervals are not believed

// Of an M/M/1 queue with that many waiting: u^2 / (1 - u) = L.
double busy_with_queue(double waiting) {
  return waiting > 0 ? (std::sqrt(waiting * waiting + 4 * waiting) - waiting) / 2 : 0;
}

const LockDetail* detail_of(const LockStats& lock, const Supplement& supplement) {
  for (const LockDetail& detail : supplement.locks)
    if (detail.futex == lock.futex && detail.tgid == lock.tgid) return &detail;
  return nullptr;
}

std::string name_of(const LockStats& lock) {
  char text[64];
  std::snprintf(text, sizeof(text), "lock 0x%llx", static_cast<unsigned long long>(lock.futex));
  return text;
}

std::string evidence_of(const LockStats& lock, const CaptureView& view) {
  std::string text = format_count(lock.handovers) + " hand-overs, " + format_duration(lock.service_ns) +
                     " from one to the next, somebody waiting for " +
                     std::to_string(std::lround(100 * contended_share(lock, view))) + " % of the time";
  if (!lock.holders.empty()) text += ", held by " + attribution::holder_function(lock.holders.front());
  return text;
}

ServiceCenter center_of(const LockStats& lock, const CaptureView& view, const Supplement& supplement) {
  const LockDetail* detail = detail_of(lock, supplement);
  ServiceCenter center;
  center.name = name_of(lock);
  center.role = Role::lock;
  center.scv = kUsualVariation;
  center.demand = lock_demand(lock, view, detail);
  center.futex = lock.futex;
  center.tgid = lock.tgid;
  center.evidence = evidence_of(lock, view);
  if (detail && detail->on_cpu) center.on_cpu = center.demand.value * std::clamp(*detail->on_cpu, 0.0, 1.0);
  return center;
}

}  // namespace

double contended_share(const LockStats& lock, const CaptureView& view) {
  return std::min(1.0, view.at_a_time(static_cast<double>(lock.contended_ns)));
}

double handed_over_demand(const LockStats& lock, const CaptureView& view) {
  return view.per_request(static_cast<double>(lock.service_ns) * static_cast<double>(lock.handovers));
}

Estimate lock_demand(const LockStats& lock, const CaptureView& view, const LockDetail* detail) {
  const double most = 1 / view.throughput();
  const double service = static_cast<double>(lock.service_ns) / 1e9;
  if (detail && detail->passes) {
    const double demand = std::min(service * *detail->passes, most);
    return {demand, demand * 0.95, std::min(demand * 1.05, most)};
  }
  const double contended = contended_share(lock, view);
  const double handed_over = handed_over_demand(lock, view);
  const double sure = handed_over > most * kImpossible ? 0 : std::min(most, handed_over);
  const double low = std::max(sure, contended * most);
  const double waiting = view.at_a_time(static_cast<double>(lock.wait_ns));
  const double busy = std::max(std::sqrt(contended), busy_with_queue(waiting));
  const Estimate about = measured(std::clamp(busy * most, low, most));
  return {about.value, std::min(about.low, low), std::max(about.high, most)};
}

bool is_modelled(const LockStats& lock, const attribution::Summary& summary) {
  return lock.is_mutex() && lock.handovers * kSeldom >= summary.total.count;
}

std::vector<ServiceCenter> lock_centers(const CaptureView& view, const Supplement& supplement,
                                        std::vector<Unknown>& unknowns) {
  std::vector<ServiceCenter> centers;
  for (const LockStats& lock : view.summary().locks) {
    if (!is_modelled(lock, view.summary())) continue;
    centers.push_back(center_of(lock, view, supplement));
    const ServiceCenter& center = centers.back();
    if (center.demand.low * kWide < center.demand.high)
      unknowns.push_back({"how long a request holds " + center.name, "passes that meet nobody are not seen",
                          "capture under more load"});
  }
  std::stable_sort(centers.begin(), centers.end(), [](const ServiceCenter& a, const ServiceCenter& b) {
    return a.demand.value > b.demand.value;
  });
  return centers;
}

}  // namespace plateau::model
