// The rows of the table of switches that are about engines and planted bottlenecks, and what cannot go
// together among them.
#pragma once

#include <functional>
#include <span>

#include "httpd/switches.h"

namespace plateau::httpd {

std::span<const Switch> bottleneck_switches();

// `given` tells whether a switch was on the command line.
Status check_bottlenecks(const Options& options, const std::function<bool(std::string_view)>& given);

// Whether answers kept by --hot-path are what the rest of the server would say: nothing is planted, counted
// or logged by request.
bool hot_path_applies(const Options& options);

}  // namespace plateau::httpd
