#include "httpd/response.h"

#include <algorithm>
#include <charconv>

#include "httpd/http_date.h"
#include "httpd/shared_body.h"
#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

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
    const std::string_view run = SharedBody::instance().run(offset, count);
    out.append(run);
    offset += run.size();
    count -= run.size();
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
  in_place_left_ = 0;
  tail_ = {};
  out_.clear();
  more_ = !reply.head_only && reply.framing != Framing::none;
  if (mode_ == BodyMode::single && more_) out_.reserve(512 + reply.body.size());
  append_head(out_, reply_);
  if (!copies() && more_) return begin_in_place();
  if (mode_ == BodyMode::buffered) return;
  while (more_) append_piece(reply_.framing == Framing::chunked ? kChunkPiece : kMaxBody);
}

// A chunked body is one chunk.
void ResponseWriter::begin_in_place() {
  constexpr std::string_view kEnd = "\r\n0\r\n\r\n";
  more_ = false;
  in_place_left_ = reply_.body.size();
  if (reply_.framing != Framing::chunked) return;
  tail_ = kEnd;
  if (in_place_left_ == 0) {
    tail_.remove_prefix(2);
  } else {
    append_hex(out_, in_place_left_);
    out_.append("\r\n");
  }
}

Output ResponseWriter::output() const {
  return {.head = std::string_view(out_).substr(sent_),
          .shared = reply_.body.is_pattern(),
          .text = reply_.body.text(),
          .body_at = body_at_,
          .body_left = in_place_left_,
          .tail = tail_};
}

std::string_view ResponseWriter::pending() const {
  if (sent_ < out_.size()) return std::string_view(out_).substr(sent_);
  if (in_place_left_ == 0) return tail_;
  if (!reply_.body.is_pattern()) return reply_.body.text().substr(body_at_, in_place_left_);
  return SharedBody::instance().run(body_at_, in_place_left_);
}

void ResponseWriter::sent(std::size_t count) {
  const std::size_t of_out = std::min(count, out_.size() - sent_);
  sent_ += of_out;
  count -= of_out;
  const std::uint64_t of_body = std::min<std::uint64_t>(count, in_place_left_);
  body_at_ += of_body;
  in_place_left_ -= of_body;
  tail_.remove_prefix(count - of_body);
  if (sent_ == out_.size() && copies()) refill();
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
