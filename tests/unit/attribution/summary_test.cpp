#include "attribution/summary.h"
#include "attribution/data_path.h"

#include <gtest/gtest.h>

namespace plateau::attribution {
namespace {

HolderStats stack(std::vector<std::string> frames, std::vector<std::string> modules = {}) {
  HolderStats holder;
  holder.frames = std::move(frames);
  holder.modules = std::move(modules);
  return holder;
}

TEST(HolderFunction, SkipsTheCodeOfLocks) {
  EXPECT_EQ(
      holder_function(stack({"__lll_lock_wake", "pthread_mutex_unlock",
                             "__gthread_mutex_unlock(pthread_mutex_t*)", "std::mutex::unlock()",
                             "std::lock_guard<std::mutex>::~lock_guard()", "app::Section::run()", "main"})),
      "app::Section::run()");
  EXPECT_EQ(holder_function(stack({"syscall", "futex_wake(int*)", "work"})), "work");
}

TEST(HolderFunction, SkipsTheLibrariesOfLocks) {
  EXPECT_EQ(
      holder_function(stack({"some_name", "other", "mine"}, {"/usr/lib/x86_64-linux-gnu/libc.so.6",
                                                             "/usr/lib/libstdc++.so.6.0.30", "/bin/server"})),
      "mine");
}

TEST(HolderFunction, NamesSomethingWhereAllIsLockCode) {
  EXPECT_EQ(holder_function(stack({"__lll_lock_wake", "pthread_mutex_unlock"})), "__lll_lock_wake");
  EXPECT_EQ(holder_function(stack({})), "[unknown]");
}

TEST(HolderFunction, DoesNotTakeANameThatOnlyContainsOneForLockCode) {
  EXPECT_EQ(holder_function(stack({"my_pthread_wrapper"})), "my_pthread_wrapper");
}

wire::LockFact lock(std::uint64_t futex, std::uint32_t tgid, std::uint64_t owed_ns, std::uint64_t wait_ns) {
  wire::LockFact fact;
  fact.futex = futex;
  fact.tgid = tgid;
  fact.during.waits = 10;
  fact.during.wait_ns = wait_ns;
  fact.during.owed_waits = 4;
  fact.during.owed_wait_ns = owed_ns;
  fact.during.handovers = 9;
  fact.during.contended_ns = 77;
  return fact;
}

TEST(Summary, CountsRequestsOfTheTimeThatWasNotWatchedAtTheSameRate) {
  Summary summary;
  summary.total.count = 90;
  summary.unmeasured = 10;
  summary.interval_ns = 1'000'000'000;
  EXPECT_EQ(summary.watched(), 1);
  EXPECT_EQ(summary.requests(), 100);
  summary.paused_ns = 3'000'000'000;
  EXPECT_EQ(summary.watched(), 0.25);
  EXPECT_EQ(summary.requests(), 400);
  EXPECT_EQ(summary.throughput(), 100);
  EXPECT_EQ(summary.span_ns(), 4'000'000'000u);
}

TEST(DataPath, SharesOutWhatWasSent) {
  wire::Facts facts;
  EXPECT_TRUE(path_bytes(facts).empty());
  facts.counters[PL_COUNT_BYTES_OUT] = 1000;
  facts.counters[PL_COUNT_PATH_BYTES + 1] = 300;
  facts.counters[PL_COUNT_PATH_BYTES + 2] = 600;
  const auto paths = path_bytes(facts);
  ASSERT_EQ(paths.size(), 3u);
  EXPECT_EQ(paths[0].path, "sendfile");
  EXPECT_EQ(paths[0].bytes, 600u);
  EXPECT_EQ(paths[1].path, "writev");
  EXPECT_EQ(paths[2].path, "unknown");
  EXPECT_EQ(paths[2].bytes, 100u);
}

TEST(DataPath, CountsBytesOfTlsInTheKernelAsThatAlone) {
  wire::Facts facts;
  facts.counters[PL_COUNT_BYTES_OUT] = 1000;
  facts.counters[PL_COUNT_PATH_BYTES] = 1000 - 419;
  facts.counters[PL_COUNT_KTLS_BYTES] = 419;
  facts.counters[PL_COUNT_KTLS_CONNS] = 3;
  const auto paths = path_bytes(facts);
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_EQ(paths[1].path, "ktls");
  EXPECT_EQ(paths[1].bytes, 419u);
  EXPECT_EQ(ktls_connections(facts), 3u);
  facts.send_path.ktls = 5;
  EXPECT_EQ(ktls_connections(facts), 5u) << "two of them have sent nothing yet";
}

// One service among many hand-overs may be any: how long the lock is held is not known then.
TEST(Summary, TellsNoServiceTimeOfALockFromTheOddOne) {
  wire::Facts facts;
  facts.locks = {lock(1, 1, 5, 1000), lock(2, 1, 5, 900)};
  for (wire::LockFact& fact : facts.locks) fact.during.handovers = 66;
  facts.locks[0].during.services = 3;
  facts.locks[0].during.service_ns = 14'400;
  facts.locks[1].during.services = 4;
  facts.locks[1].during.service_ns = 8'000;
  const Summary summary = summarise(Aggregate{}, facts, {}, 0);
  EXPECT_EQ(summary.locks[0].service_ns, 0u);
  EXPECT_EQ(summary.locks[1].service_ns, 2'000u);
}

TEST(Summary, OrdersLocksByWhatRequestsWaited) {
  wire::Facts facts;
  facts.locks = {lock(1, 1, 5, 1000), lock(2, 1, 500, 600), lock(3, 1, 5, 2000)};
  facts.locks[1].during.services = 4;
  facts.locks[1].during.service_ns = 400;
  const Summary summary = summarise(Aggregate{}, facts, {}, 0);
  ASSERT_EQ(summary.locks.size(), 3u);
  EXPECT_EQ(summary.locks[0].futex, 2u);
  EXPECT_EQ(summary.locks[1].futex, 3u);
  EXPECT_EQ(summary.locks[2].futex, 1u);
  EXPECT_EQ(summary.locks[0].service_ns, 100u);
  EXPECT_TRUE(summary.locks[0].is_mutex());
  EXPECT_FALSE(summary.locks[1].is_mutex());
  EXPECT_EQ(summary.locks[1].service_ns, 0u);
  EXPECT_EQ(summary.locks[0].handovers, 9u);
  EXPECT_EQ(summary.locks[0].contended_ns, 77u);
}

TEST(Summary, GivesEachLockItsOwnHolders) {
  Aggregate aggregate;
  wire::HolderSample sample;
  sample.frames = {"here"};
  sample.futex = 7;
  sample.tgid = 1;
  sample.weight = 1;
  aggregate.add(sample);
  sample.tgid = 2;
  aggregate.add(sample);
  wire::Facts facts;
  facts.locks = {lock(7, 1, 2, 2), lock(7, 2, 1, 1), lock(8, 1, 0, 0)};
  const Summary summary = summarise(aggregate, facts, {}, 0);
  ASSERT_EQ(summary.locks[0].holders.size(), 1u);
  EXPECT_EQ(summary.locks[0].holders[0].tgid, 1u);
  ASSERT_EQ(summary.locks[1].holders.size(), 1u);
  EXPECT_EQ(summary.locks[1].holders[0].tgid, 2u);
  EXPECT_TRUE(summary.locks[2].holders.empty());
}

TEST(Summary, TellsThroughputAndConcurrency) {
  Aggregate aggregate;
  for (int i = 0; i < 10; i++) {
    request::Request request;
    request.ready_ns = 1'000'000'000 + static_cast<std::uint64_t>(i) * 100'000'000;
    request.end_ns = request.ready_ns + 100'000'000;
    aggregate.add(request, budget_of(request));
  }
  const Summary summary = summarise(aggregate, {}, {}, 0);
  EXPECT_EQ(summary.interval_ns, 1'000'000'000u);
  EXPECT_DOUBLE_EQ(summary.throughput(), 10);
  EXPECT_DOUBLE_EQ(summary.concurrency(), 1);
}

TEST(Summary, OfNothingIsNothing) {
  const Summary summary = summarise(Aggregate{}, {}, {}, 0);
  EXPECT_EQ(summary.throughput(), 0);
  EXPECT_EQ(summary.concurrency(), 0);
  EXPECT_EQ(summary.total.count, 0u);
  EXPECT_EQ(summary.coverage.requests(), 1);
}

std::uint64_t loss(const Coverage& coverage, std::string_view cause) {
  for (const Loss& loss : coverage.losses)
    if (loss.cause == cause) return loss.count;
  ADD_FAILURE() << "no cause " << cause;
  return 0;
}

TEST(Coverage, IsExplainedOverSeen) {
  request::Counters counters;
  counters.requests = 90;
  counters.unknown = 10;
  counters.inferred = 7;
  counters.partial = 3;
  counters.abandoned = 4;
  counters.never_came_turns = 6;
  counters.bytes = 750;
  wire::Facts facts;
  facts.counters[PL_COUNT_BYTES_IN] = 400;
  facts.counters[PL_COUNT_BYTES_OUT] = 600;
  const Coverage coverage = coverage_of(facts, counters, 2);
  EXPECT_EQ(coverage.seen, 100u);
  EXPECT_EQ(coverage.explained, 80u);
  EXPECT_DOUBLE_EQ(coverage.requests(), 0.8);
  EXPECT_DOUBLE_EQ(coverage.bytes(), 0.75);
  EXPECT_EQ(coverage.inferred, 7u);
  EXPECT_EQ(coverage.partial, 3u);
  EXPECT_EQ(coverage.unknown, 10u);
  EXPECT_EQ(loss(coverage, "ring_full"), 0u);
  EXPECT_EQ(loss(coverage, "never_came"), 6u);
  EXPECT_EQ(loss(coverage, "abandoned"), 4u);
  EXPECT_EQ(loss(coverage, "malformed_record"), 2u);
}

TEST(Coverage, SeesWhatWasLostAndWhatNeverCame) {
  request::Counters counters;
  counters.requests = 10;
  counters.missing_turns = 3;
  counters.never_came_turns = 2;
  counters.never_came_parts = 5;
  wire::Facts facts;
  facts.counters[PL_COUNT_LOST_TURNS] = 7;
  const Coverage coverage = coverage_of(facts, counters, 0);
  EXPECT_EQ(coverage.seen, 19u);
  EXPECT_EQ(coverage.lost_requests(), 9u);
  EXPECT_EQ(loss(coverage, "ring_full"), 7u);
  EXPECT_EQ(loss(coverage, "never_came"), 2u);
  EXPECT_EQ(loss(coverage, "never_came_part"), 5u);
}

TEST(Coverage, NamesEveryCauseOfLoss) {
  wire::Facts facts;
  const std::vector<std::pair<pl_counter, std::string_view>> causes{
      {PL_COUNT_LOST_TURNS, "ring_full"},
      {PL_COUNT_LOST_PARTS, "ring_full_part"},
      {PL_COUNT_LOST_CLOSES, "ring_full_close"},
      {PL_COUNT_LOST_WAKERS, "ring_full_waker"},
      {PL_COUNT_LOST_CONNS, "no_memory_connection"},
      {PL_COUNT_LOST_THREADS, "no_memory_thread"},
      {PL_COUNT_LOST_LOCKS, "lock_table_full"},
      {PL_COUNT_LOST_GOROUTINES, "goroutine_table_full"},
      {PL_COUNT_LATE_GOROUTINES, "goroutine_late"},
      {PL_COUNT_PAYLOAD_UNREAD, "payload_unread"}};
  std::uint64_t n = 100;
  for (const auto& [counter, cause] : causes) facts.counters[counter] = n++;
  n = 100;
  for (const auto& [counter, cause] : causes) EXPECT_EQ(loss(coverage_of(facts, {}, 0), cause), n++) << cause;
}

TEST(Coverage, OfBytesIsNeverMoreThanAll) {
  request::Counters counters;
  counters.bytes = 2000;
  wire::Facts facts;
  facts.counters[PL_COUNT_BYTES_IN] = 1000;
  EXPECT_DOUBLE_EQ(coverage_of(facts, counters, 0).bytes(), 1);
}

}  // namespace
}  // namespace plateau::attribution
