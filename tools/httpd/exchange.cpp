#include "httpd/exchange.h"

#include <cstdio>

#include "base/clock.h"
#include "httpd/json_body.h"
#include "toolkit/json_text.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kKeepCapacity = 64 * 1024;

void append_hex16(std::string& out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// "section_wait;dur=0.123, sleep;dur=5.000", in milliseconds; empty if nothing was planted.
std::string timing_of(const StageSpans& stages) {
  std::string text;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].begin == 0) continue;
    char duration[40];
    std::snprintf(duration, sizeof duration, ";dur=%.3f",
                  static_cast<double>(stages[i].end - stages[i].begin) / 1e6);
    text.append(text.empty() ? "" : ", ").append(kStageNames[i]).append(duration);
  }
  return text;
}

BodyUse use_of(RouteKind kind) {
  if (kind == RouteKind::echo) return BodyUse::hash;
  return kind == RouteKind::json ? BodyUse::keep : BodyUse::count;
}

}  // namespace

Exchange::Extras& Exchange::extras() {
  if (!extras_) extras_ = std::make_unique<Extras>();
  return *extras_;
}

void Exchange::begin(const RequestHead& head) {
  route_ = route_of(head);
  head_only_ = head.kind == Method::head;
  body_.begin(use_of(route_.kind));
  timing_ = service_.options.protocol.server_timing || head.field(Field::timing) == "1";
  decorated_ = timing_;
  if (route_.kind == RouteKind::file) begin_file(head);
  if (service_.options.protocol.middleware()) begin_middleware(head);
}

void Exchange::begin_file(const RequestHead& head) {
  if (!service_.files) return refuse(404);
  Extras& more = extras();
  more.rest = route_.rest;
  route_.rest = {};
  more.if_none_match = head.field(Field::if_none_match);
  more.if_modified_since = head.field(Field::if_modified_since);
}

void Exchange::begin_middleware(const RequestHead& head) {
  const ProtocolOptions& options = service_.options.protocol;
  Extras& more = extras();
  if (options.request_id) more.request_id = request_id_from(head.field(Field::request_id));
  if (options.trace) more.trace = continue_trace(head.field(Field::traceparent));
  decorated_ = decorated_ || options.request_id || options.trace;
  if (!service_.access_log) return;
  more.begun_ns = monotonic_ns();
  more.method = head.method;
  more.path = head.path;
}

void Exchange::refuse(int status, std::string_view allow) {
  route_.kind = RouteKind::error;
  route_.status = status;
  route_.allow = allow;
}

Reply Exchange::answer(const StageSpans& stages) {
  Reply reply{.status = route_.status, .allow = route_.allow};
  reply.head_only = head_only_;
  text_.clear();
  if (extras_) extras_->fields.clear();
  fill(reply);
  if (reply.status == 204 || reply.status == 304) reply.framing = Framing::none;
  if (decorated_) add_fields(reply, stages);
  if (extras_) reply.fields = extras_->fields;
  return reply;
}

void Exchange::fill(Reply& reply) {
  switch (route_.kind) {
    case RouteKind::root:
      reply.body = Body::pattern(service_.options.size);
      return;
    case RouteKind::bytes:
    case RouteKind::chunked:
      reply.body = Body::pattern(route_.numbers[0]);
      return;
    case RouteKind::user:
      write_user_json(route_.numbers[0], text_);
      break;
    case RouteKind::order:
      write_order_json(route_.numbers[0], route_.numbers[1], text_);
      break;
    case RouteKind::json:
      reply.status = reserialise_json(body_.text(), text_);
      break;
    case RouteKind::echo:
      text_.append("{\"length\":");
      toolkit::append_number(text_, body_.size());
      text_.append(",\"fnv1a\":\"");
      append_hex16(text_, body_.fnv1a());
      text_.append("\"}\n");
      break;
    case RouteKind::file:
      return fill_file(reply);
    case RouteKind::options:
      return;
    case RouteKind::status:
    case RouteKind::error:
      text_.assign(reason_phrase(reply.status)).push_back('\n');
      reply.body = Body::text(text_);
      return;
  }
  reply.type = "application/json";
  reply.body = Body::text(text_);
}

void Exchange::fill_file(Reply& reply) {
  Extras& more = *extras_;
  more.file = service_.files->answer({.path = more.rest,
                                      .if_none_match = more.if_none_match,
                                      .if_modified_since = more.if_modified_since,
                                      .head_only = head_only_});
  reply.status = more.file.status;
  more.fields = more.file.fields;
  if (reply.status == 200) {
    reply.type = more.file.type;
    reply.body = head_only_ ? Body::pattern(more.file.size) : Body::text(more.file.content);
  } else if (reply.status != 304) {
    text_.assign(reason_phrase(reply.status)).push_back('\n');
    reply.body = Body::text(text_);
  }
}

void Exchange::add_fields(Reply&, const StageSpans& stages) {
  Extras& more = extras();
  if (!more.request_id.empty()) append_field(more.fields, "X-Request-Id", more.request_id);
  if (!more.trace.trace_id.empty()) append_field(more.fields, "traceparent", traceparent_of(more.trace));
  if (!timing_) return;
  const std::string timing = timing_of(stages);
  if (!timing.empty()) append_field(more.fields, "Server-Timing", timing);
}

void Exchange::finished(const RequestRecord& record) const {
  if (!service_.access_log) return;
  AccessLine line{.remote = peer_,
                  .protocol = protocol_,
                  .route = route_.pattern,
                  .status = record.status,
                  .bytes = record.bytes_out};
  if (extras_) {
    line.method = extras_->method;
    line.path = extras_->path;
    line.request_id = extras_->request_id;
    line.trace_id = extras_->trace.trace_id;
    line.span_id = extras_->trace.span_id;
    if (extras_->begun_ns != 0) line.duration_ns = monotonic_ns() - extras_->begun_ns;
  }
  service_.access_log->write(line);
}

// A malformed head fills in none of this: it must not find what the request before it left.
void Exchange::forget() {
  head_only_ = timing_ = decorated_ = false;
  route_ = {};
  text_.clear();
  if (text_.capacity() > kKeepCapacity) text_.shrink_to_fit();
  if (!extras_) return;
  extras_->method.clear();
  extras_->path.clear();
  extras_->request_id.clear();
  extras_->trace = {};
  extras_->fields.clear();
  extras_->file = {};
  extras_->begun_ns = 0;
}

}  // namespace plateau::httpd
