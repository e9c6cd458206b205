// Named sets of switches: the rungs of the ladder, and what each other lab begins with.
#pragma once

#include <span>
#include <string_view>

#include "httpd/options.h"

namespace plateau::httpd {

struct Preset {
  std::string_view name;
  std::string_view meaning;
  void (*apply)(Options& options);
};

std::span<const Preset> presets();

}  // namespace plateau::httpd
