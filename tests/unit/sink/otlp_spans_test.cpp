// Requests as OpenTelemetry's spans, and which requests have any.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "examples.h"
#include "sink/metric_set.h"
#include "sink/otlp/sampler.h"
#include "sink/otlp/span_queue.h"
#include "sink/otlp/spans.h"

namespace plateau::sink::otlp {
namespace {

using opentelemetry::proto::trace::v1::ScopeSpans;
using opentelemetry::proto::trace::v1::Span;
using testing::Contains;
using testing::Key;
using testing::Not;
using testing::Pair;

constexpr std::int64_t kOffset = 1'700'000'000'000'000'123;
constexpr const char* kSampledCaller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr const char* kUnsampledCaller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

request::Request called_by(const char* traceparent) {
  request::Request r = example_request("/users/7", 200);
  if (traceparent) r.trace = http::parse_traceparent(traceparent);
  return r;
}

ScopeSpans spans_of(const request::Request& r) {
  ScopeSpans spans;
  std::uint64_t random = 0;
  add_spans(spans, {r, attribution::budget_of(r), "/users/{id}"}, kOffset, [&] { return ++random; });
  return spans;
}

const Span& server_of(const ScopeSpans& spans) {
  for (const auto& span : spans.spans())
    if (span.kind() == Span::SPAN_KIND_SERVER) return span;
  ADD_FAILURE() << "no span of kind SERVER";
  return Span::default_instance();
}

std::map<std::string, std::string> attributes_of(const Span& span) {
  std::map<std::string, std::string> texts;
  for (const auto& a : span.attributes())
    texts[a.key()] =
        a.value().has_int_value() ? std::to_string(a.value().int_value()) : a.value().string_value();
  return texts;
}

std::uint64_t length(const Span& span) {
  return span.end_time_unix_nano() - span.start_time_unix_nano();
}

TEST(OtlpSpans, StagesNestAndAddUpToTheNanosecond) {
  for (const std::uint64_t odd : {0u, 1u, 7'919u, 199'999u}) {
    request::Request r = called_by(nullptr);
    r.end_ns += odd;
    r.state[PL_STATE_SEND] = odd / 3;
    const ScopeSpans spans = spans_of(r);
    const Span& server = server_of(spans);
    EXPECT_EQ(server.start_time_unix_nano(), r.ready_ns + static_cast<std::uint64_t>(kOffset));
    EXPECT_EQ(length(server), r.latency_ns());
    std::uint64_t at = server.start_time_unix_nano(), stages = 0;
    for (const auto& span : spans.spans()) {
      if (&span == &server) continue;
      EXPECT_EQ(span.parent_span_id(), server.span_id());
      EXPECT_EQ(span.trace_id(), server.trace_id());
      EXPECT_EQ(span.kind(), Span::SPAN_KIND_INTERNAL);
      EXPECT_EQ(span.start_time_unix_nano(), at) << span.name();
      EXPECT_GT(length(span), 0u) << span.name();
      at = span.end_time_unix_nano();
      stages++;
    }
    EXPECT_EQ(at, server.end_time_unix_nano());
    EXPECT_EQ(stages + 1, spans_in(attribution::budget_of(r)));
  }
}

TEST(OtlpSpans, AreNamedAsTheConventionWants) {
  const ScopeSpans spans = spans_of(called_by(nullptr));
  const Span& server = server_of(spans);
  EXPECT_EQ(server.name(), "GET /users/{id}");
  const auto attributes = attributes_of(server);
  for (const auto& [name, value] : std::map<std::string, std::string>{{"http.request.method", "GET"},
                                                                      {"http.route", "/users/{id}"},
                                                                      {"url.path", "/users/7"},
                                                                      {"http.response.status_code", "200"},
                                                                      {"network.peer.address", "127.0.0.1"},
                                                                      {"network.peer.port", "50123"},
                                                                      {"network.local.port", "8080"},
                                                                      {"process.pid", "4711"}})
    EXPECT_THAT(attributes, Contains(Pair(name, value)));
  EXPECT_THAT(attributes, Not(Contains(Key("error.type"))));
  EXPECT_FALSE(server.has_status());
}

TEST(OtlpSpans, TellWhatFailed) {
  request::Request r = called_by(nullptr);
  r.status = 503;
  EXPECT_THAT(attributes_of(server_of(spans_of(r))), Contains(Pair("error.type", "503")));
  r.status = 404;  // the client's
  EXPECT_FALSE(server_of(spans_of(r)).has_status());
  r.outcome = request::Outcome::unanswered;
  EXPECT_THAT(attributes_of(server_of(spans_of(r))), Contains(Pair("error.type", "unanswered")));
  r.method = "BREW";
  const ScopeSpans spans = spans_of(r);
  EXPECT_EQ(server_of(spans).name(), "HTTP /users/{id}");
  EXPECT_THAT(attributes_of(server_of(spans)), Contains(Pair("http.request.method", "_OTHER")));
}

TEST(OtlpSpans, GoOnWithTheCallersTrace) {
  const ScopeSpans spans = spans_of(called_by(kSampledCaller));
  const Span& server = server_of(spans);
  EXPECT_EQ(server.trace_id(),
            std::string("\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c", 16));
  EXPECT_EQ(server.parent_span_id(), std::string("\xb7\xad\x6b\x71\x69\x20\x33\x31", 8));
  EXPECT_EQ(server.flags(), 0x301u);  // sampled, its parent remote
}

TEST(OtlpSpans, BeginATraceWhereTheCallerHasNone) {
  const Span server = server_of(spans_of(called_by(nullptr)));
  EXPECT_EQ(server.trace_id().size(), 16u);
  EXPECT_EQ(server.span_id().size(), 8u);
  EXPECT_EQ(server.parent_span_id(), "");
}

TEST(OtlpSpans, HoldTextThatEveryReceiverTakes) {
  request::Request r = called_by(nullptr);
  r.path = "/caf\xe9" + std::string(5'000, 'x');
  const std::string path = attributes_of(server_of(spans_of(r)))["url.path"];
  EXPECT_EQ(path, "/caf?" + std::string(kMaxLabelValue - 5, 'x'));
}

class OtlpSampler : public testing::Test {
 protected:
  std::size_t taken(const Settings& settings, const char* traceparent, std::size_t of,
                    std::uint64_t apart_ns = 1'000'000'000) {
    Sampler sampler(settings, counts_);
    std::size_t count = 0;
    request::Request r = called_by(traceparent);
    for (std::size_t i = 0; i < of; i++, r.ready_ns += apart_ns, r.end_ns += apart_ns)
      count += sampler.takes(r, attribution::budget_of(r));
    return count;
  }
  std::uint64_t dropped(Drop cause) const { return counts_.dropped_of(Signal::traces, cause); }

  Counts counts_;
  Settings slow_{.endpoint = "http://x", .slower_than_ns = 200'000};
  Settings all_{.endpoint = "http://x", .sample = 1};
  const std::uint64_t spans_ = spans_in(attribution::budget_of(example_request("/", 200)));
};

TEST_F(OtlpSampler, TakesSlowRequests) {
  EXPECT_EQ(taken(slow_, nullptr, 7), 7u);
  EXPECT_EQ(taken(slow_, kSampledCaller, 7), 7u);
  slow_.slower_than_ns++;
  EXPECT_EQ(taken(slow_, nullptr, 7), 0u);
  EXPECT_EQ(taken(slow_, kSampledCaller, 7), 0u);
  EXPECT_EQ(dropped(Drop::unsampled), 0u);
}

TEST_F(OtlpSampler, LeavesToTheCallerWhatIsSampled) {
  EXPECT_EQ(taken(slow_, kUnsampledCaller, 7), 0u);
  EXPECT_EQ(dropped(Drop::unsampled), 7 * spans_);
  all_.sample = 1'000'000'000'000;
  EXPECT_EQ(taken(all_, kSampledCaller, 7), 7u);
  EXPECT_EQ(taken(all_, kUnsampledCaller, 7), 0u);
}

TEST_F(OtlpSampler, TakesOneInSoMany) {
  EXPECT_EQ(taken(all_, nullptr, 97), 97u);
  all_.sample = 10;
  EXPECT_NEAR(static_cast<double>(taken(all_, nullptr, 10'007)), 1'000, 100);
}

TEST_F(OtlpSampler, IsBoundedBySecondsAndCountsTheRest) {
  all_.requests_per_second = 10;
  EXPECT_EQ(taken(all_, nullptr, 151, 10'000'000), 20u);  // from 1.0002 s to 2.5002 s: in two seconds
  EXPECT_EQ(dropped(Drop::rate), 131 * spans_);
}

TEST_F(OtlpSampler, LeavesOutWhatHasNoLatency) {
  request::Request r = called_by(kSampledCaller);
  r.measured = false;
  EXPECT_FALSE(Sampler(all_, counts_).takes(r, attribution::budget_of(r)));
}

TEST(OtlpQueue, IsBoundedAndCountsWhatDoesNotFit) {
  Counts counts;
  request::Request r = called_by(nullptr);
  r.path = std::string(100'000, 'x');  // is cut
  const TracedRequest one{r, attribution::budget_of(r), "/"};
  constexpr std::size_t kBytes = 100'003;
  SpanQueue queue(counts, kBytes);
  for (int i = 0; i < 997; i++) queue.add(one);
  const std::uint64_t held = counts.queue_bytes;
  EXPECT_LE(held, kBytes);
  EXPECT_GT(held, kBytes - 2'000);
  const auto taken = queue.take(10'000);
  EXPECT_EQ(counts.dropped_of(Signal::traces, Drop::queue_full), (997 - taken.size()) * spans_in(one.budget));
  EXPECT_EQ(taken.size(), held / taken.front().bytes());
  EXPECT_EQ(counts.queue_bytes, 0u);
}

}  // namespace
}  // namespace plateau::sink::otlp
