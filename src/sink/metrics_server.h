// Serves a collector's metrics over HTTP, at /metrics: as OpenMetrics to scrapers that ask for it, else in
// Prometheus' text format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "sink/listen_address.h"
#include "sink/metrics.h"
#include "sink/web/server.h"

namespace plateau::sink {

class MetricsServer {
 public:
  // Listens from here on; `roads` lead to what else is served. Its thread takes no signals. Fails if the
  // address is taken or not to be had.
  static Result<std::unique_ptr<MetricsServer>> start(const ListenAddress& address,
                                                      std::shared_ptr<MetricsCollector> collector,
                                                      web::Roads roads = {}, web::Security security = {},
                                                      const web::Limits& limits = {});

  // "http://127.0.0.1:9464/metrics", with the port that is listened on.
  std::string url() const;
  Status secure(web::Security security) { return server_->secure(std::move(security)); }
  std::uint16_t port() const { return server_->port(); }

 private:
  explicit MetricsServer(std::unique_ptr<web::Server> server) : server_(std::move(server)) {}

  std::unique_ptr<web::Server> server_;
};

}  // namespace plateau::sink
