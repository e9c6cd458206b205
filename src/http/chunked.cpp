#include "http/chunked.h"

#include <algorithm>

#include "http/text.h"

namespace plateau::http {
namespace {

// Cuts the last line off `text`; false unless a line feed ends it.
bool pop_line(std::string_view& text, std::string_view& line) {
  if (text.empty() || text.back() != '\n') return false;
  text.remove_suffix(1);
  const std::size_t before = text.rfind('\n');
  line = before == std::string_view::npos ? text : text.substr(before + 1);
  text = text.substr(0, text.size() - line.size());
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

bool is_last_chunk(std::string_view line) {
  const std::size_t end = line.find_first_not_of('0');
  if (end == 0 || line.empty()) return false;
  return end == std::string_view::npos || line[end] == ';' || is_blank(line[end]);
}

bool is_trailer(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), is_token_char);
}

}  // namespace

bool ChunkDecoder::take_size(char c) {
  constexpr unsigned kSizeBits = 60;
  const unsigned digit = hex_value(c);
  if (digit < 16) {
    if (remaining_ >> kSizeBits != 0) return false;
    remaining_ = remaining_ * 16 + digit;
    state_ = State::size;
    return true;
  }
  if (state_ == State::size_start) return false;
  if (c == '\n') {
    end_size_line();
  } else {
    state_ = c == '\r' ? State::size_lf : State::extension;
  }
  return is_line_end(c) || is_blank(c) || c == ';';
}

// The states of single characters; false if the character is wrong.
bool ChunkDecoder::take(char c) {
  switch (state_) {
    case State::size_start:
    case State::size:
      return take_size(c);
    case State::size_lf:
      end_size_line();
      return c == '\n';
    case State::data_cr:
      state_ = c == '\r' ? State::data_lf : State::size_start;
      return is_line_end(c);
    case State::data_lf:
      state_ = State::size_start;
      return c == '\n';
    case State::trailer_start:
      state_ = c == '\n' ? State::done : c == '\r' ? State::end_lf : State::trailer;
      return true;
    case State::end_lf:
      state_ = State::done;
      return c == '\n';
    default:
      return false;
  }
}

std::size_t ChunkDecoder::feed(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && running()) {
    if (state_ == State::data) {
      const std::uint64_t n = std::min<std::uint64_t>(remaining_, bytes.size() - at);
      at += static_cast<std::size_t>(n);
      remaining_ -= n;
      if (remaining_ == 0) state_ = State::data_cr;
    } else if (state_ == State::extension || state_ == State::trailer) {
      const std::size_t lf = bytes.find('\n', at);
      if (lf == std::string_view::npos) return bytes.size();
      at = lf + 1;
      if (state_ == State::trailer) {
        state_ = State::trailer_start;
      } else {
        end_size_line();
      }
    } else if (take(bytes[at])) {
      ++at;
    } else {
      state_ = State::broken;
    }
  }
  return at;
}

std::uint64_t ChunkDecoder::skip(std::uint64_t bytes) {
  std::uint64_t passed = 0;
  while (passed < bytes && running()) {
    if (state_ == State::data) {
      const std::uint64_t n = std::min(remaining_, bytes - passed);
      passed += n;
      remaining_ -= n;
      if (remaining_ == 0) state_ = State::data_cr;
    } else if (state_ == State::data_cr || state_ == State::data_lf) {
      state_ = state_ == State::data_cr ? State::data_lf : State::size_start;
      ++passed;
    } else {
      state_ = State::lost;
    }
  }
  return passed;
}

bool ends_like_chunked(std::string_view tail) {
  std::string_view line;
  if (!pop_line(tail, line) || !line.empty()) return false;
  while (pop_line(tail, line)) {
    if (is_last_chunk(line)) return true;
    if (!is_trailer(line)) return false;
  }
  return false;
}

}  // namespace plateau::http
