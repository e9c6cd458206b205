#include "load/response_reader.h"

#include <charconv>

#include "toolkit/field_text.h"

namespace plateau::load {
namespace {

constexpr std::size_t kMaxHead = 64 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

using toolkit::same_name;

}  // namespace

void ResponseReader::begin(bool head_only) {
  state_ = State::head;
  head_only_ = head_only;
  closes_ = keeps_ = chunked_ = has_length_ = false;
  bytes_ = 0;
  remaining_ = 0;
  body_bytes_ = 0;
  hash_ = kFnvStart;
  partial_.clear();
}

std::size_t ResponseReader::feed(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && !done() && !malformed()) {
    const std::string_view rest = bytes.substr(at);
    at += state_ == State::head ? feed_head(rest) : feed_body(rest);
  }
  bytes_ += at;
  return at;
}

bool ResponseReader::ended() {
  if (state_ == State::body_until_close) state_ = State::done;
  return done();
}

// The usual case, a head that is whole in `bytes`, copies nothing.
std::size_t ResponseReader::feed_head(std::string_view bytes) {
  if (partial_.empty()) {
    const std::size_t end = bytes.find(kHeadEnd);
    if (end != std::string_view::npos) {
      if (!parse_head(bytes.substr(0, end + 2))) state_ = State::malformed;
      return end + kHeadEnd.size();
    }
  }
  const std::size_t before = partial_.size();
  const std::size_t search_from = before < 3 ? 0 : before - 3;
  partial_.append(bytes);
  const std::size_t end = partial_.find(kHeadEnd, search_from);
  if (end == std::string::npos) {
    if (partial_.size() > kMaxHead) state_ = State::malformed;
    return bytes.size();
  }
  if (!parse_head(std::string_view(partial_).substr(0, end + 2))) state_ = State::malformed;
  partial_.clear();
  return end + kHeadEnd.size() - before;
}

std::size_t ResponseReader::feed_body(std::string_view bytes) {
  if (state_ == State::body_until_close) {
    take_body(bytes);
    return bytes.size();
  }
  if (state_ == State::body_length) {
    const std::string_view taken = bytes.substr(0, remaining_);
    take_body(taken);
    remaining_ -= taken.size();
    if (remaining_ == 0) state_ = State::done;
    return taken.size();
  }
  const std::size_t taken = decoder_.feed(bytes, [this](std::string_view data) { take_body(data); });
  if (decoder_.failed()) state_ = State::malformed;
  if (decoder_.done()) state_ = State::done;
  return taken;
}

void ResponseReader::take_body(std::string_view data) {
  body_bytes_ += data.size();
  if (hashes_) hash_ = fnv1a(data, hash_);
}

// `head` holds whole lines, each with its CRLF, and not the empty one.
bool ResponseReader::parse_head(std::string_view head) {
  closes_ = keeps_ = chunked_ = has_length_ = false;
  bool first = true;
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos || end == 0 || head[end - 1] != '\r') return false;
    const std::string_view line = head.substr(0, end - 1);
    if (!(first ? parse_status_line(line) : parse_field(line))) return false;
    head.remove_prefix(end + 1);
    first = false;
  }
  if (chunked_ && has_length_) return false;
  choose_body();
  return true;
}

bool ResponseReader::parse_status_line(std::string_view line) {
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || line[8] != ' ') return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  if (!toolkit::is_digit(line[7])) return false;
  minor_version_ = line[7] - '0';
  const auto [stop, error] = std::from_chars(line.data() + 9, line.data() + 12, status_);
  return error == std::errc() && stop == line.data() + 12 && status_ >= 100 && status_ <= 599;
}

bool ResponseReader::parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = line.substr(0, colon);
  if (name.size() == 14 && same_name(name, "content-length")) {
    return parse_length(toolkit::trim(line.substr(colon + 1)));
  }
  if (name.size() == 17 && same_name(name, "transfer-encoding")) {
    chunked_ = same_name(toolkit::trim(line.substr(colon + 1)), "chunked");
    return chunked_;
  }
  if (name.size() == 10 && same_name(name, "connection")) {
    toolkit::for_each_in_list(line.substr(colon + 1), [this](std::string_view option) {
      closes_ |= same_name(option, "close");
      keeps_ |= same_name(option, "keep-alive");
    });
  }
  return true;
}

bool ResponseReader::parse_length(std::string_view value) {
  std::uint64_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, length);
  if (error != std::errc() || stop != end) return false;
  if (has_length_ && length != remaining_) return false;
  has_length_ = true;
  remaining_ = length;
  return true;
}

void ResponseReader::choose_body() {
  if (status_ < 200) {
    state_ = State::head;
    remaining_ = 0;
    return;
  }
  if (minor_version_ == 0 && !keeps_) closes_ = true;
  if (head_only_ || status_ == 204 || status_ == 304 || (has_length_ && remaining_ == 0)) {
    state_ = State::done;
  } else if (chunked_) {
    decoder_ = {};
    state_ = State::body_chunked;
  } else if (has_length_) {
    state_ = State::body_length;
  } else {
    closes_ = true;
    state_ = State::body_until_close;
  }
}

}  // namespace plateau::load
