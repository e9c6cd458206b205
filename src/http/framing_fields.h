// What the header fields say about where a message ends and whether the connection stays. For this folder
// only.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/field.h"

namespace plateau::http {

class FramingFields {
 public:
  void add(Field field, std::string_view value);

  bool has_length() const { return has_length_; }
  bool bad_length() const { return bad_length_; }  // not a number, too large, or several that differ
  std::uint64_t length() const { return length_; }
  bool has_coding() const { return has_coding_; }  // a transfer coding other than identity
  bool chunked_last() const { return chunked_ && !after_chunked_; }
  bool faulty() const { return faulty_; }
  bool upgrade() const { return upgrade_ && upgrade_listed_; }
  bool expect_continue() const { return expect_continue_; }
  // RFC 9112 section 9.3, for HTTP/1.minor.
  bool keep_alive(int minor) const { return !close_ && (minor >= 1 ? true : keep_alive_); }

 private:
  void add_length(std::string_view value);
  void add_codings(std::string_view value);
  void add_connection(std::string_view value);

  std::uint64_t length_ = 0;
  bool has_length_ = false;
  bool bad_length_ = false;
  bool has_coding_ = false;
  bool chunked_ = false;
  bool after_chunked_ = false;
  bool faulty_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
  bool upgrade_ = false;
  bool upgrade_listed_ = false;
  bool expect_continue_ = false;
};

}  // namespace plateau::http
