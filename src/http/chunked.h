// The chunked transfer coding (RFC 9112 section 7.1), followed for its length alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plateau::http {

class ChunkDecoder {
 public:
  enum class State : std::uint8_t {
    size_start,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer,
    end_lf,
    done,    // the last chunk and its trailer section are complete
    broken,  // these bytes are not a chunked body
    lost,    // a gap fell where a chunk's size would have been
  };

  // Consumes bytes of the body; stops behind its last byte, or before the byte that breaks it. Returns the
  // count consumed.
  std::size_t feed(std::string_view bytes);

  // Passes over bytes that were not captured: chunk data and the line end that must follow it. What goes on
  // beyond that makes the state `lost`. Returns the count passed over.
  std::uint64_t skip(std::uint64_t bytes);

  State state() const { return state_; }
  bool running() const { return state_ < State::done; }

 private:
  bool take(char c);
  bool take_size(char c);
  void end_size_line() { state_ = remaining_ == 0 ? State::trailer_start : State::data; }

  std::uint64_t remaining_ = 0;  // of the current chunk's data, bytes
  State state_ = State::size_start;
};

// Do these bytes, the last ones sent, end with a last chunk and its trailer section? Evidence, not proof:
// data can look the same.
bool ends_like_chunked(std::string_view tail);

}  // namespace plateau::http
