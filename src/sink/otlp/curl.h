// OTLP's messages over HTTP, by libcurl, which is loaded for it and not before.
#pragma once

#include <atomic>
#include <memory>

#include "base/result.h"
#include "sink/otlp/settings.h"
#include "sink/otlp/transport.h"

namespace plateau::sink::otlp {

// Posts to the endpoint's /v1/metrics and /v1/traces, gzip'ed. While `hurry` is set no message is waited for
// longer than a moment. For one thread; fails if there is no libcurl, ExitCode::unsupported.
Result<Transport> curl_transport(const Settings& settings, std::shared_ptr<const std::atomic<bool>> hurry);

}  // namespace plateau::sink::otlp
