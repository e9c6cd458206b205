// The head of an HTTP/1 request and its incremental, allocation-free parser (RFC 9112, sections 2 to 6).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plateau::httpd {

enum class Method : std::uint8_t { get, head, post, options, connect, known_other, unknown };
Method method_kind(std::string_view method);
// A non-empty request target without its query, and without scheme and authority in absolute form.
std::string_view path_of(std::string_view target);

// The fields that are kept, each with the value that came first.
enum class Field : std::uint8_t { request_id, traceparent, timing, if_none_match, if_modified_since, count };
using Fields = std::array<std::string_view, static_cast<std::size_t>(Field::count)>;
inline constexpr Fields kFieldNames = {"x-request-id", "traceparent", "x-plateau-timing", "if-none-match",
                                       "if-modified-since"};

struct HeadLimits {
  std::uint32_t bytes = 16 * 1024;
  std::uint32_t fields = 100;
  std::uint32_t target = 8 * 1024;
};

// Views point into the buffer last given to HeadParser::parse().
struct RequestHead {
  std::string_view method;
  std::string_view path;  // the target without query, and without scheme and authority in absolute form
  Method kind = Method::unknown;
  int minor_version = 1;  // 0 or 1; a higher 1.x counts as 1
  bool keep_alive = true;
  bool expect_continue = false;
  bool chunked = false;
  bool has_length = false;
  std::uint64_t content_length = 0;  // bytes; 0 unless has_length
  Fields fields = {};                // empty: not there

  std::string_view field(Field name) const { return fields[static_cast<std::size_t>(name)]; }
};

enum class HeadStatus : std::uint8_t { incomplete, complete, malformed };

struct HeadResult {
  HeadStatus status = HeadStatus::incomplete;
  std::size_t consumed = 0;  // bytes of the buffer that belong to the head; set when complete
  int error = 0;             // the status to answer when malformed: 400, 414, 417, 431, 501 or 505
};

// A state machine that never looks at a byte twice. Rejected: bare LF, line folding, blanks before a colon,
// conflicting Content-Length, Content-Length beside Transfer-Encoding, HTTP/1.1 without exactly one Host,
// heads above the limits. One empty line before the request line is skipped.
class HeadParser {
 public:
  explicit HeadParser(const HeadLimits& limits = {}) : limits_(limits) {}

  // `buffer` starts at the head's first byte and holds at least what it held at the last call; it may have
  // moved. After complete or malformed call reset() before the next head.
  HeadResult parse(std::string_view buffer);

  // Valid after complete, while the buffer stays where it was.
  const RequestHead& head() const { return head_; }

  void reset() { *this = HeadParser(limits_); }

 private:
  enum class State : std::uint8_t {
    start,
    start_lf,
    method,
    target,
    version,
    line_lf,
    field_start,
    name,
    value_blank,
    value,
    value_lf,
    end_lf,
    complete
  };

  void advance(std::string_view buffer);
  void on_start(char c);
  void on_method(std::string_view buffer);
  void on_target(std::string_view buffer);
  void on_version(std::string_view buffer);
  void on_field_start(char c);
  void on_name(std::string_view buffer);
  void on_value(std::string_view buffer);
  void on_lf(char c, State next);
  void field(std::string_view name, std::string_view value);
  void keep(Field name, std::string_view name_text);
  void content_length(std::string_view value);
  void transfer_encoding(std::string_view value);
  void connection(std::string_view value);
  void finish(std::string_view buffer);
  void fail(int status) { error_ = status; }

  struct Slice {
    std::uint32_t begin = 0, end = 0;
  };

  HeadLimits limits_;
  State state_ = State::start;
  int error_ = 0;
  std::uint32_t at_ = 0;
  std::uint32_t method_begin_ = 0, method_end_ = 0;
  std::uint32_t target_begin_ = 0, target_end_ = 0;
  std::uint32_t version_begin_ = 0;
  std::uint32_t name_begin_ = 0, name_end_ = 0, value_begin_ = 0, value_end_ = 0;
  std::uint32_t hosts_ = 0, fields_ = 0;
  std::array<Slice, static_cast<std::size_t>(Field::count)> kept_ = {};
  bool keeps_ = false;
  bool says_close_ = false, says_keep_alive_ = false, has_encoding_ = false;
  RequestHead head_;
};

}  // namespace plateau::httpd
