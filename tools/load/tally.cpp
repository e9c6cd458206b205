#include "load/tally.h"

#include <algorithm>

namespace plateau::load {
namespace {

template <std::size_t size>
void add(std::array<std::uint64_t, size>& to, const std::array<std::uint64_t, size>& from) {
  for (std::size_t i = 0; i < size; ++i) to[i] += from[i];
}

}  // namespace

void Counts::merge(const Counts& other) {
  latency_ns.merge(other.latency_ns);
  sent += other.sent;
  answered += other.answered;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  add(status_class, other.status_class);
  add(errors, other.errors);
  add(mismatches, other.mismatches);
}

double StepTally::throughput() const {
  return end_ns > start_ns ? static_cast<double>(in_window) * 1e9 / static_cast<double>(end_ns - start_ns)
                           : 0;
}

Counts Tally::total() const {
  Counts sum;
  for (const StepTally& step : steps) sum.merge(step.counts);
  return sum;
}

void Tally::merge(const Tally& other) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i].planned += other.steps[i].planned;
    steps[i].in_window += other.steps[i].in_window;
    steps[i].counts.merge(other.steps[i].counts);
  }
  handshake_ns.merge(other.handshake_ns);
  handshakes_full += other.handshakes_full;
  handshakes_resumed += other.handshakes_resumed;
  connects += other.connects;
  resent += other.resent;
  unsent += other.unsent;
  unfinished += other.unfinished;
  start_ns = std::min(start_ns, other.start_ns);
  end_ns = std::max(end_ns, other.end_ns);
  if (first_mismatch.empty()) first_mismatch = other.first_mismatch;
  interrupted |= other.interrupted;
}

}  // namespace plateau::load
