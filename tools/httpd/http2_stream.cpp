#include "httpd/http2_stream.h"

#include <algorithm>

namespace plateau::httpd {
namespace {

constexpr std::size_t kFieldOverhead = 32;  // RFC 9113, section 6.5.2

}  // namespace

int Http2Stream::add_field(std::string_view name, std::string_view value, const ProtocolOptions& limits) {
  field_bytes_ += name.size() + value.size() + kFieldOverhead;
  if (!name.starts_with(':')) ++field_count_;
  if (field_bytes_ > limits.max_head || field_count_ > limits.max_headers) return 431;
  if (name == ":method") {
    method_ = value;
  } else if (name == ":path") {
    path_ = value;
  } else if (name == "expect") {
    expects_continue_ = value == "100-continue";
  } else {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].empty() && name == kFieldNames[i]) fields_[i] = value;
    }
  }
  return 0;
}

void Http2Stream::head_complete(bool keep) {
  begun = true;
  RequestHead head;
  head.method = method_;
  head.kind = method_kind(method_);
  head.path = path_.empty() ? std::string_view() : path_of(path_);
  for (std::size_t i = 0; i < fields_.size(); ++i) head.fields[i] = fields_[i];
  exchange_.begin(head);
  if (!keep) return;
  record_.method = head.method;
  record_.path = head.path;
}

Reply& Http2Stream::answer() {
  reply_ = exchange_.answer(record_.stages);
  record_.status = reply_.status;
  return reply_;
}

std::size_t Http2Stream::read_body(char* to, std::size_t size, bool& last) {
  const std::uint64_t count = std::min<std::uint64_t>(size, reply_.body.size() - body_at_);
  scratch_.clear();
  reply_.body.append_to(scratch_, body_at_, count);
  std::copy(scratch_.begin(), scratch_.end(), to);
  body_at_ += count;
  last = body_at_ == reply_.body.size();
  return scratch_.size();
}

}  // namespace plateau::httpd
