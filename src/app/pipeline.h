// Records in, requests and aggregates out: the one road that live captures and capture files share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "attribution/aggregate.h"
#include "attribution/budget.h"
#include "request/stitcher.h"
#include "wire/event.h"
#include "wire/facts.h"

namespace plateau::app {

class Pipeline {
 public:
  using OnRequest = std::function<void(const request::Request&, const attribution::Budget&)>;

  explicit Pipeline(attribution::AggregateLimits limits = {});

  // Called for each request, in the order in which they complete; several callbacks in that of their coming.
  void on_request(OnRequest callback) { on_request_.push_back(std::move(callback)); }

  // Called for each record, each connection's in their order.
  void on_record(request::RecordSink callback) { stitcher_.on_record(std::move(callback)); }

  // Called for each stretch in which nobody looked.
  void on_pause(std::function<void(const wire::Pause&)> callback) { on_pause_ = std::move(callback); }

  // Requests beyond this many are not taken: what is printed and aggregated is exactly these.
  void limit(std::uint64_t requests) { limit_ = requests; }
  bool full() const { return limit_ != 0 && aggregate_.requests() >= limit_; }

  void turn(const wire::Turn& turn) { stitcher_.turn(turn); }
  void close(const wire::Close& close) { stitcher_.close(close); }
  void pause(const wire::Pause& pause) {
    stitcher_.pause(pause);
    aggregate_.add(pause);
    if (on_pause_) on_pause_(pause);
  }
  void stop(const wire::Stop& stop) {
    stitcher_.stop(stop);
    aggregate_.add(stop);
  }
  void holder(const wire::HolderSample& sample) { aggregate_.add(sample); }
  void losses(const request::Losses& lost, std::uint64_t now_ns) { stitcher_.losses(lost, now_ns); }
  void sweep(std::uint64_t now_ns) { stitcher_.sweep(now_ns); }
  void finish() { stitcher_.finish(); }
  void malformed() { malformed_++; }

  attribution::Aggregate& aggregate() { return aggregate_; }
  const attribution::Aggregate& aggregate() const { return aggregate_; }
  const request::Stitcher& stitcher() const { return stitcher_; }
  std::uint64_t malformed_records() const { return malformed_; }

 private:
  void take(const request::Request& request);

  attribution::Aggregate aggregate_;
  request::Stitcher stitcher_;
  std::vector<OnRequest> on_request_;
  std::function<void(const wire::Pause&)> on_pause_;
  std::uint64_t limit_ = 0;
  std::uint64_t malformed_ = 0;
};

}  // namespace plateau::app
