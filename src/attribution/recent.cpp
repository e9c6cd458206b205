#include "attribution/recent.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace plateau::attribution {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;

bool slower_request(const RecentRequest& a, const RecentRequest& b) {
  return a.example.budget.latency_ns > b.example.budget.latency_ns;
}

}  // namespace

// Ends come nearly in order: one of an earlier second counts in the one that is under way.
void Recent::count(std::uint64_t end_ns, const Budget& budget) {
  const std::uint64_t second = end_ns / kSecondNs;
  if (second > open_.second) {
    close_second();
    open_.second = second;
  }
  open_.count++;
  for (std::size_t i = 0; i < kStages; i++) open_.stage_ns[i] += budget.ns[i];
  latency_.add(budget.latency_ns);
}

void Recent::close_second() {
  if (open_.count || open_.paused_ns) {
    open_.p50_ns = latency_.quantile(0.5);
    open_.p99_ns = latency_.quantile(0.99);
    if (past_.size() < kSeconds) {
      past_.push_back(open_);
    } else {
      past_[oldest_] = open_;
      oldest_ = (oldest_ + 1) % kSeconds;
    }
  }
  open_ = {};
  latency_ = {};
}

// A pause is told at its end, or when it begins with none of it over.
void Recent::add(const wire::Pause& pause) {
  std::uint64_t from = pause.fixed->from_ns;
  const std::uint64_t to = pause.fixed->to_ns;
  while (from < to) {
    const std::uint64_t second = from / kSecondNs, end = std::min(to, (second + 1) * kSecondNs);
    if (second > open_.second) {
      close_second();
      open_.second = second;
    }
    if (second == open_.second) open_.paused_ns += end - from;
    from = end;
  }
}

bool Recent::slow_enough(std::uint64_t end_ns, const Budget& budget) {
  const std::uint64_t generation = end_ns / kGenerationNs;
  if (generation > generation_) {
    before_ = generation == generation_ + 1 ? std::exchange(slowest_, {}) : std::vector<RecentRequest>{};
    slowest_.clear();
    generation_ = generation;
  }
  return slowest_.size() < kSlowest || budget.latency_ns > slowest_.front().example.budget.latency_ns;
}

void Recent::keep(RecentRequest request) {
  if (slowest_.size() == kSlowest) {
    std::pop_heap(slowest_.begin(), slowest_.end(), slower_request);
    slowest_.pop_back();
  }
  slowest_.push_back(std::move(request));
  std::push_heap(slowest_.begin(), slowest_.end(), slower_request);
}

std::vector<RecentSecond> Recent::seconds() const {
  std::vector<RecentSecond> list(past_.begin() + static_cast<std::ptrdiff_t>(oldest_), past_.end());
  list.insert(list.end(), past_.begin(), past_.begin() + static_cast<std::ptrdiff_t>(oldest_));
  if (open_.count == 0 && open_.paused_ns == 0) return list;
  list.push_back(open_);
  list.back().p50_ns = latency_.quantile(0.5);
  list.back().p99_ns = latency_.quantile(0.99);
  return list;
}

std::vector<RecentRequest> Recent::slowest() const {
  auto list = slowest_;
  list.insert(list.end(), before_.begin(), before_.end());
  std::sort(list.begin(), list.end(), [](const RecentRequest& a, const RecentRequest& b) {
    return std::tie(b.example.budget.latency_ns, a.example.ready_ns) <
           std::tie(a.example.budget.latency_ns, b.example.ready_ns);
  });
  return list;
}

}  // namespace plateau::attribution
