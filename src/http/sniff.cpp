#include "http/sniff.h"

#include <algorithm>
#include <array>

#include "http/start_line.h"
#include "http/text.h"

namespace plateau::http {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kPrefaceTold = 12;  // "PRI * HTTP/2"

bool is_preface_so_far(std::string_view bytes) {
  return bytes.substr(0, kPreface.size()) == kPreface.substr(0, bytes.size());
}

Protocol sniff_tls(std::string_view bytes) {
  constexpr char kMajorVersion = 3;
  if (bytes.size() >= 2 && bytes[1] != kMajorVersion) return Protocol::other;
  if (bytes.size() >= 3 && bytes[2] > 4) return Protocol::other;
  return bytes.size() >= 3 ? Protocol::tls : Protocol::undecided;
}

bool target_tells(std::string_view line) {
  const std::size_t method_end = line.find_first_of(" \t");
  if (method_end == std::string_view::npos) return false;
  const std::size_t target = line.find_first_not_of(" \t", method_end);
  if (target == std::string_view::npos) return false;
  const std::string_view rest = line.substr(target);
  return rest.front() == '/' || rest.front() == '*' || rest.substr(0, 4) == "http";
}

std::string_view skip_line_ends(std::string_view bytes) {
  while (!bytes.empty() && is_line_end(bytes.front())) bytes.remove_prefix(1);
  return bytes;
}

// Those of the IANA registry that servers meet.
constexpr std::array<std::string_view, 20> kMethods{
    "GET",   "HEAD", "POST", "PUT",       "DELETE", "CONNECT", "OPTIONS", "TRACE",  "PATCH", "PROPFIND",
    "MKCOL", "COPY", "MOVE", "PROPPATCH", "LOCK",   "UNLOCK",  "REPORT",  "SEARCH", "MERGE", "PURGE"};

}  // namespace

Protocol sniff_request(std::string_view bytes) {
  constexpr char kTlsHandshake = 0x16;
  if (!bytes.empty() && bytes.front() == kTlsHandshake) return sniff_tls(bytes);
  bytes = skip_line_ends(bytes);
  if (bytes.size() >= kPrefaceTold && is_preface_so_far(bytes)) return Protocol::http2_preface;
  RequestLine parsed;
  const std::size_t lf = bytes.find('\n');
  if (lf != std::string_view::npos) {
    const std::size_t end = lf > 0 && bytes[lf - 1] == '\r' ? lf - 1 : lf;
    return parse_request_line(bytes.substr(0, end), parsed) ? Protocol::http1 : Protocol::other;
  }
  if (!parse_cut_request_line(bytes, parsed)) return Protocol::other;
  if (is_preface_so_far(bytes)) return Protocol::undecided;
  return target_tells(bytes) ? Protocol::http1 : Protocol::undecided;
}

bool looks_like_request(std::string_view bytes) {
  const Protocol protocol = sniff_request(bytes);
  return protocol == Protocol::http1 || protocol == Protocol::undecided;
}

bool begins_inside(std::string_view bytes) {
  bytes = skip_line_ends(bytes);
  const std::string_view method = bytes.substr(0, bytes.find(' '));
  const bool whole = method.size() < bytes.size();
  return std::none_of(kMethods.begin(), kMethods.end(), [&](std::string_view known) {
    return whole ? known == method : known.starts_with(method);
  });
}

bool looks_like_response(std::string_view bytes) {
  bytes = skip_line_ends(bytes);
  int minor_version = 0;
  int status = 0;
  const std::size_t lf = bytes.find('\n');
  return parse_status_line(bytes.substr(0, lf), lf != std::string_view::npos, minor_version, status);
}

}  // namespace plateau::http
