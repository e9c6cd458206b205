// The first line of a message. For this folder only.
#pragma once

#include <cstddef>
#include <string_view>

namespace plateau::http {

// Longer methods are not taken for HTTP.
inline constexpr std::size_t kMaxMethod = 32;

// Bytes from which a wrong start of a first line can always be told without seeing the line's end.
inline constexpr std::size_t kTellingPrefix = kMaxMethod + 1;

struct RequestLine {
  std::string_view method;  // empty while not known
  std::string_view target;  // as on the wire, query included; empty while its end is not known
  int minor_version = 0;
};

// The line without its line end. Tolerates several blanks between the parts, blanks inside the target and
// blanks at the end, as servers do.
bool parse_request_line(std::string_view line, RequestLine& out);
// A line whose end was not seen; false if it cannot become a request line.
bool parse_cut_request_line(std::string_view line, RequestLine& out);

// "HTTP/1.x nnn", with or without a reason. `line` may lack its end; false if it cannot become a status line,
// or if it is whole and is not one. Leaves status 0 while it is not known.
bool parse_status_line(std::string_view line, bool whole, int& minor_version, int& status);

// Where in a target its parts are. path_begin … path_end is the path (empty in "http://host").
struct TargetParts {
  std::size_t authority_begin = 0;  // of an absolute-form target; else begin and end are equal
  std::size_t path_begin = 0;
  std::size_t path_end = 0;  // the query, if any, starts here with '?'
  bool has_query = false;
  bool absolute = false;
};
TargetParts split_target(std::string_view target);

}  // namespace plateau::http
