#include "http/scrub.h"

#include <algorithm>
#include <string_view>

#include "http/field.h"
#include "http/start_line.h"

namespace plateau::http {
namespace {

constexpr char kBlanked = 'x';

void blank(char* begin, char* end) {
  std::replace_if(
      begin, end, [](char c) { return !is_line_end(c); }, kBlanked);
}

std::string_view view(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

// Blanks may end the target of a line that was cut: they stay, so that it is still seen to end there.
void blank_but_blanks(char* begin, char* end) {
  std::replace_if(
      begin, end, [](char c) { return !is_line_end(c) && !is_blank(c); }, kBlanked);
}

void scrub_request_line(char* begin, char* end, bool whole) {
  const std::string_view line = view(begin, end);
  RequestLine parsed;
  const bool http = whole ? parse_request_line(line, parsed) : parse_cut_request_line(line, parsed);
  if (!http) return blank(begin, end);
  if (parsed.method.empty() || parsed.method == "CONNECT") return;
  const std::size_t at = line.find_first_not_of(" \t", parsed.method.size());
  if (at == std::string_view::npos) return;
  const std::string_view target = whole ? parsed.target : line.substr(at);
  const TargetParts parts = split_target(target);
  const std::size_t after_mark = std::min(parts.path_end + 1, target.size());
  const auto blank_part = whole ? blank : blank_but_blanks;
  blank_part(begin + at + parts.authority_begin, begin + at + parts.path_begin);
  blank_part(begin + at + after_mark, begin + at + target.size());
}

// True if the line is a status line (or may become one).
bool scrub_status_line(char* begin, char* end, bool whole) {
  constexpr std::ptrdiff_t kReasonAt = 13;
  int minor_version = 0;
  int status = 0;
  if (!parse_status_line(view(begin, end), whole, minor_version, status)) return false;
  if (end - begin > kReasonAt) blank(begin + kReasonAt, end);
  return true;
}

// A header line, or the folded continuation of one; `kept` tells whether the field it belongs to keeps its
// value, and is updated.
void scrub_field(char* begin, char* end, bool& kept) {
  char* value = begin;
  if (begin == end || !is_blank(*begin)) {
    std::size_t value_at = 0;
    const Field field = begin == end ? Field::other : field_of(view(begin, end), value_at);
    kept = field != Field::other && field != Field::faulty;
    char* const colon = std::find(begin, end, ':');
    value = colon == end ? begin : colon + 1;
  }
  if (kept) return;
  while (value != end && is_blank(*value)) ++value;
  blank(value, end);
}

bool is_blank_line(const char* begin, const char* end) {
  return begin == end || (end - begin == 1 && *begin == '\r');
}

}  // namespace

std::size_t scrub_head(std::span<char> head) {
  char* at = head.data();
  char* const end = at + head.size();
  while (at != end && is_line_end(*at)) ++at;
  bool first = true;
  bool kept = false;
  while (at != end) {
    char* const lf = std::find(at, end, '\n');
    const bool whole = lf != end;
    if (!first && whole && is_blank_line(at, lf)) return static_cast<std::size_t>(lf + 1 - head.data());
    char* const line_end = lf != at && lf[-1] == '\r' ? lf - 1 : lf;
    if (!first) {
      scrub_field(at, line_end, kept);
    } else if (!scrub_status_line(at, line_end, whole)) {
      scrub_request_line(at, line_end, whole);
    }
    first = false;
    at = whole ? lf + 1 : end;
  }
  return head.size();
}

}  // namespace plateau::http
