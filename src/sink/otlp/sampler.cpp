#include "sink/otlp/sampler.h"

#include "sink/otlp/traced_request.h"

namespace plateau::sink::otlp {

// Marsaglia's xorshift: what comes in a pattern is not chosen by one.
bool Sampler::chance() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return settings_.sample != 0 && random_ % settings_.sample == 0;
}

bool Sampler::wanted(const request::Request& request, const attribution::Budget& budget) {
  const bool slow = settings_.slower_than_ns != 0 && budget.latency_ns >= settings_.slower_than_ns;
  if (!request.trace.valid()) return slow || chance();
  if (request.trace.sampled) return slow || settings_.sample != 0;
  if (slow) counts_.drop(Signal::traces, Drop::unsampled, spans_in(budget));
  return false;
}

bool Sampler::takes(const request::Request& request, const attribution::Budget& budget) {
  if (!request.measured || !wanted(request, budget)) return false;
  const std::uint64_t second = request.end_ns / 1'000'000'000;
  if (second > second_) {
    second_ = second;
    taken_ = 0;
  }
  if (taken_ < settings_.requests_per_second) {
    taken_++;
    return true;
  }
  counts_.drop(Signal::traces, Drop::rate, spans_in(budget));
  return false;
}

}  // namespace plateau::sink::otlp
