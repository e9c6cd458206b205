// The page on / and its interface under /api/: docs/page.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sink/flame/graph.h"
#include "sink/live/live_view.h"
#include "sink/page/capture_desk.h"
#include "sink/web/message.h"

namespace plateau::sink::page {

// Null: none came in time.
using Fetch = std::function<std::shared_ptr<const LiveSnapshot>()>;

// A flamegraph of the last while, as plateau flame --kind draws it.
struct Profile {
  std::string kind;
  flame::Graph graph;
};
using FetchProfile = std::function<std::shared_ptr<const Profile>()>;

// What is served, by path. Handlers are thread-safe; all that looks at snapshots costs nothing while nobody
// asks.
// Without `profile` there is no flamegraph but that of the locks' holders; without `captures` there are none.
web::Roads roads(Fetch fetch, FetchProfile profile = {}, std::shared_ptr<CaptureDesk> captures = {});

}  // namespace plateau::sink::page
