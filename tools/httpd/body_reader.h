// Reads past a request's body, counting and, where asked, hashing or keeping it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "httpd/request_head.h"
#include "toolkit/chunked_decoder.h"

namespace plateau::httpd {

enum class BodyUse : std::uint8_t { count, hash, keep };

// Where the data of a body goes, whatever framed it.
class BodySink {
 public:
  void begin(BodyUse use);
  void take(std::string_view data);

  std::uint64_t size() const { return size_; }       // bytes so far
  std::uint64_t fnv1a() const { return fnv1a_; }     // 64-bit FNV-1a of them, if hashed
  const std::string& text() const { return text_; }  // them, if kept

 private:
  BodyUse use_ = BodyUse::count;
  std::uint64_t size_ = 0;
  std::uint64_t fnv1a_ = 0;
  std::string text_;
};

// HTTP/1's framing of a body.
class BodyReader {
 public:
  // The body that `head` announces follows, of at most `max` bytes.
  void begin(const RequestHead& head, std::uint64_t max);

  // Consumes bytes of the body and returns how many; their data goes to `sink`.
  std::size_t feed(std::string_view bytes, BodySink& sink);

  bool done() const { return done_; }
  // 0, or the status to answer: 400 broken chunks, 413 above the limit.
  int error() const { return error_; }

 private:
  bool chunked_ = false;
  bool done_ = true;
  int error_ = 0;
  std::uint64_t max_ = 0;
  std::uint64_t remaining_ = 0;
  toolkit::ChunkedDecoder decoder_;
};

}  // namespace plateau::httpd
