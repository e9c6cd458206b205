#include "http/head.h"

#include "http/field.h"
#include "http/framing_fields.h"
#include "http/start_line.h"

namespace plateau::http {
namespace {

std::size_t count_line_ends(std::string_view bytes) {
  std::size_t n = 0;
  while (n < bytes.size() && is_line_end(bytes[n])) ++n;
  return n;
}

std::string_view without_cr(const char* begin, const char* lf) {
  const char* end = lf != begin && lf[-1] == '\r' ? lf - 1 : lf;
  return {begin, static_cast<std::size_t>(end - begin)};
}

void set_request_line(const RequestLine& line, RequestHead& out) {
  out.method = line.method;
  out.minor_version = line.minor_version;
  out.connect = line.method == "CONNECT";
  out.target = line.target;
  if (line.target.empty() || out.connect) return;
  const TargetParts parts = split_target(line.target);
  out.has_query = parts.has_query;
  out.target = line.target.substr(parts.path_begin, parts.path_end - parts.path_begin);
  if (parts.absolute && out.target.empty()) out.target = "/";
}

// RFC 9112 section 6.3, rules 4 to 7.
bool frame_request(const FramingFields& fields, RequestHead& out) {
  out.keep_alive = fields.keep_alive(out.minor_version) && !(fields.has_coding() && out.minor_version == 0);
  out.expect_continue = fields.expect_continue() && out.minor_version >= 1;
  out.upgrade = fields.upgrade();
  if (fields.faulty()) return false;
  if (fields.has_coding()) {
    out.framing = BodyFraming::chunked;
    return fields.chunked_last();
  }
  if (!fields.has_length()) return true;
  out.framing = BodyFraming::length;
  out.content_length = fields.length();
  return !fields.bad_length();
}

bool has_no_body(const ResponseHead& out, bool request_was_head) {
  return request_was_head || out.tunnel || out.interim || out.status == 204 || out.status == 304;
}

// RFC 9112 section 6.3, rules 1 to 5 and 8.
bool frame_response(const FramingFields& fields, bool request_was_head, bool request_was_connect,
                    ResponseHead& out) {
  out.keep_alive = fields.keep_alive(out.minor_version) && !(fields.has_coding() && out.minor_version == 0);
  out.interim = out.status < 200 && out.status != 101;
  out.tunnel = out.status == 101 || (request_was_connect && out.status >= 200 && out.status < 300);
  if (has_no_body(out, request_was_head)) return true;
  if (fields.faulty()) return false;
  out.framing = BodyFraming::until_close;
  if (fields.has_coding()) {
    if (fields.chunked_last()) out.framing = BodyFraming::chunked;
  } else if (fields.has_length()) {
    out.framing = BodyFraming::length;
    out.content_length = fields.length();
    if (fields.bad_length()) return false;
  }
  if (out.framing == BodyFraming::until_close) out.keep_alive = false;
  return true;
}

}  // namespace

ParseStatus parse_request_head(std::string_view bytes, RequestHead& out) {
  out = RequestHead{};
  const char* const end = bytes.data() + bytes.size();
  const char* const begin = bytes.data() + count_line_ends(bytes);
  if (begin == end) return ParseStatus::incomplete;
  const char* const lf = find_lf(begin, end);
  RequestLine line;
  const bool good = lf != nullptr
                        ? parse_request_line(without_cr(begin, lf), line)
                        : parse_cut_request_line({begin, static_cast<std::size_t>(end - begin)}, line);
  if (!good) return ParseStatus::malformed;
  set_request_line(line, out);
  if (lf == nullptr) return ParseStatus::incomplete;

  FramingFields fields;
  const char* const after = walk_fields(lf + 1, end, [&](Field field, std::string_view value) {
    if (field == Field::traceparent) out.traceparent = value;
    fields.add(field, value);
  });
  const bool framed = frame_request(fields, out);
  if (after == nullptr) return ParseStatus::incomplete;
  out.size = static_cast<std::size_t>(after - bytes.data());
  return framed ? ParseStatus::complete : ParseStatus::malformed;
}

ParseStatus parse_response_head(std::string_view bytes, bool request_was_head, bool request_was_connect,
                                ResponseHead& out) {
  out = ResponseHead{};
  const char* const end = bytes.data() + bytes.size();
  const char* const begin = bytes.data() + count_line_ends(bytes);
  if (begin == end) return ParseStatus::incomplete;
  const char* const lf = find_lf(begin, end);
  const std::string_view line =
      lf != nullptr ? without_cr(begin, lf) : std::string_view(begin, static_cast<std::size_t>(end - begin));
  if (!parse_status_line(line, lf != nullptr, out.minor_version, out.status)) return ParseStatus::malformed;
  if (lf == nullptr) return ParseStatus::incomplete;

  FramingFields fields;
  const char* const after =
      walk_fields(lf + 1, end, [&](Field field, std::string_view value) { fields.add(field, value); });
  const bool framed = frame_response(fields, request_was_head, request_was_connect, out);
  if (after == nullptr) return ParseStatus::incomplete;
  out.size = static_cast<std::size_t>(after - bytes.data());
  return framed ? ParseStatus::complete : ParseStatus::malformed;
}

}  // namespace plateau::http
