#include "httpd/request_head.h"

#include <array>
#include <charconv>

#include "toolkit/field_text.h"

namespace plateau::httpd {
namespace {

using toolkit::for_each_in_list;
using toolkit::is_blank;
using toolkit::is_digit;
using toolkit::is_field_value;
using toolkit::is_token;
using toolkit::is_visible;
using toolkit::same_name;
using toolkit::trim_right;

constexpr std::size_t kMaxMethod = 32;

}  // namespace

Method method_kind(std::string_view method) {
  if (method == "GET") return Method::get;
  if (method == "HEAD") return Method::head;
  if (method == "POST") return Method::post;
  if (method == "OPTIONS") return Method::options;
  if (method == "CONNECT") return Method::connect;
  constexpr std::array<std::string_view, 4> kOthers = {"PUT", "DELETE", "PATCH", "TRACE"};
  for (const std::string_view other : kOthers) {
    if (method == other) return Method::known_other;
  }
  return Method::unknown;
}

std::string_view path_of(std::string_view target) {
  if (target.front() != '/') {
    const std::size_t scheme = target.find("://");
    if (scheme == std::string_view::npos) return target;
    const std::size_t slash = target.find_first_of("/?", scheme + 3);
    if (slash == std::string_view::npos || target[slash] == '?') return "/";
    target.remove_prefix(slash);
  }
  return target.substr(0, target.find('?'));
}

HeadResult HeadParser::parse(std::string_view buffer) {
  const std::string_view window = buffer.substr(0, limits_.bytes);
  while (at_ < window.size() && error_ == 0 && state_ != State::complete) advance(window);
  if (error_ == 0 && state_ == State::complete) finish(window);
  if (error_ != 0) return {HeadStatus::malformed, at_, error_};
  if (state_ == State::complete) return {HeadStatus::complete, at_, 0};
  if (at_ == limits_.bytes) return {HeadStatus::malformed, at_, state_ == State::target ? 414 : 431};
  return {};
}

void HeadParser::advance(std::string_view buffer) {
  switch (state_) {
    case State::start:
      return on_start(buffer[at_]);
    case State::start_lf:
      return on_lf(buffer[at_], State::method);
    case State::method:
      return on_method(buffer);
    case State::target:
      return on_target(buffer);
    case State::version:
      return on_version(buffer);
    case State::line_lf:
    case State::value_lf:
      return on_lf(buffer[at_], State::field_start);
    case State::field_start:
      return on_field_start(buffer[at_]);
    case State::name:
      return on_name(buffer);
    case State::value_blank:
    case State::value:
      return on_value(buffer);
    case State::end_lf:
      return on_lf(buffer[at_], State::complete);
    case State::complete:
      return;
  }
}

void HeadParser::on_start(char c) {
  if (c == '\r') {
    ++at_;
    state_ = State::start_lf;
    return;
  }
  method_begin_ = at_;
  state_ = State::method;
}

void HeadParser::on_lf(char c, State next) {
  if (c != '\n') return fail(400);
  ++at_;
  state_ = next;
  if (next == State::method) method_begin_ = at_;
}

void HeadParser::on_method(std::string_view buffer) {
  while (at_ < buffer.size() && is_token(buffer[at_])) ++at_;
  if (at_ - method_begin_ > kMaxMethod) return fail(501);
  if (at_ == buffer.size()) return;
  if (buffer[at_] != ' ' || at_ == method_begin_) return fail(400);
  method_end_ = at_++;
  target_begin_ = at_;
  state_ = State::target;
}

void HeadParser::on_target(std::string_view buffer) {
  while (at_ < buffer.size() && is_visible(buffer[at_])) ++at_;
  if (at_ - target_begin_ > limits_.target) return fail(414);
  if (at_ == buffer.size()) return;
  if (buffer[at_] != ' ' || at_ == target_begin_) return fail(400);
  target_end_ = at_++;
  version_begin_ = at_;
  state_ = State::version;
}

void HeadParser::on_version(std::string_view buffer) {
  constexpr std::string_view kShape = "HTTP/d.d\r";
  for (; at_ < buffer.size(); ++at_) {
    const std::size_t index = at_ - version_begin_;
    const char wanted = kShape[index];
    const char c = buffer[at_];
    if (wanted == 'd' ? !is_digit(c) : c != wanted) return fail(400);
    if (index + 1 < kShape.size()) continue;
    ++at_;
    state_ = State::line_lf;
    if (buffer[version_begin_ + 5] != '1') return fail(505);
    head_.minor_version = buffer[version_begin_ + 7] == '0' ? 0 : 1;
    return;
  }
}

void HeadParser::on_field_start(char c) {
  if (c == '\r') {
    ++at_;
    state_ = State::end_lf;
    return;
  }
  if (!is_token(c)) return fail(400);
  if (++fields_ > limits_.fields) return fail(431);
  name_begin_ = at_;
  state_ = State::name;
}

void HeadParser::on_name(std::string_view buffer) {
  while (at_ < buffer.size() && is_token(buffer[at_])) ++at_;
  if (at_ == buffer.size()) return;
  if (buffer[at_] != ':') return fail(400);
  name_end_ = at_++;
  value_begin_ = value_end_ = at_;
  state_ = State::value_blank;
}

void HeadParser::on_value(std::string_view buffer) {
  if (state_ == State::value_blank) {
    while (at_ < buffer.size() && is_blank(buffer[at_])) ++at_;
    if (at_ == buffer.size()) return;
    value_begin_ = value_end_ = at_;
    state_ = State::value;
  }
  while (at_ < buffer.size() && is_field_value(buffer[at_])) ++at_;
  if (at_ == buffer.size()) return;
  if (buffer[at_] != '\r') return fail(400);
  value_end_ = at_++;
  state_ = State::value_lf;
  field(buffer.substr(name_begin_, name_end_ - name_begin_),
        trim_right(buffer.substr(value_begin_, value_end_ - value_begin_)));
}

void HeadParser::field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (same_name(name, "host")) ++hosts_;
      return;
    case 6:
      if (!same_name(name, "expect")) return;
      if (!same_name(value, "100-continue")) return fail(417);
      head_.expect_continue = true;
      return;
    case 10:
      if (same_name(name, "connection")) connection(value);
      return;
    case 11:
      return keep(Field::traceparent, name);
    case 12:
      return keep(Field::request_id, name);
    case 13:
      return keep(Field::if_none_match, name);
    case 14:
      if (same_name(name, "content-length")) content_length(value);
      return;
    case 16:
      return keep(Field::timing, name);
    case 17:
      if (same_name(name, "transfer-encoding")) return transfer_encoding(value);
      return keep(Field::if_modified_since, name);
    default:
      return;
  }
}

void HeadParser::keep(Field name, std::string_view name_text) {
  const auto index = static_cast<std::size_t>(name);
  if (kept_[index].end != 0 || !same_name(name_text, kFieldNames[index])) return;
  kept_[index] = {value_begin_, value_end_};
  keeps_ = true;
}

void HeadParser::content_length(std::string_view value) {
  std::uint64_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, length);
  if (value.empty() || error != std::errc() || stop != end) return fail(400);
  if (head_.has_length && head_.content_length != length) return fail(400);
  head_.has_length = true;
  head_.content_length = length;
}

// A second Transfer-Encoding field would make "chunked" not the final coding, or twice there.
void HeadParser::transfer_encoding(std::string_view value) {
  if (has_encoding_) return fail(400);
  has_encoding_ = true;
  if (same_name(value, "chunked")) {
    head_.chunked = true;
    return;
  }
  fail(501);
}

void HeadParser::connection(std::string_view value) {
  for_each_in_list(value, [this](std::string_view option) {
    if (same_name(option, "close")) says_close_ = true;
    if (same_name(option, "keep-alive")) says_keep_alive_ = true;
  });
}

void HeadParser::finish(std::string_view buffer) {
  if (head_.chunked && (head_.has_length || head_.minor_version == 0)) return fail(400);
  if (hosts_ > 1 || (hosts_ == 0 && head_.minor_version == 1)) return fail(400);
  head_.method = buffer.substr(method_begin_, method_end_ - method_begin_);
  head_.kind = method_kind(head_.method);
  head_.path = path_of(buffer.substr(target_begin_, target_end_ - target_begin_));
  head_.keep_alive = !says_close_ && (head_.minor_version == 1 || says_keep_alive_);
  if (head_.minor_version == 0) head_.expect_continue = false;
  if (!keeps_) return;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    head_.fields[i] = trim_right(buffer.substr(kept_[i].begin, kept_[i].end - kept_[i].begin));
  }
}

}  // namespace plateau::httpd
