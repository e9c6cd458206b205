#include "sink/data_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "examples.h"
#include "sink/kernel_locks.h"

namespace plateau::sink {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

attribution::Summary summary_with(wire::ViewFact view) {
  auto summary = full_summary();
  summary.facts.view = std::move(view);
  summary.facts.send_path = {};
  summary.facts.counters[PL_COUNT_BYTES_OUT] = 1'000;
  summary.facts.counters[PL_COUNT_PATH_BYTES] = 690;
  summary.facts.counters[PL_COUNT_PATH_BYTES + 4] = 310;
  return summary;
}

TEST(DataPaths, SaysThatNothingIsOutsideView) {
  const auto summary = summary_with({2, 0, {}});
  EXPECT_EQ(
      data_paths_text(summary),
      "DATA PATHS (bytes sent)\n  69 % of bytes leave by copy, 31 % by MSG_ZEROCOPY; 0 % is outside view\n");
  EXPECT_EQ(outside_view_json(summary)["share"], 0);
}

TEST(DataPaths, SaysWhatIsOutsideView) {
  const auto summary = summary_with({1,
                                     0,
                                     {{1234, "srv", "af_xdp", "2 AF_XDP sockets", 2, false},
                                      {1234, "srv", "rdma", "libibverbs.so loaded (RDMA)", 1, true}}});
  const auto text = data_paths_text(summary);
  EXPECT_THAT(text, HasSubstr("by MSG_ZEROCOPY; how much goes outside view is not known\n"));
  EXPECT_THAT(text, HasSubstr("  process 1234 (srv) has 2 AF_XDP sockets: what goes through them is outside "
                              "Plateau's view and is never attributed\n"));
  EXPECT_THAT(text,
              HasSubstr("  process 1234 (srv) has libibverbs.so loaded (RDMA): what may go through it is "
                        "outside Plateau's view and is never attributed\n"));
  const auto json = outside_view_json(summary);
  EXPECT_TRUE(json["share"].is_null());
  EXPECT_EQ(json["bypasses"].size(), 2u);
  EXPECT_EQ(json["bypasses"][0]["kind"], "af_xdp");
  EXPECT_EQ(json["bypasses"][0]["count"], 2);
  EXPECT_THAT(json["bypasses"][0]["text"].get<std::string>(), StartsWith("process 1234 (srv) has 2 AF_XDP"));
}

TEST(DataPaths, DoesNotClaimWhatItMayNotSee) {
  const auto hidden = summary_with({3, 1, {}});
  EXPECT_THAT(data_paths_text(hidden), Not(HasSubstr("0 % is outside view")));
  EXPECT_THAT(data_paths_text(hidden), HasSubstr("1 of 3 processes do not let their descriptors be read"));
  EXPECT_TRUE(outside_view_json(hidden)["share"].is_null());
  const auto possible = summary_with({1, 0, {{7, "", "rdma", "libibverbs.so loaded (RDMA)", 1, true}}});
  EXPECT_THAT(data_paths_text(possible), HasSubstr("whether anything goes outside view is not known"));
}

TEST(DataPaths, CountsConnectionsWithTlsInTheKernelAsInView) {
  auto summary = summary_with({1, 0, {}});
  summary.facts.send_path.ktls = 12;
  EXPECT_THAT(
      data_paths_text(summary),
      HasSubstr(
          "0 % is outside view\n  12 connections have TLS in the kernel (kTLS): seen like any other\n"));
}

TEST(DataPaths, SaysWhatBecameOfZerocopy) {
  auto summary = summary_with({1, 0, {}});
  EXPECT_THAT(data_paths_text(summary), Not(HasSubstr("sends with MSG_ZEROCOPY")));
  summary.facts.counters[PL_COUNT_ZEROCOPIES] = 1'200;
  EXPECT_THAT(data_paths_text(summary),
              HasSubstr("  of 1,200 sends with MSG_ZEROCOPY the kernel copied none\n"));
  summary.facts.counters[PL_COUNT_ZEROCOPIES_COPIED] = 300;
  EXPECT_THAT(
      data_paths_text(summary),
      HasSubstr("  300 of 1,200 sends with MSG_ZEROCOPY (25 %) were copied by the kernel after all\n"));
}

TEST(DataPaths, SaysNothingOfItWhereNobodyLooked) {
  const auto summary = summary_with({});
  EXPECT_THAT(data_paths_text(summary), Not(HasSubstr("outside view")));
  EXPECT_TRUE(outside_view_json(summary).is_null());
}

TEST(KernelLocks, AreToldByKind) {
  auto summary = summary_with({});
  EXPECT_EQ(kernel_locks_text(summary), "");
  const auto waited = [&](std::size_t kind, std::uint64_t waits, std::uint64_t ns) {
    summary.facts.counters[PL_COUNT_KERNEL_LOCK_WAITS + kind] = waits;
    summary.facts.counters[PL_COUNT_KERNEL_LOCK_NS + kind] = ns;
  };
  waited(PL_KERNEL_LOCK_SPIN, 1, 700);
  waited(PL_KERNEL_LOCK_RWSEM, 31, 9'000'000);
  summary.facts.kernel_locks = {{PL_KERNEL_LOCK_RWSEM, "memory_map", 23, 7'200'000},
                                {PL_KERNEL_LOCK_RWSEM, "epoll", 1, 90}};
  EXPECT_EQ(kernel_locks_text(summary),
            "KERNEL LOCKS (waits of the server's threads, asleep or spinning)\n"
            "  rwsem: 31 waits, 9.00 ms in all; of 24 whose stack was looked at: memory map 100 %\n"
            "  spinlock: 1 wait, 700 ns in all; the stack of none was looked at\n");
  const auto json = kernel_locks_json(summary);
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["kind"], "rwsem");
  EXPECT_EQ(json[1]["wait_sum_ns"], 700);
  ASSERT_EQ(json[0]["classes"].size(), 3u);
  EXPECT_EQ(json[0]["classes"][1]["class"], "epoll");
  EXPECT_EQ(json[0]["classes"][1]["waits"], 1);
  EXPECT_EQ(json[0]["classes"][1]["wait_sum_ns"], 90);
  EXPECT_EQ(json[0]["classes"][2]["class"], "unread");
}

}  // namespace
}  // namespace plateau::sink
