#include "request/scrubbed_direction.h"

#include <algorithm>

#include "http/scrub.h"

namespace plateau::request {
namespace {

constexpr char kBlank = 'x';
constexpr char kForeign = '?';  // begins no HTTP/1 message: what was none stays none

bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

void fill(std::span<char> bytes, char with) {
  std::replace_if(
      bytes.begin(), bytes.end(), [](char c) { return !is_line_end(c); }, with);
}

bool begins_version(std::string_view word) {
  return std::string_view("HTTP/1.0\r").starts_with(word) || std::string_view("HTTP/1.1\r").starts_with(word);
}

// The beginning of a field's name or of the version, at the end of a head that goes on: these stay.
std::string cut_word(std::string_view head) {
  const std::size_t lf = head.rfind('\n');
  if (lf == std::string_view::npos) {
    const std::size_t blank = head.rfind(' ');
    const std::string_view word = blank == std::string_view::npos ? "" : head.substr(blank + 1);
    return begins_version(word) ? std::string(word) : "";
  }
  const std::string_view line = head.substr(lf + 1);
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return std::all_of(line.begin(), line.end(), in_name) ? std::string(line) : "";
}

}  // namespace

void ScrubMap::end_record(bool pending, std::uint64_t offset) {
  if (pending && !in_body_) pieces_.push_back({next_head_, offset - next_head_, false, true});
}

void ScrubMap::restart(std::uint64_t offset) {
  next_head_ = offset;
  in_body_ = false;
  chunked_ = false;
  begun_.clear();
}

void ScrubMap::skip(std::uint64_t bytes) {
  if (chunked_) chunks_.skip(bytes);
}

// Chunk sizes and line ends are framing; data, extensions and trailers are not.
void ScrubMap::blank_body(std::span<char> bytes) {
  using State = http::ChunkDecoder::State;
  if (!chunked_) return fill(bytes, kBlank);
  for (char& c : bytes) {
    const State before = chunks_.state();
    const bool data = before == State::data;
    const bool framing = chunks_.running() && !data && before != State::extension &&
                         before != State::trailer && before != State::trailer_start;
    chunks_.feed({&c, 1});
    const bool kept = (framing && chunks_.state() != State::broken) || (!data && is_line_end(c));
    if (!kept) c = kBlank;
  }
}

// A head that goes on from an earlier record is scrubbed together with its beginning.
void ScrubMap::blank_head(std::span<char> bytes, const Piece& piece, std::uint64_t start) {
  std::string whole;
  if (piece.offset < start) whole.swap(begun_);
  const std::size_t before = whole.size();
  whole.append(bytes.data(), bytes.size());
  if (piece.pending) begun_ = whole;
  if ((piece.foreign || piece.pending) && !begins_(whole)) {
    fill(whole, piece.foreign ? kForeign : kBlank);
  } else {
    const std::string word = piece.pending ? cut_word(whole) : std::string();
    const std::size_t head = http::scrub_head(whole);
    if (piece.foreign) fill(std::span(whole).subspan(head), kBlank);
    whole.replace(whole.size() - word.size(), word.size(), word);
  }
  std::copy(whole.begin() + static_cast<std::ptrdiff_t>(before), whole.end(), bytes.begin());
}

void ScrubMap::blank(std::span<char> bytes, std::uint64_t start) {
  std::size_t at = 0;
  const auto place = [&](std::uint64_t offset) {
    return offset <= start ? 0
                           : static_cast<std::size_t>(std::min<std::uint64_t>(offset - start, bytes.size()));
  };
  for (const Piece& piece : pieces_) {
    const std::size_t begin = std::max(at, place(piece.offset));
    const bool endless = piece.size > UINT64_MAX - piece.offset;
    const std::size_t end = endless ? bytes.size() : std::max(begin, place(piece.offset + piece.size));
    blank_body(bytes.subspan(at, begin - at));
    blank_head(bytes.subspan(begin, end - begin), piece, start);
    at = end;
    chunked_ = piece.chunked;
    chunks_ = {};
  }
  blank_body(bytes.subspan(at));
  pieces_.clear();
}

}  // namespace plateau::request
