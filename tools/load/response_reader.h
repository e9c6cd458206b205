// Follows responses on one connection: status line, framing, the body's length and, if asked, its hash. Keeps
// nothing of the body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "load/fnv.h"
#include "toolkit/chunked_decoder.h"

namespace plateau::load {

class ResponseReader {
 public:
  // Bodies are to be hashed from the next response on.
  void hash_bodies() { hashes_ = true; }

  // The next response answers a HEAD request if `head_only`.
  void begin(bool head_only);

  // Consumes bytes up to the response's end; returns how many. Interim responses (1xx) are passed over.
  std::size_t feed(std::string_view bytes);

  // The server closed. True if that is what ends this response.
  bool ended();

  bool done() const { return state_ == State::done; }
  // Not HTTP/1, contradictory framing, or a head above 64 KiB.
  bool malformed() const { return state_ == State::malformed; }
  bool started() const { return bytes_ > 0; }

  int status() const { return status_; }          // valid once done
  bool closes() const { return closes_; }         // the server will take no more requests here; once done
  std::uint64_t bytes() const { return bytes_; }  // on the wire so far, heads and framing included
  std::uint64_t body_bytes() const { return body_bytes_; }  // of the body so far, framing not included
  std::uint64_t body_hash() const { return hash_; }         // FNV-1a of them, if asked for

 private:
  enum class State : std::uint8_t { head, body_length, body_chunked, body_until_close, done, malformed };

  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void take_body(std::string_view data);
  bool parse_head(std::string_view head);
  bool parse_status_line(std::string_view line);
  bool parse_field(std::string_view line);
  bool parse_length(std::string_view value);
  void choose_body();

  State state_ = State::head;
  bool hashes_ = false;
  bool head_only_ = false;
  bool closes_ = false;
  bool keeps_ = false;
  bool chunked_ = false;
  bool has_length_ = false;
  int minor_version_ = 1;
  int status_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t remaining_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::uint64_t hash_ = kFnvStart;
  std::string partial_;  // a head that has not come to its end
  toolkit::ChunkedDecoder decoder_;
};

}  // namespace plateau::load
