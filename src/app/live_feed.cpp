#include "app/live_feed.h"

namespace plateau::app {

LiveFeed::LiveFeed(Pipeline& pipeline) : pipeline_(pipeline) {
  pipeline_.on_request([this](const request::Request& request, const attribution::Budget& budget) {
    recent_.add(request, budget, [&] { return pipeline_.aggregate().route_of(request.path); });
  });
  pipeline_.on_pause([this](const wire::Pause& pause) { recent_.add(pause); });
}

std::shared_ptr<const sink::LiveSnapshot> LiveFeed::snapshot(const wire::Facts& facts) const {
  auto summary = attribution::summarise(pipeline_.aggregate(), facts, pipeline_.stitcher().counters(),
                                        pipeline_.malformed_records());
  return std::make_shared<const sink::LiveSnapshot>(
      sink::LiveSnapshot{std::move(summary), recent_.slowest(), recent_.seconds()});
}

}  // namespace plateau::app
