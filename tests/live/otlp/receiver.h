// A receiver of OTLP over HTTP that reads what it gets with the official definitions.
#pragma once

#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

struct MHD_Daemon;

namespace plateau::live {

using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;

class OtlpReceiver {
 public:
  // On a free port of 127.0.0.1. The first `refusals` messages are answered with 503 and Retry-After: 1.
  explicit OtlpReceiver(std::size_t refusals);
  ~OtlpReceiver();
  OtlpReceiver(const OtlpReceiver&) = delete;
  OtlpReceiver& operator=(const OtlpReceiver&) = delete;

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // What was taken so far. A message that is none fails the running test.
  std::vector<ExportMetricsServiceRequest> metrics() const;
  std::vector<ExportTraceServiceRequest> traces() const;
  std::size_t refused() const;

  // The receiver's own: a whole message; the status to answer with.
  unsigned take(const std::string& path, const std::string& header, const std::string& packed);

 private:
  mutable std::mutex mutex_;
  std::vector<ExportMetricsServiceRequest> metrics_;
  std::vector<ExportTraceServiceRequest> traces_;
  std::size_t to_refuse_;
  std::size_t refused_ = 0;
  MHD_Daemon* daemon_ = nullptr;
  std::uint16_t port_ = 0;
};

}  // namespace plateau::live
