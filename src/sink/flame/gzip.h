// Whole strings through gzip. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau::sink::flame {

std::string gzip(std::string_view bytes);
bool is_gzip(std::string_view bytes);

// Fails on what is damaged, and on more than `most` bytes.
Result<std::string> gunzip(std::string_view bytes, std::size_t most);

}  // namespace plateau::sink::flame
