#include "load/request_bytes.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "toolkit/field_text.h"

namespace plateau::load {
namespace {

// A body up to this size is kept behind its head: one piece to write, at the price of a copy for each target.
constexpr std::size_t kSmallBody = 4096;

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
  const bool has_body = !options.body.empty() || options.method == "POST" || options.method == "PUT";
  if (options.chunk_size > 0) {
    text += "Transfer-Encoding: chunked\r\n";
  } else if (has_body) {
    text += "Content-Length: " + std::to_string(options.body.size()) + "\r\n";
  }
  return text + "\r\n";
}

void append_hex(std::string& out, std::uint64_t value) {
  std::array<char, 16> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16);
  out.append(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
}

}  // namespace

std::string chunked(std::string_view body, std::uint64_t chunk_size) {
  std::string out;
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, chunk_size);
    append_hex(out, chunk.size());
    out.append("\r\n").append(chunk).append("\r\n");
    body.remove_prefix(chunk.size());
  }
  return out + "0\r\n\r\n";
}

RequestBytes::RequestBytes(const Options& options)
    : order_(options.targets, options.seed),
      body_(options.chunk_size > 0 ? chunked(options.body, options.chunk_size) : options.body) {
  const std::string fields = fields_of(options);
  const bool small = body_.size() <= kSmallBody;
  for (const Target& target : options.targets) {
    Request request;
    request.head = options.method + " " + target.path + " HTTP/1.1\r\n" + fields + (small ? body_ : "");
    if (!small) request.body = body_;
    request.target = static_cast<std::uint32_t>(requests_.size());
    requests_.push_back(std::move(request));
  }
}

}  // namespace plateau::load
