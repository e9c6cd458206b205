// A request's record, packed as it waits to be written, and the line it becomes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "httpd/truth.h"

namespace plateau::httpd {

// A multiple of 8.
std::size_t packed_size(std::string_view connection, const RequestRecord& record);
// `space` has packed_size() bytes, 8-byte aligned.
void pack(char* space, std::string_view connection, const RequestRecord& record);
// Appends the line of the first record in `packed`, newline included. Returns the record's size.
std::size_t append_packed(std::string& out, std::string_view packed);

}  // namespace plateau::httpd
