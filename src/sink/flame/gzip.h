// Whole strings through gzip. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace plateau::sink::flame {

// `level`: from 1 (fast) to 9 (small); -1: zlib's own choice.
std::string gzip(std::string_view bytes, int level = -1);
bool is_gzip(std::string_view bytes);

// Fails on what is damaged, and on more than `most` bytes.
Result<std::string> gunzip(std::string_view bytes, std::size_t most);

}  // namespace plateau::sink::flame
