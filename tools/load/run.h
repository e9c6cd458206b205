// A whole run: the threads, and what they did taken together.
#pragma once

#include "base/result.h"
#include "load/address.h"
#include "load/client.h"
#include "load/options.h"
#include "load/tally.h"

namespace plateau::load {

// Puts the load on `address` until the plan is done or `stop_fd` is readable.
Result<Tally> run_load(const Options& options, const Address& address, int stop_fd,
                       const Progress& on_progress);

}  // namespace plateau::load
