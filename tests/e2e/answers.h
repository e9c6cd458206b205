// Responses as a strict client reads them off a connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plateau::e2e {

struct Answer {
  int status = 0;
  std::string head;  // with the empty line
  std::string body;  // decoded
  bool chunked = false;
};

// Every response in `bytes`; the connection's end ends the last one if nothing else does. Adds a test failure
// if they do not fill `bytes` exactly or break the framing.
std::vector<Answer> read_answers(std::string_view bytes);

// The `size` bytes of the server's pattern.
std::string pattern(std::size_t size);

}  // namespace plateau::e2e
