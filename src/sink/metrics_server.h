// Serves a collector's metrics over HTTP, at /metrics, with prometheus-cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sink/listen_address.h"
#include "sink/metrics.h"

namespace plateau::sink {

class MetricsServer {
 public:
  // Listens from here on. Its threads take no signals. Fails if the address is taken or not to be had.
  static Result<std::unique_ptr<MetricsServer>> start(const ListenAddress& address,
                                                      std::shared_ptr<MetricsCollector> collector);
  // Ends when the scrapes under way have ended.
  ~MetricsServer();

  // "http://127.0.0.1:9464/metrics", with the port that is listened on.
  std::string url() const;
  std::uint16_t port() const { return address_.port; }

 private:
  struct Exposer;
  MetricsServer(ListenAddress address, std::shared_ptr<MetricsCollector> collector);

  ListenAddress address_;
  std::shared_ptr<MetricsCollector> collector_;
  std::unique_ptr<Exposer> exposer_;
};

}  // namespace plateau::sink
