#include "overhead/summary.h"

#include <gmock/gmock.h>

#include "overhead/report.h"

namespace plateau::overhead {
namespace {

using testing::DoubleEq;
using testing::Optional;

Round off_round(double per_second, double cpu_ns) {
  Round round;
  round.load = {static_cast<std::uint64_t>(per_second), per_second, 0, 0};
  round.cpu_ns_per_request = cpu_ns;
  return round;
}

Round on_round(double per_second, double cpu_ns, std::uint64_t seen, std::uint64_t rss) {
  Round round = off_round(per_second, cpu_ns);
  round.watched.emplace();
  round.watched->report.seen = seen;
  round.watched->report.ending.max_rss_bytes = rss;
  return round;
}

TEST(Compare, RatiosArePairedAndSumsAreSums) {
  const std::vector<Round> off{off_round(1000, 500), off_round(2000, 250)};
  WatcherRounds watcher;
  watcher.on = {on_round(900, 550, 901, 30), on_round(1900, 260, 1900, 20)};
  watcher.on[1].watched->report.losses = {{"ring_full", 3}, {"evicted", 4}};
  const Comparison c = compare(off, watcher);
  EXPECT_EQ(c.pairs, 2u);
  EXPECT_THAT(c.throughput_ratio.median, DoubleEq((0.9 + 0.95) / 2));
  EXPECT_THAT(c.cpu_ratio.median, DoubleEq((1.1 + 1.04) / 2));
  EXPECT_THAT(c.seen, Optional(2801u));
  EXPECT_EQ(c.answered, 2800u);
  EXPECT_EQ(c.lost, 7u);
  EXPECT_EQ(c.max_rss_bytes, 30u);
  EXPECT_FALSE(c.bpf_ns.has_value());
}

TEST(Compare, BpfTimeComesFromTheCountedRoundsAlone) {
  WatcherRounds watcher;
  watcher.on = {on_round(900, 550, 900, 1)};
  watcher.counted = {on_round(800, 600, 800, 1), on_round(800, 600, 800, 1)};
  watcher.counted[0].watched->bpf = BpfCost{400, {}};
  watcher.counted[1].watched->bpf = BpfCost{500, {}};
  const Comparison c = compare({off_round(1000, 500)}, watcher);
  ASSERT_TRUE(c.bpf_ns.has_value());
  EXPECT_THAT(c.bpf_ns->median, DoubleEq(450));
  EXPECT_THAT(c.throughput_on, DoubleEq(900));
}

TEST(Levels, AreAsTheDocumentsAndTheCodeHoldThem) {
  ExperimentResult result;
  result.server = ServerKind::httpd;
  result.off = {off_round(1000, 500)};
  for (const auto kind : {WatcherKind::plateau, WatcherKind::low, WatcherKind::full, WatcherKind::high}) {
    WatcherRounds watcher;
    watcher.kind = kind;
    watcher.on = {on_round(900, 550, 900, 1)};
    watcher.counted = {on_round(800, 600, 800, 1)};
    watcher.counted[0].watched->bpf = BpfCost{1000 + 100 * static_cast<double>(kind), {}};
    result.watchers.push_back(watcher);
  }
  const std::string text = levels_report({result});
  EXPECT_NE(text.find("| `low` | 1200 ns | 0.900 (0.900–0.900) | 1.100 (1.100–1.100) |\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("| `default` | 1100 ns |"), std::string::npos) << text;
  EXPECT_NE(text.find("    {Detail::high, 1300, kSource},\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("1000 ns"), std::string::npos) << text;
}

TEST(BpfCosts, GrowByProgram) {
  const ProgramCosts before{{"recv", {100, 2}}};
  const ProgramCosts after{{"recv", {350, 5}}, {"send", {40, 1}}};
  const ProgramCosts added = growth(before, after);
  EXPECT_EQ(added.at("recv").run_ns, 250u);
  EXPECT_EQ(added.at("recv").runs, 3u);
  EXPECT_EQ(total_ns(added), 290u);
}

}  // namespace
}  // namespace plateau::overhead
