// What the load generators and the watchers print, as captured from them.
#include <gmock/gmock.h>

#include "overhead/load.h"
#include "overhead/watcher.h"

namespace plateau::overhead {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;

constexpr std::string_view kWrk =
    "Running 1s test @ http://127.0.0.1:38971/\n  1 threads and 64 connections\n"
    "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency     1.04ms    1.54ms  16.82ms   "
    "91.39%\n"
    "    Req/Sec    55.12k    12.90k   71.43k    50.00%\n  54999 requests in 1.01s, 60.37MB read\n"
    "Requests/sec:  54680.65\nTransfer/sec:     60.02MB\n";

TEST(Wrk, TotalsAreRead) {
  const auto result = parse_wrk(kWrk);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->requests, 54999u);
  EXPECT_THAT(result->per_second, DoubleEq(54680.65));
  EXPECT_EQ(result->errors, 0u);
}

TEST(Wrk, ErrorsAreAddedUp) {
  const auto result = parse_wrk(
      "  10 requests in 1.01s, 1.37KB read\n  Socket errors: connect 1, read 20, write 300, timeout 4000\n"
      "  Non-2xx or 3xx responses: 50000\nRequests/sec:     9.90\n");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->requests, 10u);
  EXPECT_EQ(result->errors, 54321u);
}

TEST(Wrk, OtherTextIsAnError) {
  EXPECT_FALSE(parse_wrk("").ok());
  EXPECT_FALSE(parse_wrk("unable to connect to 127.0.0.1:1 Connection refused\n").ok());
  EXPECT_FALSE(parse_wrk("  many requests in 1.01s\nRequests/sec:  few\n").ok());
  EXPECT_FALSE(parse_wrk(kWrk.substr(0, kWrk.find("Requests/sec"))).ok());
}

TEST(PlateauLoad, TotalsAndErrorsAreRead) {
  const auto result = parse_plateau_load(
      R"({"sent":3003,"answered":3000,"throughput":3000.84,"errors":{"connect":1,"reset":2,"timeout":0}})");
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->requests, 3000u);
  EXPECT_THAT(result->per_second, DoubleEq(3000.84));
  EXPECT_EQ(result->errors, 3u);
}

TEST(PlateauLoad, OtherTextIsAnError) {
  for (const char* text :
       {"", "[]", "{\"answered\":3", "{\"answered\":3}", R"({"answered":"3","throughput":1})"})
    EXPECT_FALSE(parse_plateau_load(text).ok()) << text;
}

TEST(LoadName, RoundTrips) {
  for (const char* text : {"saturate", "rate:3000", "slow:200"}) {
    const auto load = parse_load(text);
    ASSERT_TRUE(load.ok()) << text;
    EXPECT_EQ(load->name(), text);
  }
}

TEST(LoadName, RejectsWhatItDoesNotMean) {
  for (const char* text : {"", "rate", "rate:", "rate:0", "rate:-1", "slow:9x", "slow:50001", "fast:1"}) {
    const auto load = parse_load(text);
    ASSERT_FALSE(load.ok()) << text;
    EXPECT_EQ(load.error().code, ExitCode::usage);
  }
}

TEST(Plateau, SeenAndLossesAreRead) {
  WatcherReport report;
  ASSERT_TRUE(
      read_plateau(R"({"coverage":{"requests_seen":101,"lost":{"ring_full":7,"evicted":0}}})", report).ok());
  EXPECT_THAT(report.seen, Optional(101u));
  EXPECT_THAT(report.losses, ElementsAre(Pair("ring_full", 7u)));
}

TEST(Plateau, WithoutCoverageOrLossesIsAnError) {
  WatcherReport report;
  for (const char* text : {"", "{}", "[]", R"({"coverage":{}})", R"({"coverage":{"requests_seen":1}})"})
    EXPECT_FALSE(read_plateau(text, report).ok()) << text;
  EXPECT_THAT(report.losses, IsEmpty());
}

TEST(Bpftrace, CountIsRead) {
  WatcherReport report;
  ASSERT_TRUE(read_bpftrace("live\n\n\n@latency:\n[4K, 8K)  12 |@@@|\n\n@requests: 12345\n", report).ok());
  EXPECT_THAT(report.seen, Optional(12345u));
  EXPECT_FALSE(read_bpftrace("live\n", report).ok());
}

}  // namespace
}  // namespace plateau::overhead
