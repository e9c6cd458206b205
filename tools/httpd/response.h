// Responses: their heads, bodies, and the writer that hands them to the kernel piece by piece. Pure but for
// the date.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "httpd/options.h"

namespace plateau::httpd {

// Body bytes: a text somebody else keeps, or `size` bytes of a fixed printable pattern.
class Body {
 public:
  Body() = default;
  static Body text(std::string_view text) { return Body(text, text.size()); }
  static Body pattern(std::uint64_t size) { return Body({}, size); }

  std::uint64_t size() const { return size_; }
  // Empty for a pattern.
  std::string_view text() const { return text_; }
  bool is_pattern() const { return text_.empty(); }
  // Appends the `count` bytes from `offset` on; offset + count <= size().
  void append_to(std::string& out, std::uint64_t offset, std::uint64_t count) const;

 private:
  Body(std::string_view text, std::uint64_t size) : text_(text), size_(size) {}

  std::string_view text_;
  std::uint64_t size_ = 0;
};

enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct Reply {
  int status = 200;
  Framing framing = Framing::length;
  bool head_only = false;            // HEAD: the fields without the body
  bool close = false;                // announce that the connection ends here
  bool announce_keep_alive = false;  // to an HTTP/1.0 client that asked for it
  std::string_view type = "text/plain";
  std::string_view allow = {};
  std::string_view fields = {};  // more of them, as whole lines
  Body body = {};
};

std::string_view reason_phrase(int status);

// Appends status line and fields, up to and including the empty line.
void append_head(std::string& out, const Reply& reply);

// The answer to a plain "GET /", made in advance; only its date changes.
class Canned {
 public:
  explicit Canned(std::uint64_t body_size);
  void copy_to(std::string& out) const;

 private:
  std::string text_;
  std::size_t date_at_;
};

// What of a response is still to be sent: head, then body, then tail. With single and buffered all of it is
// in `head`.
struct Output {
  std::string_view head = {};
  bool shared = false;         // the body is of the shared pattern, else of `text`
  std::string_view text = {};  // the whole body
  std::uint64_t body_at = 0;
  std::uint64_t body_left = 0;
  std::string_view tail = {};
};

// Gives out a response in the pieces the body mode asks for: single is one piece; buffered is the head, then
// pieces of 4 KiB of body, each copied into the buffer first; the others leave the body where it is.
class ResponseWriter {
 public:
  explicit ResponseWriter(BodyMode mode) : mode_(mode) {}

  void begin(const Reply& reply);
  void begin(const Canned& canned);

  // The bytes to write next in one call; empty once all has been sent. Valid until the next call.
  std::string_view pending() const;
  // All that is still to be written, for those who can write it in one call.
  Output output() const;
  // `count` of the pending bytes, or of the output's, were accepted.
  void sent(std::size_t count);

 private:
  bool copies() const { return mode_ == BodyMode::single || mode_ == BodyMode::buffered; }
  void begin_in_place();
  void refill();
  void append_piece(std::uint64_t most);

  BodyMode mode_;
  Reply reply_;
  bool more_ = false;  // the body, or the end of its chunks, is still to come
  std::uint64_t body_at_ = 0;
  std::string out_;
  std::size_t sent_ = 0;             // of out_
  std::uint64_t in_place_left_ = 0;  // of a body that is not copied into out_
  std::string_view tail_;            // after it
};

}  // namespace plateau::httpd
