// The processes that a user names as the target; those below them in the process tree belong to it too.
#pragma once

#include <sys/types.h>

#include <vector>

#include "app/source.h"
#include "base/result.h"

namespace plateau::app {

// By options.pids, options.port or options.comm, of which one is set. An error if there is no such process.
Result<std::vector<pid_t>> find_roots(const CaptureOptions& options);

}  // namespace plateau::app
