// What every connection shares. Outlives them all.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "httpd/access_log.h"
#include "httpd/body_sender.h"
#include "httpd/options.h"
#include "httpd/response.h"
#include "httpd/static_files.h"
#include "httpd/stop_signals.h"
#include "httpd/tls_context.h"
#include "httpd/truth.h"
#include "httpd/watchdog.h"
#include "httpd/workload.h"

namespace plateau::httpd {

struct Service {
  Service(Options chosen, std::unique_ptr<Truth> log)
      : options(std::move(chosen)),
        workload(options),
        canned(options.size),
        truth(std::move(log)),
        watchdog(options.protocol) {}

  // Opens what the switches name: the logs, the directory, the certificate.
  static Result<std::unique_ptr<Service>> make(const Options& chosen);

  bool wants_peer() const { return truth != nullptr || access_log != nullptr; }
  void flush_logs();

  // From the first of `signals` on, responses close their connection, whatever the engine is busy with, and a
  // second one ends the process. `signals` is a signalfd and outlives the service. The descriptor that the
  // first one makes readable, for the engine.
  Result<int> heed(int signals);

  // Call it once the stop descriptor is readable and the last connections are accepted, from every loop: idle
  // connections are woken.
  void begin_stopping();

  const Options options;
  Workload workload;
  const Canned canned;
  const std::unique_ptr<Truth> truth;     // null: none is kept
  std::unique_ptr<AccessLog> access_log;  // likewise
  std::unique_ptr<StaticFiles> files;     // null: there are none
  std::unique_ptr<TlsContext> tls;        // null: none
  Watchdog watchdog;
  std::atomic<std::uint64_t> connections{0};  // accepted so far
  ZerocopyCounts zerocopy;
  std::atomic<bool> stopping{false};  // set once; responses close their connection from then on
  std::optional<StopSignals> stop_signals;
};

}  // namespace plateau::httpd
