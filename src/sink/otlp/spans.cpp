#include "sink/otlp/spans.h"

#include <algorithm>
#include <array>
#include <string>

#include "sink/otlp/attributes.h"
#include "sink/request_names.h"
#include "sink/slow_requests.h"

namespace plateau::sink::otlp {
namespace {

using opentelemetry::proto::trace::v1::Span;
using SpanStatus = opentelemetry::proto::trace::v1::Status;
using request::Outcome;
using request::Request;

// W3C's flag "sampled", and OpenTelemetry's that say whether the parent is in another process.
constexpr std::uint32_t kSampled = 0x1, kRemoteKnown = 0x100, kRemote = 0x200;

// Those of OpenTelemetry's convention; others are told as _OTHER.
constexpr std::array<std::string_view, 10> kMethods{"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                                    "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"};

template <std::size_t N>
std::string text_of(const std::array<std::uint8_t, N>& bytes) {
  return {bytes.begin(), bytes.end()};
}

// `bytes` random ones; never all zero, which is no id.
std::string random_id(std::size_t bytes, const Random& random) {
  std::string id;
  while (id.size() < bytes) {
    const std::uint64_t drawn = random(), bits = drawn ? drawn : 1;
    for (int shift = 0; shift < 64; shift += 8) id += static_cast<char>(bits >> shift & 0xff);
  }
  return id;
}

void add_exchange(Attributes& to, const Request& r, const std::string& route) {
  const bool known = std::find(kMethods.begin(), kMethods.end(), r.method) != kMethods.end();
  if (!r.method.empty()) add_text(to, "http.request.method", known ? r.method : "_OTHER");
  if (!known) add_text(to, "http.request.method_original", r.method);
  add_text(to, "http.route", route);
  add_text(to, "url.path", r.path);
  if (!r.method.empty()) add_text(to, "url.scheme", "http");
  if (r.status) add_number(to, "http.response.status_code", static_cast<std::uint64_t>(r.status));
  add_number(to, "http.request.size", r.bytes_in);
  add_number(to, "http.response.size", r.bytes_out);
}

void add_connection(Attributes& to, const Request& r) {
  const bool local = r.addr.family == PL_FAMILY_UNIX;
  add_text(to, "network.transport", local ? "unix" : "tcp");
  if (local) return;
  add_text(to, "network.peer.address", address_text(r.addr, r.addr.peer));
  add_number(to, "network.peer.port", r.addr.peer_port);
  add_text(to, "network.local.address", address_text(r.addr, r.addr.local));
  add_number(to, "network.local.port", r.addr.local_port);
}

void add_plateaus_own(Attributes& to, const Request& r) {
  add_number(to, "process.pid", r.tgid);
  add_number(to, "thread.id", r.writer_tid ? r.writer_tid : r.reader_tid);
  if (r.goid) add_number(to, "plateau.goid", r.goid);
  add_number(to, "plateau.connection", r.conn);
  add_number(to, "plateau.sequence", r.seq);
  add_text(to, "plateau.framing", framing_name(r.framing));
  add_text(to, "plateau.outcome", outcome_name(r.outcome));
  add_text(to, "plateau.data_path", path_names(r.paths));
  add_flag(to, "plateau.partial", r.partial);
  if (r.retransmits) add_number(to, "plateau.retransmits", r.retransmits);
}

// What the convention calls an error of a server: no answer, half of one, or a status from 500 on.
void set_status(Span& span, const Request& r) {
  if (r.outcome == Outcome::answered && r.status < 500) return;
  span.mutable_status()->set_code(SpanStatus::STATUS_CODE_ERROR);
  const bool answered = r.outcome == Outcome::answered;
  add_text(*span.mutable_attributes(), "error.type",
           answered ? std::to_string(r.status) : std::string(outcome_name(r.outcome)));
}

std::string span_name(const Request& r, const std::string& route) {
  if (r.method.empty()) return "HTTP";
  const bool known = std::find(kMethods.begin(), kMethods.end(), r.method) != kMethods.end();
  return (known ? r.method : "HTTP") + (route.empty() ? "" : " " + label_value(route));
}

void add_stage(opentelemetry::proto::trace::v1::ScopeSpans& to, const Span& parent, const WaterfallStep& step,
               const Random& random) {
  Span& span = *to.add_spans();
  span.set_trace_id(parent.trace_id());
  span.set_parent_span_id(parent.span_id());
  span.set_span_id(random_id(8, random));
  span.set_flags(kSampled | kRemoteKnown);
  span.set_kind(Span::SPAN_KIND_INTERNAL);
  span.set_name(std::string(attribution::name(step.stage)));
  span.set_start_time_unix_nano(parent.start_time_unix_nano() + step.from_ns);
  span.set_end_time_unix_nano(parent.start_time_unix_nano() + step.from_ns + step.ns);
  add_text(*span.mutable_attributes(), "plateau.stage", attribution::name(step.stage));
  add_flag(*span.mutable_attributes(), "plateau.stage.is_sum", true);
}

}  // namespace

void add_spans(opentelemetry::proto::trace::v1::ScopeSpans& to, const TracedRequest& traced,
               std::int64_t realtime_offset_ns, const Random& random) {
  const Request& r = traced.request;
  Span span;
  const bool called = r.trace.valid();
  span.set_trace_id(called ? text_of(r.trace.trace) : random_id(16, random));
  if (called) span.set_parent_span_id(text_of(r.trace.parent));
  span.set_flags(kSampled | (called ? kRemoteKnown | kRemote : kRemoteKnown));
  span.set_span_id(random_id(8, random));
  span.set_kind(Span::SPAN_KIND_SERVER);
  span.set_name(span_name(r, traced.route));
  const auto start = static_cast<std::uint64_t>(static_cast<std::int64_t>(r.ready_ns) + realtime_offset_ns);
  span.set_start_time_unix_nano(start);
  span.set_end_time_unix_nano(start + traced.budget.latency_ns);
  auto& attributes = *span.mutable_attributes();
  add_exchange(attributes, r, traced.route);
  add_connection(attributes, r);
  add_plateaus_own(attributes, r);
  set_status(span, r);
  for (const auto& step : waterfall_of(attribution::example_of(r, traced.budget)))
    add_stage(to, span, step, random);
  *to.add_spans() = std::move(span);
}

}  // namespace plateau::sink::otlp
