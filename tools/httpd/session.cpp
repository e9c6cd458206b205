#include "httpd/session.h"

#include <algorithm>
#include <cstring>

#include "httpd/framing_rule.h"
#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kFirstCapacity = 4 * 1024;
constexpr std::size_t kMaxCapacity = HeadParser::kMaxHead;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

void append_hex16(std::string& out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
}

}  // namespace

Session::Session(const Service& service)
    : service_(service),
      buffer_(std::make_unique_for_overwrite<char[]>(kFirstCapacity)),
      capacity_(kFirstCapacity),
      writer_(service.options.body) {}

std::span<char> Session::space() {
  if (end_ == capacity_ && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  } else if (end_ == capacity_) {
    capacity_ = kMaxCapacity;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::memcpy(larger.get(), buffer_.get(), end_);
    buffer_ = std::move(larger);
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

void Session::received(std::size_t count, const Receipt& receipt) {
  end_ += count;
  receipt_ = receipt;
  process();
}

void Session::ended() {
  ended_ = true;
  step_ = Step::close;
}

void Session::consume(std::size_t count) {
  begin_ += count;
  record_.bytes_in += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

void Session::process() {
  if (phase_ == Phase::head) {
    read_head();
  } else {
    read_body();
  }
}

void Session::want_more() {
  step_ = ended_ ? Step::close : Step::read;
}

// Bytes that are in the buffer when a request begins came with the latest receive: the one before it in the
// pipeline could not have been answered sooner.
void Session::open_request() {
  open_ = true;
  record_.seq = seq_;
  record_.rx_ns = receipt_.rx_ns;
  record_.read_ns = receipt_.read_ns;
  record_.tid_read = receipt_.tid;
}

void Session::read_head() {
  if (begin_ == end_) return want_more();
  if (!open_) open_request();
  const HeadResult result = parser_.parse(buffered());
  switch (result.status) {
    case HeadStatus::incomplete:
      return want_more();
    case HeadStatus::malformed:
      consume(result.consumed);
      return respond_error(result.error);
    case HeadStatus::complete:
      accept_head();
      consume(result.consumed);
      parser_.reset();
      break;
  }
  begin_body();
}

void Session::begin_body() {
  if (body_.error() != 0) return respond_error(body_.error());
  phase_ = Phase::body;
  const bool waits_for_leave = expects_continue_ && !body_.done() && begin_ == end_;
  if (!waits_for_leave) return read_body();
  // A client that waits for leave to send its body gets a refusal at once.
  if (route_.kind == RouteKind::error) return respond_error(route_.status, route_.allow);
  interim_ = kContinue;
  step_ = Step::write;
}

void Session::accept_head() {
  const RequestHead& head = parser_.head();
  if (service_.truth) {
    record_.method.assign(head.method);
    record_.path.assign(head.path);
  }
  route_ = route_of(head);
  minor_version_ = head.minor_version;
  head_only_ = head.kind == Method::head;
  keep_alive_ = head.keep_alive;
  expects_continue_ = head.expect_continue;
  body_.begin(head, route_.kind == RouteKind::echo);
}

void Session::read_body() {
  consume(body_.feed(buffered()));
  if (body_.error() != 0) return respond_error(body_.error());
  if (!body_.done()) return want_more();
  step_ = Step::work;
}

void Session::worked() {
  if (route_.kind == RouteKind::error) {
    Reply reply{.status = route_.status, .allow = route_.allow};
    return respond(reply);
  }
  respond_route();
}

void Session::respond_error(int status, std::string_view allow) {
  broken_ = true;
  route_ = {.kind = RouteKind::error, .status = status};
  Reply reply{.status = status, .allow = allow};
  respond(reply);
}

void Session::respond_route() {
  Reply reply{.status = route_.status};
  text_.clear();
  switch (route_.kind) {
    case RouteKind::root:
      reply.body = Body::pattern(service_.options.size);
      break;
    case RouteKind::bytes:
    case RouteKind::chunked:
      reply.body = Body::pattern(route_.number);
      break;
    case RouteKind::user:
      reply.type = "application/json";
      text_.append("{\"id\":");
      toolkit::append_number(text_, route_.number);
      text_.append(",\"name\":\"user\"}\n");
      break;
    case RouteKind::echo:
      reply.type = "application/json";
      text_.append("{\"length\":");
      toolkit::append_number(text_, body_.size());
      text_.append(",\"fnv1a\":\"");
      append_hex16(text_, body_.fnv1a());
      text_.append("\"}\n");
      break;
    case RouteKind::status:
    case RouteKind::error:
      break;
  }
  respond(reply);
}

void Session::respond(Reply& reply) {
  record_.status = reply.status;
  step_ = Step::write;
  const std::uint64_t limit = service_.options.requests_per_connection;
  close_ = broken_ || !keep_alive_ || !service_.options.keep_alive || seq_ + 1 == limit ||
           service_.stopping.load(std::memory_order_relaxed);
  const bool plain_root = route_.kind == RouteKind::root && !head_only_ && !close_ && minor_version_ == 1;
  const FramingRule rule = service_.options.bottleneck.framing;
  if (plain_root && service_.options.body == BodyMode::single && rule != FramingRule::chunked) {
    return writer_.begin(service_.canned);
  }

  if (route_.kind == RouteKind::error || route_.kind == RouteKind::status) {
    text_.assign(reason_phrase(reply.status)).push_back('\n');
  }
  if (!text_.empty()) reply.body = Body::text(text_);
  reply.head_only = head_only_;
  reply.announce_keep_alive = minor_version_ == 0;
  if (reply.status == 204 || reply.status == 304) {
    reply.framing = Framing::none;
  } else {
    reply.framing = choose_framing(rule, {.streamed = route_.kind == RouteKind::chunked,
                                          .fixed = reply.body.is_pattern(),
                                          .size = reply.body.size(),
                                          .minor_version = minor_version_});
    close_ = close_ || reply.framing == Framing::until_close;
  }
  reply.close = close_;
  writer_.begin(reply);
}

void Session::sent(std::size_t count) {
  record_.bytes_out += count;
  if (!interim_.empty()) {
    interim_.remove_prefix(count);
    if (interim_.empty()) read_body();
    return;
  }
  writer_.sent(count);
  if (writer_.pending().empty()) step_ = Step::proceed;
}

// A malformed head fills in none of this: it must not find what the request before it left.
void Session::forget_request() {
  minor_version_ = 1;
  head_only_ = false;
  keep_alive_ = true;
  text_.clear();
  record_.method.clear();
  record_.path.clear();
  record_.bytes_in = record_.bytes_out = 0;
  record_.write_ns = 0;
  record_.stages = {};
}

void Session::proceed() {
  if (close_) {
    // A client that did not announce the end may have sent more already, seen here or not: closing on unread
    // bytes would reset the connection, and the reset could overtake the answer.
    const bool may_have_sent_more = broken_ || keep_alive_ || begin_ != end_;
    step_ = may_have_sent_more ? Step::linger : Step::close;
    return;
  }
  ++seq_;
  open_ = false;
  phase_ = Phase::head;
  forget_request();
  process();
}

}  // namespace plateau::httpd
