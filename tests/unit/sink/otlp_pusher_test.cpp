// When what is exported, with a clock and a receiver of the test's own.
#include "sink/otlp/pusher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h>
#include <opentelemetry/proto/collector/trace/v1/trace_service.pb.h>

#include <algorithm>
#include <deque>
#include <set>

#include "examples.h"
#include "sink/otlp/backoff.h"

namespace plateau::sink::otlp {
namespace {

using namespace opentelemetry::proto::collector;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::uint64_t kSecond = 1'000'000'000;

class OtlpPusher : public testing::Test {
 protected:
  OtlpPusher() { pusher_.follow({"bank", 4711, "127.0.0.1:8080", 1}); }

  Surroundings world() {
    return {[] { return std::vector<prometheus::MetricFamily>{one_gauge()}; },
            [this](Signal signal, const std::string& body, long) { return answer(signal, body); },
            [this] { return now_; },
            [] { return std::int64_t{0}; },
            [this] { return random_ += 0x9e3779b97f4a7c15u; },
            [this](const std::string& line) { said_.push_back(line); },
            "host"};
  }
  static prometheus::MetricFamily one_gauge() {
    prometheus::MetricFamily family{"plateau_target_threads", "", prometheus::MetricType::Gauge, {{}}};
    family.metric[0].gauge.value = 7;
    return family;
  }

  Answer answer(Signal signal, const std::string& body) {
    posts_.push_back({now_, signal, body});
    if (answers_.empty()) return {200};
    Answer next = answers_.front();
    answers_.pop_front();
    return next;
  }

  void add(std::size_t requests) {
    const auto r = example_request("/", 200);
    for (std::size_t i = 0; i < requests; i++) pusher_.add({r, attribution::budget_of(r), "/"});
  }
  // Steps as the thread does, up to `end`.
  void run_until(std::uint64_t end) {
    while (now_ <= end) {
      const std::uint64_t next = pusher_.step();
      now_ = std::max(now_, next);
    }
    now_ = end;
  }
  std::vector<std::uint64_t> times_of(Signal signal) const {
    std::vector<std::uint64_t> times;
    for (const auto& post : posts_)
      if (post.signal == signal) times.push_back(post.ns / 1'000'000);
    return times;
  }
  std::uint64_t dropped(Signal signal, Drop cause) const { return counts_.dropped_of(signal, cause); }

  struct Post {
    std::uint64_t ns;
    Signal signal;
    std::string body;
  };

  std::uint64_t now_ = 100 * kSecond;
  std::uint64_t random_ = 0;
  std::vector<Post> posts_;
  std::deque<Answer> answers_;  // then 200
  std::vector<std::string> said_;
  Counts counts_;
  Settings settings_{.endpoint = "http://x", .sample = 1};
  Pusher pusher_{settings_, counts_, world()};
  const std::uint64_t spans_ = spans_in(attribution::budget_of(example_request("/", 200)));
};

TEST_F(OtlpPusher, SendsMetricsAtTheInterval) {
  run_until(121 * kSecond);
  EXPECT_THAT(times_of(Signal::metrics), ElementsAre(100'000, 110'000, 120'000));
  EXPECT_THAT(times_of(Signal::traces), SizeIs(0));
  EXPECT_EQ(counts_.sent_of(Signal::metrics), 3u);
  metrics::v1::ExportMetricsServiceRequest message;
  ASSERT_TRUE(message.ParseFromString(posts_[0].body));
  EXPECT_EQ(message.resource_metrics(0).scope_metrics(0).metrics(0).gauge().data_points(0).as_double(), 7);
}

TEST_F(OtlpPusher, WaitsUntilItKnowsWhomItIsAbout) {
  Pusher pusher(settings_, counts_, world());
  for (int i = 0; i < 3; i++) now_ = pusher.step();
  pusher.finish();
  EXPECT_THAT(posts_, SizeIs(0));
}

TEST_F(OtlpPusher, SendsSpansInBatches) {
  add(1'297);
  run_until(105 * kSecond);
  std::set<std::string> ids;
  int spans = 0;
  for (const auto& post : posts_) {
    if (post.signal != Signal::traces) continue;
    trace::v1::ExportTraceServiceRequest message;
    ASSERT_TRUE(message.ParseFromString(post.body));
    for (const auto& span : message.resource_spans(0).scope_spans(0).spans()) {
      ids.insert(span.span_id());
      spans++;
    }
  }
  EXPECT_THAT(times_of(Signal::traces), SizeIs(3));
  EXPECT_EQ(static_cast<std::uint64_t>(spans), 1'297 * spans_);
  EXPECT_EQ(ids.size(), 1'297 * spans_);
  EXPECT_EQ(counts_.sent_of(Signal::traces), 1'297 * spans_);
}

TEST_F(OtlpPusher, ComesBackWhenTheReceiverWishes) {
  answers_ = {{503, "", 7 * kSecond}, {.error = "connection refused"}, {429}};
  run_until(120 * kSecond);
  const auto times = times_of(Signal::metrics);
  ASSERT_GE(times.size(), 4u);
  EXPECT_EQ(times[1], 107'000u);
  EXPECT_GE(times[2] - times[1], 1'000u);  // from half of two seconds to all
  EXPECT_LE(times[2] - times[1], 2'000u);
  EXPECT_GE(times[3] - times[2], 2'000u);
  EXPECT_LE(times[3] - times[2], 4'000u);
  EXPECT_EQ(counts_.retries_of(Signal::metrics), 3u);
  EXPECT_EQ(posts_[0].body, posts_[1].body);
  EXPECT_EQ(dropped(Signal::metrics, Drop::refused) + dropped(Signal::metrics, Drop::gave_up), 0u);
  ASSERT_THAT(said_, SizeIs(2));
  EXPECT_THAT(said_[0], HasSubstr("metrics are not taken: the receiver answered 503; trying again"));
  EXPECT_THAT(said_[1], HasSubstr("metrics are taken again"));
}

TEST_F(OtlpPusher, GivesUpAfterFiveMinutes) {
  answers_.assign(1'000, {.error = "connection refused"});
  add(11);
  run_until(100 * kSecond + Backoff::kGiveUpNs + 31 * kSecond);
  EXPECT_EQ(dropped(Signal::traces, Drop::gave_up), 11 * spans_);
  EXPECT_EQ(dropped(Signal::metrics, Drop::gave_up), 1u);
  EXPECT_THAT(times_of(Signal::traces), SizeIs(testing::AllOf(testing::Gt(10u), testing::Lt(30u))));
}

TEST_F(OtlpPusher, DropsWhatIsRefusedForGood) {
  answers_ = {{400}, {401}};
  add(13);
  run_until(105 * kSecond);
  EXPECT_EQ(dropped(Signal::metrics, Drop::refused), 1u);
  EXPECT_EQ(dropped(Signal::traces, Drop::refused), 13 * spans_);
  EXPECT_THAT(posts_, SizeIs(2));
}

TEST_F(OtlpPusher, CountsWhatWasTakenInPart) {
  trace::v1::ExportTraceServiceResponse part;
  part.mutable_partial_success()->set_rejected_spans(5);
  part.mutable_partial_success()->set_error_message("too old\n");
  answers_ = {{200}, {200, part.SerializeAsString()}, {200, part.SerializeAsString()}};
  add(1'000);
  run_until(105 * kSecond);
  EXPECT_EQ(dropped(Signal::traces, Drop::rejected), 10u);
  EXPECT_EQ(counts_.sent_of(Signal::traces), 1'000 * spans_ - 10);
  ASSERT_THAT(said_, SizeIs(1));
  EXPECT_THAT(said_[0], HasSubstr("rejected 5: 'too old?'"));
}

TEST_F(OtlpPusher, EndsWithWhatIsLeft) {
  add(600);
  pusher_.finish();
  EXPECT_THAT(times_of(Signal::metrics), SizeIs(1));
  EXPECT_THAT(times_of(Signal::traces), SizeIs(2));
  EXPECT_EQ(counts_.sent_of(Signal::traces), 600 * spans_);
}

TEST_F(OtlpPusher, EndsWithoutAReceiverAndCountsWhatIsLeft) {
  answers_.assign(1'000, {.error = "connection refused"});
  add(600);
  run_until(101 * kSecond);
  pusher_.finish();
  EXPECT_EQ(dropped(Signal::traces, Drop::stopped), 600 * spans_);
  EXPECT_EQ(dropped(Signal::metrics, Drop::stopped), 2u);
  EXPECT_LE(posts_.size(), 6u);
}

TEST(OtlpBackoff, IsSpreadFromHalfToAll) {
  for (const auto& [random, wait] : {std::pair{0ull, 500'000'000ull}, {500'000'000ull, 1'000'000'000ull}})
    EXPECT_EQ(Backoff().next(kSecond, 0, random), kSecond + wait);
}

TEST(OtlpBackoff, GoesNoFurtherThanItsMost) {
  Backoff backoff;
  std::uint64_t now = kSecond, last = 0;
  while (const auto due = backoff.next(now, 0, 15'000'000'000)) {
    last = *due - now;
    EXPECT_LE(last, Backoff::kMostNs);
    now = *due;
  }
  EXPECT_EQ(last, Backoff::kMostNs);
  EXPECT_LE(now, kSecond + Backoff::kGiveUpNs);
}

TEST(OtlpBackoff, DoesNotWaitForAReceiverThatIsGoneForLong) {
  EXPECT_EQ(Backoff().next(kSecond, Backoff::kGiveUpNs + 1, 0), std::nullopt);
  EXPECT_EQ(Backoff().next(kSecond, UINT64_MAX, 0), std::nullopt);
}

}  // namespace
}  // namespace plateau::sink::otlp
