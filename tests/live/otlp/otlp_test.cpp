// What a receiver of OTLP gets of a server with a known number of requests, and what becomes of it where
// there is no receiver.
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/units.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/scrape.h"
#include "harness/server.h"
#include "harness/wait.h"
#include "otlp/receiver.h"

namespace plateau::live {
namespace {

using opentelemetry::proto::trace::v1::Span;

constexpr std::uint64_t kRequests = 997;
constexpr std::uint64_t kRefusals = 3;
constexpr const char* kTraceparent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const std::string kTrace("\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c", 16);
const std::string kParent("\xb7\xad\x6b\x71\x69\x20\x33\x31", 8);

std::vector<Span> spans_in(const OtlpReceiver& receiver) {
  std::vector<Span> spans;
  for (const auto& message : receiver.traces())
    for (const auto& resource : message.resource_spans())
      for (const auto& scope : resource.scope_spans())
        spans.insert(spans.end(), scope.spans().begin(), scope.spans().end());
  return spans;
}

std::size_t servers_in(const OtlpReceiver& receiver) {
  std::size_t count = 0;
  for (const auto& span : spans_in(receiver)) count += span.kind() == Span::SPAN_KIND_SERVER;
  return count;
}

double seconds(const Span& span) {
  return static_cast<double>(span.end_time_unix_nano() - span.start_time_unix_nano()) / 1e9;
}

// Of the newest message that has the metric: requests by their histogram.
std::uint64_t requests_in(const OtlpReceiver& receiver) {
  std::uint64_t count = 0;
  for (const auto& message : receiver.metrics())
    for (const auto& metric : message.resource_metrics(0).scope_metrics(0).metrics()) {
      if (metric.name() != "http.server.request.duration") continue;
      count = 0;
      for (const auto& point : metric.histogram().data_points()) count += point.count();
    }
  return count;
}

std::map<std::string, std::string> resource_of(const OtlpReceiver& receiver) {
  std::map<std::string, std::string> texts;
  const auto messages = receiver.traces();
  if (messages.empty()) return texts;
  for (const auto& a : messages.front().resource_spans(0).resource().attributes())
    texts[a.key()] =
        a.value().has_int_value() ? std::to_string(a.value().int_value()) : a.value().string_value();
  return texts;
}

// Each request is one span of its caller's trace, and its stages' spans lie end to end from its beginning to
// its end.
void expect_sound(const std::vector<Span>& spans) {
  std::map<std::string, const Span*> servers;
  std::map<std::string, std::map<std::uint64_t, const Span*>> stages;  // by parent and start
  std::set<std::string> ids;
  for (const Span& span : spans) {
    ids.insert(span.span_id());
    EXPECT_EQ(span.trace_id(), kTrace);
    if (span.kind() == Span::SPAN_KIND_SERVER) {
      EXPECT_EQ(span.parent_span_id(), kParent);
      servers[span.span_id()] = &span;
    } else {
      stages[span.parent_span_id()][span.start_time_unix_nano()] = &span;
    }
  }
  EXPECT_EQ(ids.size(), spans.size());
  ASSERT_EQ(servers.size(), kRequests);
  for (const auto& [id, server] : servers) {
    std::uint64_t at = server->start_time_unix_nano();
    for (const auto& [start, stage] : stages[id]) {
      ASSERT_EQ(start, at);
      at = stage->end_time_unix_nano();
    }
    ASSERT_EQ(at, server->end_time_unix_nano());
  }
}

// By stage, and the requests' own under "".
std::map<std::string, double> sums_of(const std::vector<Span>& spans) {
  std::map<std::string, double> sums;
  for (const Span& span : spans)
    sums[span.kind() == Span::SPAN_KIND_SERVER ? "" : span.name()] += seconds(span);
  return sums;
}

using Otlp = LiveTest;

TEST_F(Otlp, HasEachRequestOnceThoughTheReceiverWasBusy) {
  OtlpReceiver receiver(kRefusals);
  Server server = start_httpd({"--engine", "epoll"});
  ASSERT_NE(server.port(), 0);
  const std::uint16_t port = free_port();
  Capture attach({"attach", "--pid", server.pid_text(), "--listen", "127.0.0.1:" + std::to_string(port),
                  "--max-cost", "off", "--otlp-endpoint", receiver.endpoint(), "--otlp-interval", "300ms",
                  "--otlp-sample", "1", "--otlp-max-requests", std::to_string(kRequests), "--otlp-header",
                  "X-Scope=plateau", "--otlp-service", "shop"});
  ASSERT_TRUE(attach.ready()) << attach.child().err();
  ASSERT_EQ(run_load(server, {"--connections", "7", "--requests", std::to_string(kRequests), "--header",
                              kTraceparent}),
            kRequests);
  EXPECT_TRUE(wait_until([&] { return servers_in(receiver) == kRequests; }, 20'000)) << servers_in(receiver);
  EXPECT_TRUE(wait_until([&] { return requests_in(receiver) == kRequests; }, 20'000));
  const auto samples = samples_of(fetch("http://127.0.0.1:" + std::to_string(port) + "/metrics"));
  EXPECT_EQ(attach.stop(SIGINT), 0) << attach.child().err();

  const auto spans = spans_in(receiver);
  expect_sound(spans);
  auto sums = sums_of(spans);
  const double latency = sum_of(samples, "http_server_request_duration_seconds_sum");
  EXPECT_NEAR(sums.at(""), latency, 1e-9 * latency + 1e-9);
  const std::string family = "plateau_request_stage_seconds_total{stage=\"";
  for (const auto& [name, value] : samples) {
    if (!name.starts_with(family)) continue;
    const std::string stage = name.substr(family.size(), name.find('"', family.size()) - family.size());
    EXPECT_NEAR(sums[stage], value, 1e-6) << name;
  }
  EXPECT_EQ(requests_in(receiver), kRequests);
  EXPECT_EQ(receiver.refused(), kRefusals);
  EXPECT_EQ(sum_of(samples, "plateau_otlp_retries_total"), kRefusals);
  EXPECT_EQ(sum_of(samples, "plateau_otlp_dropped_total"), 0);
  EXPECT_NE(attach.child().err().find(" and " + format_count(spans.size()) + " spans sent\n"),
            std::string::npos)
      << attach.child().err();
  const auto resource = resource_of(receiver);
  EXPECT_EQ(resource.at("service.name"), "shop");
  EXPECT_EQ(resource.at("process.pid"), server.pid_text());
}

TEST_F(Otlp, WithoutAReceiverEveryRequestIsStillSeenAndWhatIsDroppedIsCounted) {
  Server server = start_httpd({"--engine", "epoll"});
  ASSERT_NE(server.port(), 0);
  const std::uint16_t port = free_port();
  Capture attach({"attach", "--pid", server.pid_text(), "--listen", "127.0.0.1:" + std::to_string(port),
                  "--max-cost", "off", "--otlp-endpoint", "http://127.0.0.1:" + std::to_string(free_port()),
                  "--otlp-sample", "1", "--otlp-max-requests", "100"});
  ASSERT_TRUE(attach.ready()) << attach.child().err();
  ASSERT_EQ(run_load(server, {"--connections", "7", "--requests", std::to_string(kRequests)}), kRequests);
  const auto counted = [&] {
    const auto samples = samples_of(fetch("http://127.0.0.1:" + std::to_string(port) + "/metrics"));
    return sum_of(samples, "http_server_request_duration_seconds_count") == kRequests &&
           sum_of(samples, "plateau_otlp_dropped_total") > 0;  // of those beyond 100 a second
  };
  EXPECT_TRUE(wait_until(counted, 10'000));
  EXPECT_EQ(attach.stop(SIGINT), 0) << attach.child().err();
  const std::string said = attach.child().err();
  EXPECT_NE(said.find("OTLP: metrics are not taken: "), std::string::npos) << said;
  EXPECT_NE(said.find("OTLP: 0 data points and 0 spans sent; "), std::string::npos) << said;
  EXPECT_NE(said.find("traces dropped (rate): "), std::string::npos) << said;
  EXPECT_NE(said.find("traces dropped (stopped): "), std::string::npos) << said;
}

TEST(OtlpUsage, AnAddressThatIsNoneIsToldAtOnce) {
  const Ended ended = run_plateau({"attach", "--pid", "1", "--otlp-endpoint", "collector:4318"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(
      ended.err,
      "plateau: OTLP endpoint 'collector:4318' begins with neither http:// nor https://: give one as in "
      "http://127.0.0.1:4318\n");
}

}  // namespace
}  // namespace plateau::live
