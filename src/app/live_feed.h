// What live views show, gathered from a capture as it goes.
#pragma once

#include <memory>

#include "app/pipeline.h"
#include "attribution/recent.h"
#include "sink/live/live_view.h"

namespace plateau::app {

class LiveFeed {
 public:
  // Takes the pipeline's requests from here on; `pipeline` must outlive this.
  explicit LiveFeed(Pipeline& pipeline);
  LiveFeed(const LiveFeed&) = delete;
  LiveFeed& operator=(const LiveFeed&) = delete;

  std::shared_ptr<const sink::LiveSnapshot> snapshot(const wire::Facts& facts) const;

 private:
  Pipeline& pipeline_;
  attribution::Recent recent_;
};

}  // namespace plateau::app
