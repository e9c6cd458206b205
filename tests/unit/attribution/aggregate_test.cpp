#include "attribution/aggregate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <numeric>
#include <random>

#include "attribution/summary.h"

namespace plateau::attribution {
namespace {

using testing::ElementsAre;

request::Request request_of(std::string method, std::string path, int status = 200,
                            std::uint64_t latency = 1000) {
  request::Request r;
  r.method = std::move(method);
  r.path = std::move(path);
  r.status = status;
  r.tgid = 10;
  r.writer_tid = 11;
  r.ready_ns = 5000;
  r.end_ns = 5000 + latency;
  r.bytes_in = 100;
  r.bytes_out = 1000;
  r.calls_out = 2;
  r.retransmits = 1;
  r.state[PL_STATE_RUN] = latency / 2;
  return r;
}

void add(Aggregate& aggregate, const request::Request& request) {
  aggregate.add(request, budget_of(request));
}

TEST(Aggregate, CopiesAreOfTheFirstWayThatCopies) {
  Aggregate aggregate;
  for (const int paths : {0, int{PL_PATH_COPY}, PL_PATH_COPY | PL_PATH_SENDFILE, int{PL_PATH_WRITEV}}) {
    request::Request r = request_of("GET", "/", 200, 1000);
    r.paths = static_cast<std::uint8_t>(paths);
    Budget budget = budget_of(r);
    budget.ns[index(Stage::copy_in)] = 3;
    budget.ns[index(Stage::copy_out)] = 7;
    aggregate.add(r, budget);
  }
  const CopyTimes& copies = aggregate.copies();
  EXPECT_EQ(copies.in_ns, 12u);
  EXPECT_THAT(copies.out_ns, ElementsAre(14, 7, 0, 0, 0, 0, 0, 7));
  EXPECT_EQ(aggregate.total().stage_ns[index(Stage::copy_in)], copies.in_ns);
  EXPECT_EQ(aggregate.total().stage_ns[index(Stage::copy_out)],
            std::accumulate(copies.out_ns.begin(), copies.out_ns.end(), std::uint64_t{0}));
}

wire::HolderSample holder_of(std::uint64_t futex, std::uint32_t tgid, std::string function,
                             std::uint64_t weight = 1) {
  wire::HolderSample sample;
  sample.futex = futex;
  sample.tgid = tgid;
  sample.weight = weight;
  sample.frames = {"unlock", std::move(function)};
  sample.modules = {"/lib/libc.so.6", "/bin/server"};
  return sample;
}

TEST(Aggregate, GroupsByMethodAndRouteTemplate) {
  Aggregate aggregate;
  for (int i = 0; i < 5; i++) add(aggregate, request_of("GET", "/users/" + std::to_string(1000 + i)));
  add(aggregate, request_of("POST", "/users/7000", 500, 9000));
  add(aggregate, request_of("BREW", "/pot"));
  add(aggregate, request_of("", ""));

  const auto routes = aggregate.routes();
  ASSERT_EQ(routes.size(), 4u);
  EXPECT_EQ(routes[0].route, "/users/{id}");
  EXPECT_EQ(routes[0].method, "GET");
  EXPECT_EQ(routes[0].count, 5u);
  EXPECT_THAT(routes[0].by_class, ElementsAre(0, 0, 5, 0, 0, 0));
  EXPECT_EQ(routes[0].latency_ns, 5000u);
  EXPECT_EQ(routes[0].stage_ns[index(Stage::cpu)], 2500u);
  EXPECT_EQ(routes[0].bytes_in, 500u);
  EXPECT_EQ(routes[0].bytes_out, 5000u);
  EXPECT_EQ(routes[0].calls_out, 10u);
  EXPECT_EQ(routes[0].retransmits, 5u);
  const auto find = [&](std::string_view method) {
    return std::find_if(routes.begin(), routes.end(),
                        [&](const RouteStats& r) { return r.method == method; });
  };
  ASSERT_NE(find("POST"), routes.end());
  EXPECT_THAT(find("POST")->by_class, ElementsAre(0, 0, 0, 0, 0, 1));
  ASSERT_NE(find("_OTHER"), routes.end());
  EXPECT_EQ(find("_OTHER")->route, "/pot");
  ASSERT_NE(find(""), routes.end());
}

TEST(Aggregate, PutsStrangeStatusesAside) {
  Aggregate aggregate;
  for (const int status : {0, 99, 700, 999}) add(aggregate, request_of("GET", "/", status));
  EXPECT_THAT(aggregate.total().by_class, ElementsAre(4, 0, 0, 0, 0, 0));
}

TEST(Aggregate, TotalsAreTheSumsOfTheRoutes) {
  std::mt19937 random(4);
  Aggregate aggregate(AggregateLimits{20, 100, 100});
  for (int i = 0; i < 5000; i++) {
    auto request = request_of(random() % 2 ? "GET" : "PUT", "/r" + std::to_string(random() % 60) + "/x",
                              200 + static_cast<int>(random() % 400), random() % 1'000'000);
    request.state[random() % PL_STATES] = random() % 2'000'000;
    add(aggregate, request);
  }
  const RouteStats total = aggregate.total();
  RouteStats sum;
  for (const RouteStats& route : aggregate.routes()) {
    sum.count += route.count;
    sum.latency_ns += route.latency_ns;
    sum.bytes_in += route.bytes_in;
    sum.bytes_out += route.bytes_out;
    for (std::size_t i = 0; i < kStages; i++) sum.stage_ns[i] += route.stage_ns[i];
    for (std::size_t i = 0; i < sum.by_class.size(); i++) sum.by_class[i] += route.by_class[i];
    sum.latency.merge(route.latency);
  }
  EXPECT_EQ(total.route, "all");
  EXPECT_EQ(total.count, 5000u);
  EXPECT_EQ(sum.count, total.count);
  EXPECT_EQ(sum.latency_ns, total.latency_ns);
  EXPECT_EQ(sum.bytes_in, total.bytes_in);
  EXPECT_EQ(sum.bytes_out, total.bytes_out);
  EXPECT_EQ(sum.stage_ns, total.stage_ns);
  EXPECT_EQ(sum.by_class, total.by_class);
  EXPECT_EQ(sum.latency.count(), total.latency.count());
  EXPECT_EQ(std::accumulate(total.stage_ns.begin(), total.stage_ns.end(), std::uint64_t{0}),
            total.latency_ns);
  EXPECT_GT(aggregate.overcharged(), 0u);
  EXPECT_EQ(aggregate.explained_bytes(), total.bytes_in + total.bytes_out);
}

TEST(Aggregate, CountsRoutesThatDoNotFitAsOther) {
  Aggregate aggregate(AggregateLimits{3, 100, 100});
  for (const char* path : {"/alpha/x", "/beta/y", "/gamma/z", "/delta/w", "/epsilon/v"})
    add(aggregate, request_of("GET", path));
  add(aggregate, request_of("GET", "/alpha/x"));
  const auto routes = aggregate.routes();
  EXPECT_LE(routes.size(), 4u);
  EXPECT_EQ(aggregate.routes_overflowed(), 2u);
  const auto other =
      std::find_if(routes.begin(), routes.end(), [](const RouteStats& r) { return r.route == "other"; });
  ASSERT_NE(other, routes.end());
  EXPECT_EQ(other->count, 2u);
  EXPECT_EQ(aggregate.total().count, 6u);
}

TEST(Aggregate, LeavesOutWhatWasNotMeasured) {
  Aggregate aggregate;
  auto request = request_of("GET", "/late");
  request.measured = false;
  add(aggregate, request);
  add(aggregate, request_of("GET", "/x"));
  EXPECT_EQ(aggregate.requests(), 2u);
  EXPECT_EQ(aggregate.unmeasured(), 1u);
  EXPECT_EQ(aggregate.total().count, 1u);
}

TEST(Aggregate, SpansFromTheFirstReadinessToTheLastEnd) {
  Aggregate aggregate;
  EXPECT_EQ(aggregate.first_ns(), 0u);
  auto early = request_of("GET", "/"), late = request_of("GET", "/");
  early.ready_ns = 100;
  early.end_ns = 200;
  add(aggregate, late);
  add(aggregate, early);
  EXPECT_EQ(aggregate.first_ns(), 100u);
  EXPECT_EQ(aggregate.last_ns(), late.end_ns);
}

wire::Pause pause_of(pl_pause& fixed, std::uint64_t from, std::uint64_t to) {
  fixed.from_ns = from;
  fixed.to_ns = to;
  return {&fixed};
}

TEST(Aggregate, CountsThePausesBetweenRequests) {
  Aggregate aggregate;
  pl_pause fixed{};
  auto request = request_of("GET", "/");
  const auto at = [&](std::uint64_t ready) {
    request.ready_ns = ready;
    request.end_ns = ready + 10;
    add(aggregate, request);
  };
  aggregate.add(pause_of(fixed, 10, 90));  // before all
  at(100);
  aggregate.add(pause_of(fixed, 200, 500));
  at(190);  // its record came late
  EXPECT_EQ(aggregate.paused_ns(), 0u);
  aggregate.add(pause_of(fixed, 600, 700));
  at(800);
  EXPECT_EQ(aggregate.paused_ns(), 400u);
  aggregate.add(pause_of(fixed, 900, 900));
  EXPECT_EQ(aggregate.open_pause_ns(), 900u);
  aggregate.add(pause_of(fixed, 900, 950));  // after all
  EXPECT_EQ(aggregate.open_pause_ns(), 0u);
  EXPECT_EQ(aggregate.paused_ns(), 400u);
}

// Counters of locks and of CPU time run on: the load would seem to have ended with the last request.
TEST(Aggregate, APauseAtTheEndOfACaptureIsNoEndOfTheLoad) {
  Aggregate aggregate;
  pl_pause fixed{};
  auto request = request_of("GET", "/");
  request.ready_ns = 100;
  request.end_ns = 300;
  add(aggregate, request);
  wire::Facts facts;
  facts.end_ns = 1'300;
  EXPECT_EQ(summarise(aggregate, facts, {}, 0).loaded_ns(), 200u);
  aggregate.add(pause_of(fixed, 500, 500));
  const Summary summary = summarise(aggregate, facts, {}, 0);
  EXPECT_EQ(summary.span_ns(), 200u);
  EXPECT_EQ(summary.paused_after_ns, 800u);
  EXPECT_EQ(summary.loaded_ns(), 1'000u);
  aggregate.add(pause_of(fixed, 500, 1'200));
  EXPECT_EQ(summarise(aggregate, facts, {}, 0).loaded_ns(), 200u) << "looked again, and saw nothing";
}

request::Request answered_by(std::uint32_t tid, std::uint64_t seen, std::uint64_t run, std::uint64_t idle) {
  auto request = request_of("GET", "/");
  request.writer_tid = tid;
  request.writer_seen_ns = seen;
  request.writer_run_ns = run;
  request.writer_idle_ns = idle;
  return request;
}

TEST(AggregateThreads, TellHowBusyEachWasBetweenItsAnswers) {
  Aggregate aggregate;
  add(aggregate, answered_by(1, 1000, 50, 600));
  add(aggregate, answered_by(1, 5000, 2050, 1600));
  add(aggregate, answered_by(1, 3000, 1000, 1000));  // late: its turn was written before the one above
  add(aggregate, answered_by(2, 1000, 0, 0));
  add(aggregate, answered_by(0, 0, 0, 0));  // nobody answered
  const auto threads = aggregate.threads();
  ASSERT_EQ(threads.size(), 2u);
  EXPECT_EQ(threads[0].tid, 1u);
  EXPECT_EQ(threads[0].tgid, 10u);
  EXPECT_EQ(threads[0].answered, 3u);
  EXPECT_EQ(threads[0].elapsed_ns, 4000u);
  EXPECT_EQ(threads[0].run_ns, 2000u);
  EXPECT_EQ(threads[0].idle_ns, 1000u);
  EXPECT_DOUBLE_EQ(threads[0].busy(), 0.75);
  EXPECT_EQ(threads[1].answered, 1u);
  EXPECT_DOUBLE_EQ(threads[1].busy(), 0);
}

TEST(AggregateThreads, AreBoundedAndTheRestIsCounted) {
  Aggregate aggregate(AggregateLimits{100, 4, 100});
  for (std::uint32_t tid = 1; tid <= 10; tid++) add(aggregate, answered_by(tid, 1000, 0, 0));
  add(aggregate, answered_by(4, 2000, 0, 0));
  EXPECT_EQ(aggregate.threads().size(), 4u);
  EXPECT_EQ(aggregate.threads().front().tid, 4u);
  EXPECT_EQ(aggregate.threads_overflowed(), 6u);
  EXPECT_EQ(aggregate.total().count, 11u);
}

TEST(AggregateHolders, AddUpByLockAndStack) {
  Aggregate aggregate;
  aggregate.add(holder_of(0x10, 1, "read", 5));
  aggregate.add(holder_of(0x10, 1, "write", 20));
  aggregate.add(holder_of(0x10, 1, "read", 5));
  aggregate.add(holder_of(0x20, 1, "read", 1));
  const auto holders = aggregate.holders();
  ASSERT_EQ(holders.size(), 3u);
  EXPECT_EQ(holders[0].weight, 20u);
  EXPECT_EQ(holders[1].weight, 10u);
  EXPECT_EQ(holders[1].samples, 2u);
  EXPECT_THAT(holders[1].frames, ElementsAre("unlock", "read"));
  EXPECT_THAT(holders[1].modules, ElementsAre("/lib/libc.so.6", "/bin/server"));
}

TEST(AggregateHolders, OfForkedWorkersAreKeptApart) {
  Aggregate aggregate;
  aggregate.add(holder_of(0x10, 1, "read", 3));
  aggregate.add(holder_of(0x10, 2, "read", 4));
  const auto holders = aggregate.holders();
  ASSERT_EQ(holders.size(), 2u);
  EXPECT_EQ(holders[0].tgid, 2u);
  EXPECT_EQ(holders[1].tgid, 1u);
}

TEST(AggregateHolders, AreBoundedWhateverTheirLocks) {
  Aggregate aggregate(AggregateLimits{100, 100, 4});
  for (std::uint64_t i = 1; i <= 50; i++) aggregate.add(holder_of(i, 1, "f" + std::to_string(i), 2));
  const auto holders = aggregate.holders();
  ASSERT_EQ(holders.size(), 5u);
  EXPECT_EQ(holders[0].futex, 0u);
  EXPECT_EQ(holders[0].weight, 92u);
  EXPECT_THAT(holders[0].frames, ElementsAre("other"));
  EXPECT_EQ(holders[0].modules.size(), 1u);
}

}  // namespace
}  // namespace plateau::attribution
