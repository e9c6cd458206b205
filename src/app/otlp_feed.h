// What plateau attach exports over OTLP.
#pragma once

#include <memory>

#include "app/pipeline.h"
#include "base/result.h"
#include "sink/metrics.h"
#include "sink/otlp/exporter.h"
#include "wire/facts.h"

namespace plateau::app {

// Null if `settings` name no endpoint. `collector` gets the exporter's counts, and must outlive it.
Result<std::unique_ptr<sink::otlp::Exporter>> start_otlp(const sink::otlp::Settings& settings,
                                                         sink::MetricsCollector& collector);

class OtlpFeed {
 public:
  // Hands the pipeline's requests to `exporter`, which may be null; both must outlive this.
  OtlpFeed(Pipeline& pipeline, sink::otlp::Exporter* exporter);

  void follow(const wire::Facts& facts);

 private:
  sink::otlp::Exporter* exporter_;
};

}  // namespace plateau::app
