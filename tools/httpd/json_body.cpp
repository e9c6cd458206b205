#include "httpd/json_body.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace plateau::httpd {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 64;

struct TooDeep : std::runtime_error {
  TooDeep() : std::runtime_error("nested deeper than 64") {}
};

Json parse_bounded(std::string_view text) {
  const auto guard = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) throw TooDeep();
    return true;
  };
  return Json::parse(text.begin(), text.end(), guard);
}

void write(const Json& json, std::string& out) {
  out = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  out.push_back('\n');
}

// "[json.exception.parse_error.101] parse error …" without the library's number.
std::string_view told(std::string_view message) {
  const std::size_t end = message.find("] ");
  return message.starts_with('[') && end != std::string_view::npos ? message.substr(end + 2) : message;
}

}  // namespace

int reserialise_json(std::string_view text, std::string& out) {
  try {
    write(Json{{"size", text.size()}, {"value", parse_bounded(text)}}, out);
    return 200;
  } catch (const std::exception& error) {
    write(Json{{"error", told(error.what())}}, out);
    return 400;
  }
}

void write_user_json(std::uint64_t id, std::string& out) {
  write(Json{{"id", id}, {"name", "user"}}, out);
}

void write_order_json(std::uint64_t user, std::uint64_t order, std::string& out) {
  write(Json{{"user", user}, {"order", order}}, out);
}

}  // namespace plateau::httpd
