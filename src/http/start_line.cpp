#include "http/start_line.h"

#include <algorithm>

#include "http/text.h"

namespace plateau::http {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";

// The size of the method a line begins with: 0 if it has none, npos if it goes on to the line's end.
std::size_t method_size(std::string_view line) {
  const std::size_t limit = std::min(line.size(), kTellingPrefix);
  std::size_t n = 0;
  while (n < limit && is_token_char(line[n])) ++n;
  if (n > kMaxMethod || n == 0) return n == 0 && line.empty() ? std::string_view::npos : 0;
  if (n == line.size()) return std::string_view::npos;
  return is_blank(line[n]) ? n : 0;
}

std::string_view skip_blanks(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  return s;
}
std::string_view drop_blanks(std::string_view s) {
  while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
  return s;
}

// The size of "scheme://", or 0.
std::size_t scheme_size(std::string_view target) {
  std::size_t n = 0;
  while (n < target.size() && is_alpha(target[n])) ++n;
  return n > 0 && target.substr(n, 3) == "://" ? n + 3 : 0;
}

}  // namespace

bool parse_request_line(std::string_view line, RequestLine& out) {
  const std::size_t method = method_size(line);
  if (method == 0 || method == std::string_view::npos) return false;
  line = drop_blanks(line);
  constexpr std::size_t kVersionSize = kVersion.size() + 1;
  if (line.size() < method + kVersionSize + 1) return false;
  const std::string_view version = line.substr(line.size() - kVersionSize);
  if (version.substr(0, kVersion.size()) != kVersion || !is_digit(version.back())) return false;
  const std::string_view rest = line.substr(method, line.size() - kVersionSize - method);
  if (!is_blank(rest.back())) return false;
  out.method = line.substr(0, method);
  out.target = drop_blanks(skip_blanks(rest));
  out.minor_version = version.back() - '0';
  return !out.target.empty();
}

bool parse_cut_request_line(std::string_view line, RequestLine& out) {
  const std::size_t method = method_size(line);
  if (method == 0) return false;
  if (method == std::string_view::npos) return true;
  out.method = line.substr(0, method);
  const std::string_view rest = skip_blanks(line.substr(method));
  const std::size_t end = rest.find_first_of("?# \t");
  if (end == std::string_view::npos) return true;
  out.target = rest.substr(0, rest[end] == '?' ? end + 1 : end);
  return true;
}

bool parse_status_line(std::string_view line, bool whole, int& minor_version, int& status) {
  constexpr std::string_view kShape = "HTTP/1.d ddd";
  status = 0;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (i == line.size()) return !whole;
    if (kShape[i] == 'd' ? !is_digit(line[i]) : kShape[i] != line[i]) return false;
  }
  if (line.size() > kShape.size() && !is_blank(line[kShape.size()]) && line[kShape.size()] != '\r')
    return false;
  minor_version = line[7] - '0';
  status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return status >= 100;
}

TargetParts split_target(std::string_view target) {
  TargetParts parts;
  parts.authority_begin = target.front() == '/' ? 0 : scheme_size(target);
  parts.absolute = parts.authority_begin > 0;
  std::size_t end = parts.authority_begin;
  while (end < target.size() && target[end] != '?' && target[end] != '#') ++end;
  parts.path_end = end;
  parts.has_query = end < target.size() && target[end] == '?';
  if (parts.absolute) {
    parts.path_begin = std::min(target.find('/', parts.authority_begin), parts.path_end);
  }
  return parts;
}

}  // namespace plateau::http
