#include "toolkit/chunked_decoder.h"

namespace plateau::toolkit {
namespace {

constexpr std::uint32_t kMaxOverhead = 16 * 1024;
constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 60;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool allowed_in_line(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace

void ChunkedDecoder::framing(char c) {
  switch (state_) {
    case State::size_first:
    case State::size:
    case State::extension:
      size_digit(c);
      break;
    case State::size_lf:
      size_line_end(c);
      break;
    case State::data_cr:
      expect(c, '\r', State::data_lf);
      break;
    case State::data_lf:
      expect(c, '\n', State::size_first);
      break;
    case State::trailer_start:
    case State::trailer:
      trailer_byte(c);
      break;
    case State::trailer_lf:
      expect(c, '\n', State::trailer_start);
      break;
    case State::end_lf:
      expect(c, '\n', State::done);
      break;
    case State::data:
    case State::done:
    case State::failed:
      break;
  }
}

void ChunkedDecoder::size_digit(char c) {
  const int digit = state_ == State::extension ? -1 : hex_value(c);
  if (digit >= 0 && remaining_ <= kMaxChunk / 16) {
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    state_ = State::size;
  } else if (digit >= 0 || state_ == State::size_first) {
    state_ = State::failed;
  } else if (c == '\r') {
    state_ = State::size_lf;
  } else if (state_ == State::extension ? allowed_in_line(c) : (c == ';' || c == ' ' || c == '\t')) {
    state_ = State::extension;
    count_overhead();
  } else {
    state_ = State::failed;
  }
}

void ChunkedDecoder::size_line_end(char c) {
  expect(c, '\n', remaining_ == 0 ? State::trailer_start : State::data);
}

void ChunkedDecoder::trailer_byte(char c) {
  if (c == '\r') {
    state_ = state_ == State::trailer_start ? State::end_lf : State::trailer_lf;
  } else if (allowed_in_line(c)) {
    state_ = State::trailer;
    count_overhead();
  } else {
    state_ = State::failed;
  }
}

void ChunkedDecoder::count_overhead() {
  if (++overhead_ > kMaxOverhead) state_ = State::failed;
}

}  // namespace plateau::toolkit
