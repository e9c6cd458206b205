#include "target/netstat.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace plateau::target {
namespace {

TEST(Netstat, PairsNamesWithValues) {
  const auto counters = parse_netstat(
      "TcpExt: SyncookiesSent ListenOverflows ListenDrops\n"
      "TcpExt: 1 18446744073709551615 3\n"
      "IpExt: InOctets ListenDrops\n"
      "IpExt: 4 5\n");
  EXPECT_EQ(counters.at("TcpExt.ListenOverflows"), 18446744073709551615u);
  EXPECT_EQ(counters.at("TcpExt.ListenDrops"), 3u);
  EXPECT_EQ(counters.at("IpExt.ListenDrops"), 5u);
  EXPECT_EQ(counters.size(), 5u);
}

TEST(Netstat, LeavesOutWhatDoesNotFit) {
  EXPECT_TRUE(parse_netstat("").empty());
  EXPECT_TRUE(parse_netstat("TcpExt: A B\n").empty());
  EXPECT_TRUE(parse_netstat("TcpExt: A\nIpExt: 1\n").empty());
  EXPECT_EQ(parse_netstat("TcpExt: A B\nTcpExt: 1\n").size(), 1u);
}

TEST(Netstat, IsThereForARunningProcess) {
  EXPECT_TRUE(netstat_of(getpid()).contains("TcpExt.ListenOverflows"));
  EXPECT_TRUE(netstat_of(4'000'000).empty());
}

}  // namespace
}  // namespace plateau::target
