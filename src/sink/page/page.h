// The page on / and its interface under /api/: docs/page.md.
#pragma once

#include <functional>
#include <memory>

#include "sink/live/live_view.h"
#include "sink/web/message.h"

namespace plateau::sink::page {

// Null: none came in time.
using Fetch = std::function<std::shared_ptr<const LiveSnapshot>()>;

// What is served, by path. Handlers are thread-safe; all that looks at snapshots costs nothing while nobody
// asks.
web::Roads roads(Fetch fetch);

}  // namespace plateau::sink::page
