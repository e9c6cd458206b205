// Reads past a request's body, counting and, where asked, hashing it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "httpd/request_head.h"
#include "toolkit/chunked_decoder.h"

namespace plateau::httpd {

class BodyReader {
 public:
  // The body that `head` announces follows.
  void begin(const RequestHead& head, bool hashed);

  // Consumes bytes of the body and returns how many.
  std::size_t feed(std::string_view bytes);

  bool done() const { return done_; }
  // 0, or the status to answer: 400 broken chunks, 413 above kMaxBody.
  int error() const { return error_; }

  std::uint64_t size() const { return size_; }    // bytes of body data so far
  std::uint64_t fnv1a() const { return fnv1a_; }  // 64-bit FNV-1a of them, if hashed

 private:
  void take(std::string_view data);

  bool chunked_ = false;
  bool hashed_ = false;
  bool done_ = true;
  int error_ = 0;
  std::uint64_t remaining_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t fnv1a_ = 0;
  toolkit::ChunkedDecoder decoder_;
};

}  // namespace plateau::httpd
