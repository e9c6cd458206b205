#pragma once

#include <string>

#include "base/result.h"

namespace plateau::app {

// Replaces the file's contents.
Status write_file(const std::string& path, const std::string& contents);

}  // namespace plateau::app
