#include "base/log.h"

#include <cstdio>

namespace plateau {

void log_line(std::string_view text) {
  std::fprintf(stderr, "plateau: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace plateau
