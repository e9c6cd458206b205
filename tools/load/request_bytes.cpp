#include "load/request_bytes.h"

#include <algorithm>

#include "toolkit/field_text.h"

namespace plateau::load {
namespace {

bool names_host(const std::string& header) {
  return toolkit::same_name(std::string_view(header).substr(0, header.find(':')), "host");
}

std::string fields_of(const Options& options) {
  std::string text;
  if (std::none_of(options.headers.begin(), options.headers.end(), names_host)) {
    text += "Host: " + options.url.authority + "\r\n";
  }
  for (const std::string& header : options.headers) text += header + "\r\n";
  if (!options.keep_alive) text += "Connection: close\r\n";
  const bool has_body = options.body_size > 0 || options.method == "POST" || options.method == "PUT";
  if (has_body) text += "Content-Length: " + std::to_string(options.body_size) + "\r\n";
  return text + "\r\n" + std::string(options.body_size, 'x');
}

}  // namespace

RequestBytes::RequestBytes(const Options& options) {
  const std::string fields = fields_of(options);
  for (const std::string& path : options.paths) {
    texts_.push_back(options.method + " " + path + " HTTP/1.1\r\n" + fields);
  }
}

}  // namespace plateau::load
