#include "attribution/examples.h"

#include <algorithm>
#include <tuple>

namespace plateau::attribution {
namespace {

bool slower(const Example& a, const Example& b) {
  return a.budget.latency_ns > b.budget.latency_ns;
}

// Marsaglia's xorshift: the same requests give the same report.
std::uint64_t next(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

}  // namespace

Example example_of(const request::Request& r, const Budget& budget) {
  Example e;
  e.method = r.method.substr(0, 16);
  e.path = r.path.substr(0, kLongestPath);
  e.status = r.status;
  e.conn = r.conn;
  e.seq = r.seq;
  e.reader_tid = r.reader_tid;
  e.writer_tid = r.writer_tid;
  e.ready_ns = r.ready_ns;
  e.recv_ns = r.recv_ns;
  e.first_send_ns = r.first_send_ns;
  e.end_ns = r.end_ns;
  e.bytes_out = r.bytes_out;
  e.retransmits = r.retransmits;
  e.budget = budget;
  return e;
}

void Examples::add(const request::Request& request, const Budget& budget) {
  seen_++;
  if (slowest_.size() < kSlowest || budget.latency_ns > slowest_.front().budget.latency_ns) {
    if (slowest_.size() == kSlowest) {
      std::pop_heap(slowest_.begin(), slowest_.end(), slower);
      slowest_.pop_back();
    }
    slowest_.push_back(example_of(request, budget));
    std::push_heap(slowest_.begin(), slowest_.end(), slower);
  }
  if (others_.size() < kOthers) {
    others_.push_back(example_of(request, budget));
  } else if (const std::uint64_t place = next(random_) % seen_; place < kOthers) {
    others_[place] = example_of(request, budget);
  }
}

std::vector<Example> Examples::slowest() const {
  auto list = slowest_;
  std::sort(list.begin(), list.end(), [](const Example& a, const Example& b) {
    return std::tie(b.budget.latency_ns, a.ready_ns) < std::tie(a.budget.latency_ns, b.ready_ns);
  });
  return list;
}

std::optional<Example> Examples::nearest(std::uint64_t latency_ns) const {
  const auto apart = [&](const Example& e) {
    return e.budget.latency_ns > latency_ns ? e.budget.latency_ns - latency_ns
                                            : latency_ns - e.budget.latency_ns;
  };
  const auto found =
      std::min_element(others_.begin(), others_.end(),
                       [&](const Example& a, const Example& b) { return apart(a) < apart(b); });
  return found == others_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace plateau::attribution
