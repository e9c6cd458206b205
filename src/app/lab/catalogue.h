// The experiments that came with this program: tools/lab/*.json, compiled in.
#pragma once

#include <span>
#include <string_view>

namespace plateau::app::lab {

struct Bundled {
  std::string_view name;  // the file's, without .json
  std::string_view text;
};

std::span<const Bundled> bundled();

}  // namespace plateau::app::lab
