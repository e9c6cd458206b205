// The page's own files, put into the program when it is built.
#pragma once

#include <string_view>
#include <vector>

namespace plateau::sink::page {

struct Asset {
  std::string_view name;  // "page.js"
  std::string_view text;
};

const std::vector<Asset>& assets();

}  // namespace plateau::sink::page
