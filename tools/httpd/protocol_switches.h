// The rows of the table of switches that are about the protocol, and what cannot go together among them.
#pragma once

#include <functional>
#include <span>

#include "httpd/switches.h"

namespace plateau::httpd {

std::span<const Switch> protocol_switches();

// `given` tells whether a switch was on the command line.
Status check_protocol(const Options& options, const std::function<bool(std::string_view)>& given);

}  // namespace plateau::httpd
