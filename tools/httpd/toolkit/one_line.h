// Error messages are one line, whatever the user typed.
#pragma once

#include <string>

#include "base/result.h"

namespace plateau::toolkit {

// The error with every control character of its message made a blank.
inline Error one_line(Error error) {
  for (char& c : error.message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return error;
}

}  // namespace plateau::toolkit
