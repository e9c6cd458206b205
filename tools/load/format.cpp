#include "load/format.h"

#include <array>
#include <cstdarg>
#include <cstdio>

namespace plateau::load {

void print(std::string& out, const char* format, ...) {
  std::array<char, 512> line;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  va_end(arguments);
  out += line.data();
}

std::string human_time(double ns) {
  std::string text;
  if (ns < 1e6) {
    print(text, "%.1f us", ns / 1e3);
  } else if (ns < 1e9) {
    print(text, "%.2f ms", ns / 1e6);
  } else {
    print(text, "%.2f s", ns / 1e9);
  }
  return text;
}

}  // namespace plateau::load
