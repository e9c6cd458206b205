#include "base/log.h"

#include <cstdio>
#include <utility>

namespace plateau {
namespace {

std::function<void(std::string_view)>& diversion() {
  static std::function<void(std::string_view)> take;
  return take;
}

}  // namespace

void log_line(std::string_view text) {
  if (diversion()) return diversion()(text);
  std::fprintf(stderr, "plateau: %.*s\n", static_cast<int>(text.size()), text.data());
}

void divert_log(std::function<void(std::string_view)> take) {
  diversion() = std::move(take);
}

}  // namespace plateau
