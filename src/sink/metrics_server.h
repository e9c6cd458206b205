// Serves a collector's metrics over HTTP, at /metrics.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sink/listen_address.h"
#include "sink/metrics.h"
#include "sink/web/message.h"

namespace plateau::sink {

class MetricsServer {
 public:
  // Listens from here on; `roads` lead to what else is served. Its threads take no signals. Fails if the
  // address is taken or not to be had.
  static Result<std::unique_ptr<MetricsServer>> start(const ListenAddress& address,
                                                      std::shared_ptr<MetricsCollector> collector,
                                                      web::Roads roads = {});
  // Ends when the scrapes under way have ended.
  ~MetricsServer();

  // "http://127.0.0.1:9464/metrics", with the port that is listened on.
  std::string url() const;
  std::uint16_t port() const { return address_.port; }

 private:
  struct Web;
  explicit MetricsServer(ListenAddress address);

  ListenAddress address_;
  std::unique_ptr<Web> web_;
};

}  // namespace plateau::sink
