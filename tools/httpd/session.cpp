#include "httpd/session.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "httpd/framing_rule.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kFirstCapacity = 4 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Session::Session(const Service& service, std::string peer)
    : service_(service),
      buffer_(std::make_unique_for_overwrite<char[]>(kFirstCapacity)),
      capacity_(kFirstCapacity),
      parser_({.bytes = service.options.protocol.max_head, .fields = service.options.protocol.max_headers}),
      peer_(std::move(peer)),
      exchange_(service, peer_, "HTTP/1.1"),
      writer_(service.options.body) {}

// A response that could not be sent to its end is in the access log with what was sent.
Session::~Session() {
  if (open_ && record_.status != 0) exchange_.finished(record_);
}

std::span<char> Session::space() {
  if (end_ == capacity_ && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  } else if (end_ == capacity_) {
    capacity_ = std::max<std::size_t>(2 * kFirstCapacity, service_.options.protocol.max_head);
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
  if (watch_.expired() && open_ && step_ == Step::read) return respond_error(408);
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
  const Waiting what = !open_ ? Waiting::request : phase_ == Phase::head ? Waiting::head : Waiting::body;
  watch_.wait(what, seq_ + 1);
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
  const Route& route = exchange_.route();
  if (route.kind == RouteKind::error) return respond_error(route.status, route.allow);
  interim_ = kContinue;
  step_ = Step::write;
}

void Session::accept_head() {
  const RequestHead& head = parser_.head();
  if (service_.truth) {
    record_.method.assign(head.method);
    record_.path.assign(head.path);
  }
  exchange_.begin(head);
  if (turned_away_) exchange_.refuse(503);
  minor_version_ = head.minor_version;
  keep_alive_ = head.keep_alive;
  expects_continue_ = head.expect_continue;
  body_.begin(head, service_.options.protocol.max_body);
}

void Session::read_body() {
  consume(body_.feed(buffered(), exchange_.body()));
  if (body_.error() != 0) return respond_error(body_.error());
  if (!body_.done()) return want_more();
  watch_.busy();
  step_ = Step::work;
}

void Session::worked() {
  respond();
}

void Session::respond_error(int status, std::string_view allow) {
  broken_ = true;
  exchange_.refuse(status, allow);
  respond();
}

void Session::respond() {
  watch_.busy();
  step_ = Step::write;
  const std::uint64_t limit = service_.options.requests_per_connection;
  const bool stopping = service_.stopping.load(std::memory_order_relaxed) && begin_ == end_ && !more_waiting_;
  close_ = broken_ || turned_away_ || !keep_alive_ || !service_.options.keep_alive || seq_ + 1 == limit ||
           stopping;
  const bool canned = service_.options.body == BodyMode::single &&
                      service_.options.bottleneck.framing != FramingRule::chunked;
  if (canned && exchange_.plain_root() && !close_ && minor_version_ == 1) {
    record_.status = 200;
    return writer_.begin(service_.canned);
  }
  Reply reply = exchange_.answer(record_.stages);
  record_.status = reply.status;
  frame(reply);
  writer_.begin(reply);
}

void Session::frame(Reply& reply) {
  reply.announce_keep_alive = minor_version_ == 0;
  if (reply.framing != Framing::none) {
    const RouteKind kind = exchange_.route().kind;
    reply.framing = choose_framing(service_.options.bottleneck.framing,
                                   {.streamed = kind == RouteKind::chunked,
                                    .fixed = kind == RouteKind::file || reply.body.is_pattern(),
                                    .size = reply.body.size(),
                                    .minor_version = minor_version_});
    close_ = close_ || reply.framing == Framing::until_close;
  }
  reply.close = close_;
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
  keep_alive_ = true;
  more_waiting_ = false;
  exchange_.forget();
  record_.method.clear();
  record_.path.clear();
  record_.bytes_in = record_.bytes_out = 0;
  record_.status = 0;
  record_.write_ns = 0;
  record_.stages = {};
}

void Session::proceed() {
  exchange_.finished(record_);
  open_ = false;
  if (close_) {
    // A client that did not announce the end may have sent more already, seen here or not: closing on unread
    // bytes would reset the connection, and the reset could overtake the answer.
    const bool may_have_sent_more = broken_ || keep_alive_ || begin_ != end_;
    step_ = may_have_sent_more ? Step::linger : Step::close;
    return;
  }
  ++seq_;
  phase_ = Phase::head;
  forget_request();
  process();
}

}  // namespace plateau::httpd
