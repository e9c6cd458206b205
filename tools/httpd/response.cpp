#include "httpd/response.h"

#include <algorithm>
#include <charconv>

#include "httpd/http_date.h"
#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kPatternSize = 64 * 1024;
constexpr std::uint64_t kBufferedPiece = 4 * 1024;
constexpr std::uint64_t kChunkPiece = 16 * 1024;
constexpr std::size_t kKeepCapacity = 256 * 1024;

struct Phrase {
  int status;
  std::string_view text;
};

constexpr Phrase kPhrases[] = {{200, "OK"},
                               {204, "No Content"},
                               {304, "Not Modified"},
                               {400, "Bad Request"},
                               {403, "Forbidden"},
                               {404, "Not Found"},
                               {405, "Method Not Allowed"},
                               {408, "Request Timeout"},
                               {413, "Content Too Large"},
                               {414, "URI Too Long"},
                               {417, "Expectation Failed"},
                               {431, "Request Header Fields Too Large"},
                               {500, "Internal Server Error"},
                               {501, "Not Implemented"},
                               {503, "Service Unavailable"},
                               {505, "HTTP Version Not Supported"}};

const std::string& pattern_text() {
  static const std::string text = [] {
    std::string made;
    made.reserve(kPatternSize);
    for (std::size_t i = 0; i < kPatternSize; ++i) {
      made.push_back(i % 64 == 63 ? '\n' : static_cast<char>('0' + (i + i / 64) % 64));
    }
    return made;
  }();
  return text;
}

void append_hex(std::string& out, std::uint64_t value) {
  char digits[16];
  const auto result = std::to_chars(digits, digits + sizeof digits, value, 16);
  out.append(digits, static_cast<std::size_t>(result.ptr - digits));
}

void append_framing(std::string& out, const Reply& reply) {
  if (reply.framing == Framing::none) return;
  out.append("Content-Type: ").append(reply.type).append("\r\n");
  if (reply.framing == Framing::length) {
    out.append("Content-Length: ");
    toolkit::append_number(out, reply.body.size());
    out.append("\r\n");
  } else if (reply.framing == Framing::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
}

}  // namespace

void Body::append_to(std::string& out, std::uint64_t offset, std::uint64_t count) const {
  if (!text_.empty()) {
    out.append(text_.substr(offset, count));
    return;
  }
  while (count > 0) {
    const std::uint64_t from = offset % kPatternSize;
    const std::uint64_t run = std::min(count, kPatternSize - from);
    out.append(pattern_text(), from, run);
    offset += run;
    count -= run;
  }
}

std::string_view reason_phrase(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Status";
}

void append_head(std::string& out, const Reply& reply) {
  out.append("HTTP/1.1 ");
  toolkit::append_number(out, static_cast<std::uint64_t>(reply.status));
  out.append(" ").append(reason_phrase(reply.status));
  out.append("\r\nServer: plateau-httpd\r\nDate: ").append(http_date()).append("\r\n");
  append_framing(out, reply);
  if (!reply.allow.empty()) out.append("Allow: ").append(reply.allow).append("\r\n");
  out.append(reply.fields);
  if (reply.close) out.append("Connection: close\r\n");
  if (reply.announce_keep_alive && !reply.close) out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
}

Canned::Canned(std::uint64_t body_size) {
  Reply reply;
  reply.body = Body::pattern(body_size);
  append_head(text_, reply);
  date_at_ = text_.find("Date: ") + 6;
  reply.body.append_to(text_, 0, body_size);
}

void Canned::copy_to(std::string& out) const {
  out.assign(text_);
  const std::string_view date = http_date();
  std::copy(date.begin(), date.end(), out.begin() + static_cast<std::ptrdiff_t>(date_at_));
}

void ResponseWriter::begin(const Canned& canned) {
  more_ = false;
  sent_ = 0;
  canned.copy_to(out_);
}

void ResponseWriter::begin(const Reply& reply) {
  reply_ = reply;
  body_at_ = 0;
  sent_ = 0;
  out_.clear();
  more_ = !reply.head_only && reply.framing != Framing::none;
  if (mode_ == BodyMode::single && more_) out_.reserve(512 + reply.body.size());
  append_head(out_, reply_);
  if (mode_ == BodyMode::buffered) return;
  while (more_) append_piece(reply_.framing == Framing::chunked ? kChunkPiece : kMaxBody);
}

void ResponseWriter::sent(std::size_t count) {
  sent_ += count;
  if (sent_ == out_.size()) refill();
}

void ResponseWriter::refill() {
  out_.clear();
  sent_ = 0;
  if (more_) append_piece(kBufferedPiece);
  if (out_.empty() && out_.capacity() > kKeepCapacity) out_.shrink_to_fit();
}

void ResponseWriter::append_piece(std::uint64_t most) {
  const std::uint64_t count = std::min(most, reply_.body.size() - body_at_);
  const bool chunked = reply_.framing == Framing::chunked;
  if (chunked && count > 0) {
    append_hex(out_, count);
    out_.append("\r\n");
  }
  reply_.body.append_to(out_, body_at_, count);
  body_at_ += count;
  more_ = body_at_ < reply_.body.size();
  if (!chunked) return;
  if (count > 0) out_.append("\r\n");
  if (!more_) out_.append("0\r\n\r\n");
}

}  // namespace plateau::httpd
