// Whole files as text.
#pragma once

#include <string>

namespace plateau {

// As much of it as can be read, none included: what a file in /proc tells of ends with its process.
std::string read_text(const std::string& path);

}  // namespace plateau
