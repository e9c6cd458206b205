// Where OpenTelemetry's data goes, what of it, and in whose name: from flags, and from OpenTelemetry's
// environment variables where there is no flag. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace plateau::sink::otlp {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Settings {
  std::string endpoint{};  // of OTLP over HTTP, without /v1/…; empty: nothing is exported
  Pairs headers{};
  std::string certificates{};  // file of those to trust; empty: the system's
  std::string service_name{};  // empty: the target's command
  Pairs attributes{};          // of the resource, beside our own
  std::uint64_t interval_ns = 10'000'000'000;
  std::uint64_t slower_than_ns = 0;         // requests this slow have spans; 0: for slowness none
  std::uint64_t sample = 0;                 // one in so many has; 0: none is sampled
  std::uint64_t requests_per_second = 100;  // that have spans, at most

  bool enabled() const { return !endpoint.empty(); }
  bool traces() const { return enabled() && (slower_than_ns != 0 || sample != 0); }
};

// "name=value", as in --otlp-header.
Result<std::pair<std::string, std::string>> parse_header(std::string_view text);

// An environment variable's value; empty: there is none.
using Environment = std::function<std::string(const char* name)>;

// `flags` with what they leave open taken from OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS and _CERTIFICATE,
// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, checked; ExitCode::usage.
Result<Settings> complete(Settings flags, const Environment& environment);

}  // namespace plateau::sink::otlp
