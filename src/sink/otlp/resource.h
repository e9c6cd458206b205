// In whose name data is exported.
#pragma once

#include <opentelemetry/proto/common/v1/common.pb.h>
#include <opentelemetry/proto/resource/v1/resource.pb.h>

#include <string>

#include "sink/otlp/settings.h"
#include "sink/otlp/target.h"

namespace plateau::sink::otlp {

using Resource = opentelemetry::proto::resource::v1::Resource;

// service.name and service.instance.id (host and port, the same over restarts; without a port host and PID),
// host.name, process.pid, process.executable.name; then the user's, whose values go before ours.
Resource resource_of(const Target& target, const std::string& host, const Settings& settings);

// Who measured it.
opentelemetry::proto::common::v1::InstrumentationScope scope();

}  // namespace plateau::sink::otlp
