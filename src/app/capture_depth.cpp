#include "app/capture_depth.h"

namespace plateau::app {
namespace {

constexpr std::uint64_t kStretchNs = 500'000'000;
constexpr std::uint64_t kHoldNs = 10'000'000'000;
constexpr std::uint64_t kEnough = 100;  // requests in a stretch

}  // namespace

bool CaptureDepth::heads_only(std::uint64_t now_ns, const request::Counters& counters) {
  if (since_ns_ == 0) since_ns_ = now_ns;
  if (needing_more(counters) != needing_more_) {
    if (heads_only_) not_before_ns_ = now_ns + kHoldNs;
    heads_only_ = false;
  } else if (now_ns - since_ns_ < kStretchNs) {
    return heads_only_;
  } else if (now_ns >= not_before_ns_ && counters.requests - requests_ >= kEnough) {
    heads_only_ = true;
  }
  since_ns_ = now_ns;
  requests_ = counters.requests;
  needing_more_ = needing_more(counters);
  return heads_only_;
}

}  // namespace plateau::app
