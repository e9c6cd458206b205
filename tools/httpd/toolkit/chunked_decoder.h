// Decoder of the chunked transfer coding (RFC 9112, section 7.1). Pure: bytes in, data out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plateau::toolkit {

class ChunkedDecoder {
 public:
  // Consumes from `bytes` up to the body's end and hands each run of body data to on_data(string_view).
  // Returns the bytes consumed: all of them unless the body ended (done()) or broke (failed()).
  template <class OnData>
  std::size_t feed(std::string_view bytes, OnData&& on_data) {
    std::size_t at = 0;
    while (at < bytes.size() && !done() && !failed()) {
      if (state_ != State::data) {
        framing(bytes[at++]);
        continue;
      }
      const std::string_view data = bytes.substr(at, remaining_);
      on_data(data);
      at += data.size();
      remaining_ -= data.size();
      if (remaining_ == 0) state_ = State::data_cr;
    }
    return at;
  }

  bool done() const { return state_ == State::done; }
  // A bare LF, a size that is not hexadecimal or above 2^60, or more than 16 KiB of extensions and trailers.
  bool failed() const { return state_ == State::failed; }

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer,
    trailer_lf,
    end_lf,
    done,
    failed
  };

  void framing(char c);
  void size_digit(char c);
  void size_line_end(char c);
  void trailer_byte(char c);
  void expect(char c, char wanted, State next) { state_ = c == wanted ? next : State::failed; }
  void count_overhead();

  State state_ = State::size_first;
  std::uint64_t remaining_ = 0;
  std::uint32_t overhead_ = 0;
};

}  // namespace plateau::toolkit
