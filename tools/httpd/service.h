// What every connection shares. Outlives them all.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "httpd/body_sender.h"
#include "httpd/options.h"
#include "httpd/response.h"
#include "httpd/truth.h"
#include "httpd/workload.h"

namespace plateau::httpd {

struct Service {
  Service(Options chosen, std::unique_ptr<Truth> log)
      : options(std::move(chosen)), workload(options), canned(options.size), truth(std::move(log)) {}

  const Options options;
  Workload workload;
  const Canned canned;
  const std::unique_ptr<Truth> truth;         // null: none is kept
  std::atomic<std::uint64_t> connections{0};  // accepted so far
  ZerocopyCounts zerocopy;
  std::atomic<bool> stopping{false};  // set once; responses close their connection from then on
};

}  // namespace plateau::httpd
