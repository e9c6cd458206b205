// The flags of plateau attach that say what is exported over OTLP, and where to.
#pragma once

#include <CLI/CLI.hpp>

#include "sink/otlp/settings.h"

namespace plateau::app {

void add_otlp(CLI::App* command, sink::otlp::Settings& settings);

// With the environment, checked.
Result<sink::otlp::Settings> complete_otlp(const sink::otlp::Settings& flags);

}  // namespace plateau::app
