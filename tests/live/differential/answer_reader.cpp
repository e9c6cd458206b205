#include "differential/answer_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace plateau::live {
namespace {

// `name` in small letters.
std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  std::string small(head);
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::size_t at = small.find("\r\n" + std::string(name) + ": ");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::uint64_t number(std::string_view text, int base) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

}  // namespace

void AnswerReader::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (!broken_ && step()) {
  }
}

bool AnswerReader::step() {
  switch (part_) {
    case Part::head:
      return take_head();
    case Part::body:
    case Part::rest:
    case Part::chunk:
      return take_body();
    case Part::chunk_line:
      return take_chunk_line();
    case Part::trailer:
      return take_trailer();
  }
  return false;
}

bool AnswerReader::take_head() {
  const std::size_t end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string head = buffer_.substr(0, end + 4);
  buffer_.erase(0, head.size());
  bytes_ += head.size();
  broken_ = !head.starts_with("HTTP/1.");
  status_ = static_cast<int>(number(head.substr(9, 3), 10));
  if (status_ < 200) {
    ++interim_;
    return true;
  }
  const std::string method = answers_.size() < methods_.size() ? methods_[answers_.size()] : "";
  if (method == "HEAD" || status_ == 204 || status_ == 304) {
    finish();
  } else {
    begin_body(head);
  }
  return true;
}

void AnswerReader::begin_body(std::string_view head) {
  if (field(head, "transfer-encoding") == "chunked") {
    part_ = Part::chunk_line;
    return;
  }
  const auto length = field(head, "content-length");
  left_ = length ? number(*length, 10) : UINT64_MAX;
  part_ = length ? Part::body : Part::rest;
  if (left_ == 0) finish();
}

void AnswerReader::end() {
  if (part_ == Part::rest) finish();
}

// Of a chunk its line end too.
bool AnswerReader::take_body() {
  const std::uint64_t taken = std::min<std::uint64_t>(left_, buffer_.size());
  if (taken == 0) return false;
  buffer_.erase(0, taken);
  bytes_ += taken;
  body_ += taken;
  left_ -= taken;
  if (left_ > 0) return false;
  if (part_ == Part::chunk) body_ -= 2;
  if (part_ == Part::body) {
    finish();
  } else {
    part_ = Part::chunk_line;
  }
  return true;
}

std::string AnswerReader::take_line() {
  const std::size_t end = buffer_.find("\r\n");
  if (end == std::string::npos) return {};
  std::string line = buffer_.substr(0, end + 2);
  buffer_.erase(0, line.size());
  bytes_ += line.size();
  return line;
}

bool AnswerReader::take_chunk_line() {
  const std::string line = take_line();
  if (line.empty()) return false;
  const std::uint64_t size = number(line, 16);
  left_ = size + 2;
  part_ = size == 0 ? Part::trailer : Part::chunk;
  return true;
}

bool AnswerReader::take_trailer() {
  const std::string line = take_line();
  if (line == "\r\n") finish();
  return !line.empty();
}

void AnswerReader::finish() {
  answers_.push_back({status_, bytes_, body_});
  bytes_ = body_ = 0;
  part_ = Part::head;
}

}  // namespace plateau::live
