// A request's record, packed as it waits to be written, and the line it becomes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "httpd/truth.h"

namespace plateau::httpd {

// A multiple of 8. `stages` are those that the record tells of, here and in pack().
std::size_t packed_size(std::string_view connection, const RequestRecord& record, StageSet stages);
// `space` has `size` = packed_size() bytes, 8-byte aligned.
void pack(char* space, std::size_t size, std::string_view connection, const RequestRecord& record,
          StageSet stages);

// Of the first record in `packed`: its size, an upper bound of its line's, and the line itself, newline
// included, written to `to`; where that ends.
std::size_t first_packed_size(std::string_view packed);
std::size_t most_line_size(std::string_view packed);
char* write_line(char* to, std::string_view packed);

}  // namespace plateau::httpd
