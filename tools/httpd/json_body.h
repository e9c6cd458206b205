// JSON in and out, by nlohmann-json; its exceptions end here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plateau::httpd {

// Parses `text` and writes {"size":<bytes of text>,"value":<the same, serialised>} to `out`; the status to
// answer: 200, or 400 with {"error":…} for what is no JSON, not UTF-8, or nested deeper than 64.
int reserialise_json(std::string_view text, std::string& out);

void write_user_json(std::uint64_t id, std::string& out);
void write_order_json(std::uint64_t user, std::uint64_t order, std::string& out);

}  // namespace plateau::httpd
