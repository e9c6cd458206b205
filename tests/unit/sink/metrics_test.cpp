#include "sink/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "examples.h"
#include "exposition.h"
#include "sink/metric_table.h"

namespace plateau::sink {
namespace {

using attribution::Aggregate;
using attribution::budget_of;
using testing::DoubleNear;

constexpr double kExact = 1e-12;

MetricsSnapshot snapshot_of(attribution::Summary summary) {
  return {std::move(summary), {{4711, true}, {4712, false}}};
}

std::map<std::string, double> scrape_of(attribution::Summary summary) {
  MetricsSnapshot snapshot = snapshot_of(std::move(summary));
  LockLedger ledger;
  return samples_of(metrics_of(snapshot, ledger.update(snapshot.summary.locks), 3));
}

request::Request lasting(std::uint64_t ns, int status = 200) {
  request::Request r = example_request("/", status);
  r.end_ns = r.ready_ns + ns;
  return r;
}

TEST(Metrics, ExportsEveryMetricOfTheTableAndNoOther) {
  MetricsSnapshot snapshot = snapshot_of(full_summary());
  snapshot.summary.routes.at(0).parked_ns[PL_PARK_GC] = 1;
  snapshot.summary.facts.counters[PL_COUNT_KERNEL_LOCK_WAITS] = 1;
  snapshot.summary.collector.processes = snapshot.summary.collector.requests = 1;
  snapshot.summary.collector.assist_requests = 1;
  snapshot.summary.copies.in_ns = 1;
  LockLedger ledger;
  std::set<std::string> exported, listed;
  for (const auto& family : metrics_of(snapshot, ledger.update(snapshot.summary.locks), 0))
    exported.insert(family.name);
  for (const auto& row : metric_table())
    if (!row.name.starts_with("plateau_web_") && !row.name.starts_with("plateau_otlp_"))
      listed.insert(std::string(row.name));  // those are the server's and the exporter's
  EXPECT_EQ(exported, listed);
}

TEST(Metrics, CopiesAreCountedByTheWayThatBytesLeft) {
  auto summary = full_summary();
  EXPECT_FALSE(scrape_of(summary).contains(R"(plateau_copy_seconds_total{direction="in",path="receive"})"));
  summary.copies = {7'000'000, {3'000'000, 0, 0, 0, 0, 0, 0, 2'000'000}};
  const auto samples = scrape_of(summary);
  EXPECT_THAT(samples.at(R"(plateau_copy_seconds_total{direction="in",path="receive"})"),
              DoubleNear(0.007, kExact));
  EXPECT_THAT(samples.at(R"(plateau_copy_seconds_total{direction="out",path="copy"})"),
              DoubleNear(0.003, kExact));
  EXPECT_THAT(samples.at(R"(plateau_copy_seconds_total{direction="out",path="unknown"})"),
              DoubleNear(0.002, kExact));
  EXPECT_FALSE(samples.contains(R"(plateau_copy_seconds_total{direction="out",path="writev"})"));
}

TEST(Metrics, AddsThreadsThatWaitForEventsUpByKind) {
  auto summary = full_summary();
  summary.facts.loops.push_back(summary.facts.loops.at(0));
  summary.facts.loops.back().thread = "bank-22";
  const auto samples = scrape_of(summary);
  EXPECT_EQ(samples.at(R"(plateau_event_loop_wait_seconds_count{thread="bank-*"})"), 100);
  EXPECT_THAT(samples.at(R"(plateau_event_loop_wait_seconds_sum{thread="bank-*"})"), DoubleNear(1.2, kExact));
  for (const auto& [state, seconds] :
       {std::pair{"waiting", 1.26}, {"running", 0.6}, {"runnable", 0.04}, {"other", 0.1}})
    EXPECT_THAT(samples.at(std::string(R"(plateau_event_loop_seconds_total{thread="bank-*",state=")") +
                           state + "\"}"),
                DoubleNear(seconds, kExact))
        << state;
}

TEST(Metrics, ShowsTheCollectorsPartOfRequestsWhereThatIsKnown) {
  auto summary = full_summary();
  summary.collector.processes = 1;
  summary.collector.pauses = 3;
  EXPECT_EQ(scrape_of(summary).at("plateau_go_gc_pauses_total"), 3);
  EXPECT_FALSE(scrape_of(summary).contains("plateau_request_gc_pause_seconds_total"));
  EXPECT_FALSE(scrape_of(summary).contains("plateau_request_gc_assist_seconds_total"));
  summary.collector.requests = summary.collector.assist_requests = 1;
  summary.collector.assist_ns = 2'000'000'000;
  EXPECT_EQ(scrape_of(summary).at("plateau_request_gc_pause_seconds_total"), 0);
  EXPECT_EQ(scrape_of(summary).at("plateau_request_gc_assist_seconds_total"), 2);
}

TEST(Metrics, CountsBypassesByKind) {
  auto summary = full_summary();
  summary.facts.view.bypasses = {{1, "a", "af_xdp", "2 AF_XDP sockets", 2, false},
                                 {2, "a", "af_xdp", "1 AF_XDP socket", 1, false},
                                 {2, "a", "rdma", "libibverbs.so loaded (RDMA)", 1, true}};
  const auto samples = scrape_of(summary);
  EXPECT_EQ(samples.at(R"(plateau_bypasses{kind="af_xdp",certain="yes"})"), 3);
  EXPECT_EQ(samples.at(R"(plateau_bypasses{kind="rdma",certain="no"})"), 1);
}

TEST(Metrics, CountsLatenciesInBucketsByTheirUpperBounds) {
  Aggregate aggregate;
  for (const std::uint64_t ns : {10'000, 10'001, 25'000, 1'000'000, 1'000'001})
    aggregate.add(lasting(ns), budget_of(lasting(ns)));
  const auto far = lasting(10'000'000'001);
  aggregate.add(far, budget_of(far));
  const auto samples = scrape_of(example_summary(aggregate));
  const std::string labels =
      R"({http_request_method="GET",http_route="/",http_response_status_code="200",le=")";
  const auto bucket = [&](const std::string& le) {
    return samples.at("http_server_request_duration_seconds_bucket" + labels + le + "\"}");
  };
  EXPECT_EQ(bucket("1e-05"), 1);
  EXPECT_EQ(bucket("2.5e-05"), 3);
  EXPECT_EQ(bucket("5e-05"), 3);
  EXPECT_EQ(bucket("0.001"), 4);
  EXPECT_EQ(bucket("0.0025"), 5);
  EXPECT_EQ(bucket("10.0"), 5);
  EXPECT_EQ(bucket("+Inf"), 6);
}

// Of each histogram: bounds rise, counts never fall, the last bucket is all, and the sum is the latencies'.
TEST(Metrics, GivesConsistentHistograms) {
  const auto summary = full_summary();
  std::uint64_t count = 0;
  double sum = 0;
  for (const auto& family : metrics_of(snapshot_of(summary), {}, 0)) {
    if (family.type != prometheus::MetricType::Histogram) continue;
    for (const auto& metric : family.metric) {
      const auto& h = metric.histogram;
      for (std::size_t i = 1; i < h.bucket.size(); i++) {
        EXPECT_GT(h.bucket[i].upper_bound, h.bucket[i - 1].upper_bound);
        EXPECT_GE(h.bucket[i].cumulative_count, h.bucket[i - 1].cumulative_count);
      }
      ASSERT_FALSE(h.bucket.empty());
      EXPECT_TRUE(std::isinf(h.bucket.back().upper_bound));
      EXPECT_EQ(h.bucket.back().cumulative_count, h.sample_count);
      if (family.name != "http_server_request_duration_seconds") continue;
      count += h.sample_count;
      sum += h.sample_sum;
    }
  }
  EXPECT_EQ(count, summary.total.count);
  EXPECT_THAT(sum, DoubleNear(static_cast<double>(summary.total.latency_ns) / 1e9, kExact));
}

TEST(Metrics, SplitsTheHistogramByStatus) {
  Aggregate aggregate;
  for (const int status : {200, 200, 404, 0})
    aggregate.add(lasting(1000, status), budget_of(lasting(1000, status)));
  const auto samples = scrape_of(example_summary(aggregate));
  const std::string name =
      R"(http_server_request_duration_seconds_count{http_request_method="GET",http_route="/")";
  EXPECT_EQ(samples.at(name + R"(,http_response_status_code="200"})"), 2);
  EXPECT_EQ(samples.at(name + R"(,http_response_status_code="404"})"), 1);
  EXPECT_EQ(samples.at(name + "}"), 1);
}

TEST(Metrics, BoundsTheStatusesOfARoute) {
  Aggregate aggregate;
  for (int status = 100; status < 1000; status++)
    aggregate.add(lasting(1000, status), budget_of(lasting(1000, status)));
  const auto samples = scrape_of(example_summary(aggregate));
  double total = 0;
  int series = 0;
  for (const auto& [name, value] : samples) {
    if (!name.starts_with("http_server_request_duration_seconds_count")) continue;
    total += value;
    series++;
  }
  EXPECT_EQ(series, 17);  // 16 and "other"
  EXPECT_EQ(total, 900);
}

TEST(Metrics, SumsStagesToTheLatency) {
  const auto summary = full_summary();
  double sum = 0;
  int series = 0;
  for (const auto& [name, value] : scrape_of(summary)) {
    if (!name.starts_with("plateau_request_stage_seconds_total")) continue;
    sum += value;
    series++;
  }
  EXPECT_EQ(series, static_cast<int>(summary.routes.size() * attribution::kStages));
  EXPECT_THAT(sum, DoubleNear(static_cast<double>(summary.total.latency_ns) / 1e9, 1e-9));
}

TEST(Metrics, ShowsStagesInSeconds) {
  Aggregate aggregate;
  const auto r = example_request("/", 200);
  aggregate.add(r, budget_of(r));
  const auto samples = scrape_of(example_summary(aggregate));
  const auto stage = [&](const std::string& name) {
    return samples.at("plateau_request_stage_seconds_total{stage=\"" + name + "\",http_route=\"/\"}");
  };
  EXPECT_THAT(stage("cpu"), DoubleNear(100e-6, kExact));
  EXPECT_THAT(stage("lock_user"), DoubleNear(60e-6, kExact));
  EXPECT_THAT(stage("wakeup"), DoubleNear(20e-6, kExact));
  EXPECT_THAT(stage("unattributed"), DoubleNear(20e-6, kExact));
  EXPECT_EQ(stage("disk"), 0);
}

TEST(Metrics, ShowsWhatGoroutinesWereParkedForWhereThatIsTold) {
  Aggregate aggregate;
  for (const auto& r : {parked_request("/go"), parked_request("/go"), example_request("/", 200)})
    aggregate.add(r, budget_of(r));
  const auto samples = scrape_of(example_summary(aggregate));
  const auto parked = [&](const std::string& reason) {
    return samples.at("plateau_request_parked_seconds_total{reason=\"" + reason + "\",http_route=\"/go\"}");
  };
  EXPECT_THAT(parked("channel"), DoubleNear(120e-6, kExact));
  EXPECT_THAT(parked("gc"), DoubleNear(60e-6, kExact));
  EXPECT_THAT(parked("other"), DoubleNear(20e-6, kExact));
  EXPECT_EQ(parked("timer"), 0);
  for (const auto& [name, value] : samples)
    EXPECT_FALSE(name.starts_with("plateau_request_parked") && name.ends_with("http_route=\"/\"}")) << name;
}

TEST(Metrics, NamesTheServersThatTheTargetAsks) {
  const auto samples = scrape_of(full_summary());
  EXPECT_EQ(samples.at(R"(plateau_downstream_calls_total{peer="10.0.0.7:5432"})"), 200);
  EXPECT_EQ(samples.at(R"(plateau_downstream_calls_total{peer="other"})"), 3);
  EXPECT_EQ(samples.at(R"(plateau_downstream_answers_total{peer="10.0.0.7:5432"})"), 199);
  EXPECT_THAT(samples.at(R"(plateau_downstream_answer_seconds_total{peer="10.0.0.7:5432"})"),
              DoubleNear(0.398, kExact));
}

TEST(Metrics, CountsRequestsByFramingAndOutcome) {
  Aggregate aggregate;
  auto r = example_request("/", 200);
  aggregate.add(r, budget_of(r));
  r.framing = request::Framing::inferred;
  r.outcome = request::Outcome::cut;
  aggregate.add(r, budget_of(r));
  r.framing = request::Framing::unknown;
  r.outcome = request::Outcome::unanswered;
  aggregate.add(r, budget_of(r));
  const auto samples = scrape_of(example_summary(aggregate));
  EXPECT_EQ(samples.at(R"(plateau_requests_total{framing="exact",outcome="answered"})"), 1);
  EXPECT_EQ(samples.at(R"(plateau_requests_total{framing="inferred",outcome="cut"})"), 1);
  EXPECT_EQ(samples.at(R"(plateau_requests_total{framing="unknown",outcome="unanswered"})"), 1);
  EXPECT_EQ(samples.at(R"(plateau_requests_total{framing="exact",outcome="cut"})"), 0);
}

TEST(Metrics, ShowsEveryCauseOfLoss) {
  const auto summary = full_summary();
  const auto samples = scrape_of(summary);
  ASSERT_GE(summary.coverage.losses.size(), 14u);
  for (const auto& loss : summary.coverage.losses)
    EXPECT_EQ(samples.at("plateau_lost_total{cause=\"" + loss.cause + "\"}"),
              static_cast<double>(loss.count));
}

TEST(Metrics, NamesTheLocksHolderAndItsCeiling) {
  const auto samples = scrape_of(full_summary());
  const std::string labels = R"({lock="0x7f0000001000",pid="4711",holder="bank::settle"})";
  EXPECT_THAT(samples.at("plateau_lock_wait_seconds_total" + labels), DoubleNear(0.1, kExact));
  EXPECT_THAT(samples.at("plateau_lock_request_wait_seconds_total" + labels), DoubleNear(0.1, kExact));
  EXPECT_EQ(samples.at("plateau_lock_waits_total" + labels), 100);
  EXPECT_EQ(samples.at("plateau_lock_handovers_total" + labels), 100);
  // 300 us a hand-over, one hand-over a request.
  EXPECT_THAT(samples.at(R"(plateau_ceiling_requests_per_second{resource="lock",holder="bank::settle"})"),
              DoubleNear(105.3, 0.1));
}

TEST(Metrics, TellsWhereTheKernelsOwnLocksAreWaitedFor) {
  auto summary = full_summary();
  constexpr std::size_t kSpin = PL_KERNEL_LOCK_SPIN;
  summary.facts.counters[PL_COUNT_KERNEL_LOCK_WAITS + kSpin] = 13;
  summary.facts.counters[PL_COUNT_KERNEL_LOCK_NS + kSpin] = 1'000'000'000;
  summary.facts.kernel_locks = {{PL_KERNEL_LOCK_SPIN, "socket", 11, 750'000'000}};
  const auto samples = scrape_of(summary);
  const std::string seconds = "plateau_kernel_lock_wait_seconds_total";
  EXPECT_EQ(samples.at(seconds + R"({kind="spinlock",class="socket"})"), 0.75);
  EXPECT_EQ(samples.at(seconds + R"({kind="spinlock",class="unread"})"), 0.25);
  EXPECT_EQ(samples.at(R"(plateau_kernel_lock_waits_total{kind="spinlock",class="socket"})"), 11);
  EXPECT_EQ(samples.at(R"(plateau_kernel_lock_waits_total{kind="spinlock",class="unread"})"), 2);
}

TEST(Metrics, TellsOfTargetAgentAndItself) {
  const auto samples = scrape_of(full_summary());
  EXPECT_EQ(samples.at(R"(plateau_target_up{pid="4711"})"), 1);
  EXPECT_EQ(samples.at(R"(plateau_target_up{pid="4712"})"), 0);
  EXPECT_EQ(samples.at("plateau_target_cpu_seconds_total"), 0.25);
  EXPECT_EQ(samples.at("plateau_target_threads"), 9);
  EXPECT_EQ(samples.at("plateau_agent_resident_memory_bytes"), 20 << 20);
  EXPECT_THAT(samples.at("plateau_probe_seconds_per_request"), DoubleNear(300e-9, kExact));
  EXPECT_EQ(samples.at(R"(plateau_provider_info{signal="waking",provider="none"})"), 1);
  EXPECT_EQ(samples.at("plateau_attach_start_time_seconds"), 1'700'000'000.5);
  EXPECT_EQ(samples.at("plateau_connections_opened_total"), 11);
  EXPECT_EQ(samples.at("plateau_downstream_bytes_total"), 77);
  EXPECT_EQ(samples.at("plateau_scrape_timeouts_total"), 3);
  EXPECT_EQ(samples.at("plateau_build_info{version=\"" PLATEAU_VERSION "\"}"), 1);
}

TEST(Metrics, ShowsNothingThatWasNotMeasured) {
  attribution::Summary summary = full_summary();
  summary.facts.cost.window_requests = 0;
  EXPECT_FALSE(scrape_of(summary).contains("plateau_probe_seconds_per_request"));
}

// A path may look like a template, and a symbol like anything: a scrape must not break.
TEST(Metrics, MergesSeriesOfEqualLabels) {
  attribution::Summary summary = full_summary();
  const auto before = scrape_of(summary).at(R"(plateau_request_bytes_total{http_route="/users/{id}"})");
  attribution::RouteStats twin;
  twin.method = "GET";
  twin.route = "/users/{id}";
  twin.bytes_in = 5;
  summary.routes.push_back(twin);
  EXPECT_EQ(scrape_of(summary).at(R"(plateau_request_bytes_total{http_route="/users/{id}"})"), before + 5);
}

TEST(MetricsCollector, TellsOfATimeOut) {
  const MetricsCollector collector([] { return nullptr; });
  EXPECT_EQ(samples_of(collector.Collect()).at("plateau_scrape_timeouts_total"), 1);
  const auto samples = samples_of(collector.Collect());
  EXPECT_EQ(samples.at("plateau_scrape_timeouts_total"), 2);
  EXPECT_EQ(samples.size(), 2u);
  EXPECT_EQ(collector.scrapes(), 2u);
}

TEST(MetricsCollector, ShowsTheSnapshotThatItFetches) {
  const auto snapshot = std::make_shared<const MetricsSnapshot>(snapshot_of(full_summary()));
  const MetricsCollector collector([&] { return snapshot; });
  EXPECT_EQ(samples_of(collector.Collect())
                .at(R"(plateau_lock_waits_total{lock="0x7f0000001000",pid="4711",holder="bank::settle"})"),
            100);
}

// What is left of one count when others are taken off it, and what is read while the kernel side writes it.
TEST(MetricsCollector, LetsNoCounterFall) {
  auto snapshot = std::make_shared<MetricsSnapshot>(snapshot_of(full_summary()));
  const MetricsCollector collector([&] { return snapshot; });
  const auto before = samples_of(collector.Collect());
  wire::Facts& facts = snapshot->summary.facts;
  facts.loops.at(0).run_ns -= 1'000;
  facts.loops.at(0).runqueue_ns += 3'000;
  facts.target_cpu_s -= 0.125;
  snapshot->summary.coverage.losses.at(0).count += 7;
  const auto after = samples_of(collector.Collect());
  const std::string loop = R"(plateau_event_loop_seconds_total{thread="bank-*",state=")";
  EXPECT_EQ(after.at(loop + "running\"}"), before.at(loop + "running\"}"));
  EXPECT_EQ(after.at(loop + "other\"}"), before.at(loop + "other\"}"));
  EXPECT_THAT(after.at(loop + "runnable\"}"), DoubleNear(before.at(loop + "runnable\"}") + 3e-6, kExact));
  EXPECT_EQ(after.at("plateau_target_cpu_seconds_total"), before.at("plateau_target_cpu_seconds_total"));
  const std::string lost =
      "plateau_lost_total{cause=\"" + snapshot->summary.coverage.losses.at(0).cause + "\"}";
  EXPECT_EQ(after.at(lost), before.at(lost) + 7);
}

// Names of threads, say, may be without end.
TEST(CounterLedger, ForgetsWhatIsNoLongerShown) {
  CounterLedger ledger(2);
  const auto shown = [&](double value, std::initializer_list<const char*> threads) {
    MetricSet set;
    for (const char* thread : threads) set.add(Metric::loop_seconds, value, {thread, "running"});
    ledger.update(set);
    return set.families().at(0).metric.at(0).counter.value;
  };
  EXPECT_EQ(shown(5, {"a", "b"}), 5);
  EXPECT_EQ(shown(3, {"a"}), 5) << "there is room for both";
  EXPECT_EQ(shown(4, {"c"}), 4);
  EXPECT_EQ(shown(2, {"c"}), 4);
  EXPECT_EQ(shown(1, {"a"}), 1) << "forgotten when c came";
}

}  // namespace
}  // namespace plateau::sink
