// Reading what the lab's programs print.
#include <gmock/gmock.h>

#include "app/lab/load.h"
#include "app/lab/nginx.h"
#include "app/lab/place.h"
#include "app/lab/system.h"
#include "app/lab/watch.h"

namespace plateau::app::lab {
namespace {

using testing::HasSubstr;

TEST(ParseLoad, TakesItsFiguresAndAddsItsErrors) {
  const auto figures = parse_load(
      R"({"answered":7,"seconds":2.0,"throughput":3.5,"connects":1,"latency_ns":{"p50":1,"p99":2,"p99.9":3,
          "max":4},"errors":{"reset":2,"timeout":1}})");
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->answered, 7u);
  EXPECT_EQ(figures->per_second, 3.5);
  EXPECT_EQ(figures->p999_ns, 3);
  EXPECT_EQ(figures->errors, 3u);
  EXPECT_FALSE(parse_load(""));
  EXPECT_FALSE(parse_load("[1]"));
}

TEST(ParseLoad, TakesALineOfItsLog) {
  const auto request = parse_logged(R"({"peer":"a","seq":0,"scheduled_ns":5,"sent_ns":6,"done_ns":9})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->latency_ns(), 4);
  EXPECT_FALSE(parse_logged("{}"));
}

TEST(ParseSaid, TakesVerdictAndMeanStages) {
  const auto said = parse_said(R"json({"verdict":{"text":"t","bound":true,"throughput":10.0,"cpu_idle":0.5,
      "ceilings":[{"resource":"lock","per_second":11.0,"demand_ns":5,"holder":"f(int)"}]},
      "total":{"requests":2,"p99_ns":8,"stages_sum_ns":{"cpu":30}},"coverage":{"requests":1.0}})json");
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_TRUE(said->bound);
  EXPECT_EQ(said->stage_ns.at("cpu"), 15);
  EXPECT_EQ(said->p99_ns, 8);
  EXPECT_EQ(verdict_in_short(*said), "lock in f: 11/s at most, 5 ns a request");
  EXPECT_FALSE(parse_said("{}"));
  EXPECT_FALSE(parse_said("plateau: no privilege"));
}

TEST(Nginx, WritesNothingToDiskAndRunsAlone) {
  const std::string text = nginx_configuration(8123, "/proc/self/fd/11", {"keepalive_requests 1"});
  EXPECT_THAT(text, HasSubstr("listen 127.0.0.1:8123 "));
  EXPECT_THAT(text, HasSubstr("pid /proc/self/fd/11;"));
  EXPECT_THAT(text, HasSubstr("master_process off;"));
  EXPECT_THAT(text, HasSubstr("access_log off;"));
  EXPECT_THAT(text, HasSubstr("keepalive_requests 1;\n"));
}

TEST(Place, ServerAndLoadAreApartWhereTheyCanBe) {
  EXPECT_EQ(choose_place(Cores::apart, {2, 5}).server_cpus, std::vector<int>{2});
  EXPECT_EQ(choose_place(Cores::apart, {2, 5}).load_cpus, std::vector<int>{5});
  EXPECT_EQ(choose_place(Cores::apart, {2}).load_cpus, std::vector<int>{2});
  EXPECT_THAT(choose_place(Cores::apart, {2}).text, HasSubstr("the one CPU there is"));
  EXPECT_EQ(choose_place(Cores::shared, {2, 5}).server_cpus, (std::vector<int>{2, 5}));
}

TEST(Machine, SharesAreOfAllTimeAndOthersAreWhatIsNotOurs) {
  const MachineFigures figures = machine_figures({60, 130, 10}, 40, 100);
  EXPECT_DOUBLE_EQ(figures.idle_share, 0.65);
  EXPECT_DOUBLE_EQ(figures.free_share, 0.8);
  EXPECT_DOUBLE_EQ(figures.others, 0.2);
  EXPECT_DOUBLE_EQ(figures.steal, 0.1);
}

TEST(Sleeps, AreOfThreadsThatWorked) {
  ThreadTimes before{0, {{1, {0, 0, 0}}, {2, {0, 0, 0}}}};
  ThreadTimes after{1000, {{1, {300, 100, 6}}, {2, {1, 0, 1}}, {3, {500, 0, 1}}}};
  ProcessFigures figures;
  add_sleeps(before, after, figures);
  EXPECT_DOUBLE_EQ(figures.blocked_share.value(), 0.6);
  EXPECT_DOUBLE_EQ(figures.sleep_ns.value(), 100);
}

}  // namespace
}  // namespace plateau::app::lab
