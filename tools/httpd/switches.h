// The one table of switches: it feeds the command line, its help and --list-switches.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "httpd/options.h"

namespace plateau::httpd {

struct Switch {
  std::string_view name;      // without the dashes
  std::string_view values;    // what it takes
  std::string_view standard;  // the default, as typed; empty: off
  std::string_view meaning;
  std::string_view symptom;  // what it plants, as a tool should see it; empty: nothing of its own
  Status (*apply)(Options& options, std::string_view value);
};

std::span<const Switch> switches();

// The text of --list-switches.
std::string list_switches();

}  // namespace plateau::httpd
