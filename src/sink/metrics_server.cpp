#include "sink/metrics_server.h"

#include <utility>

#include "sink/exposition.h"
#include "sink/metric_set.h"
#include "sink/web/negotiation.h"

namespace plateau::sink {
namespace {

constexpr const char* kPath = "/metrics";

void add_counts(const web::Counts& counts, MetricSet& set) {
  set.add(Metric::web_requests, static_cast<double>(counts.requests));
  set.add(Metric::web_evicted, static_cast<double>(counts.evicted));
  set.add(Metric::web_denied, static_cast<double>(counts.denied));
}

web::Answer answer(const MetricsCollector& collector, const web::Request& request) {
  const Scrape scrape = collector.scrape();
  const bool openmetrics = web::prefers_openmetrics(request.header("accept"));
  const Exposition format = openmetrics ? Exposition::openmetrics : Exposition::text;
  return {200, std::string(content_type(format)), write_exposition(scrape, format), {}};
}

}  // namespace

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const ListenAddress& address,
                                                            std::shared_ptr<MetricsCollector> collector,
                                                            web::Roads roads, web::Security security,
                                                            const web::Limits& limits) {
  const auto counts = std::make_shared<web::Counts>();
  collector->also([counts](MetricSet& set) { add_counts(*counts, set); });
  roads[kPath] = [collector](const web::Request& request) { return answer(*collector, request); };
  auto server = web::Server::start(address, std::move(roads), std::move(security), limits, counts);
  if (!server) return server.error();
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(*server)));
}

std::string MetricsServer::url() const {
  return server_->url() + kPath;
}

}  // namespace plateau::sink
