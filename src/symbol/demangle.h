// Linker symbol → readable name.
#pragma once

#include <string>
#include <string_view>

namespace plateau::symbol {

// C++ names are demangled, Rust's legacy names too (without their hash); a version ("@@GLIBC_2.34")
// and glibc's mark of an internal alias ("__GI_") are cut off; anything else, such as Go's names, comes back
// as it is. Very long names are returned undemangled.
std::string demangle(std::string_view symbol);

}  // namespace plateau::symbol
