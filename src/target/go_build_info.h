// The version of Go that a program was built with, from the section .go.buildinfo (Go's debug/buildinfo).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau::target {

// Bytes of the program's memory image at an address; empty if the image does not hold so many.
using ImageReader = std::function<std::string(std::uint64_t address, std::size_t length)>;

// "go1.19.8", or "devel go1.27-…"; `image` is asked where the section holds a pointer to it (before Go 1.18).
Result<std::string> go_version(std::span<const std::byte> build_info, const ImageReader& image);

// 19 for "go1.19.8"; 0 if it is not a version of Go 1.
unsigned go_minor(std::string_view version);

}  // namespace plateau::target
