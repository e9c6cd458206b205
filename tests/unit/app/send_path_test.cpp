#include "app/send_path.h"

#include <gtest/gtest.h>

#include <vector>

namespace plateau::app {
namespace {

target::TcpSocket connection(std::uint64_t cookie, std::uint64_t busy_us, std::uint64_t receiver_us,
                             std::uint64_t acknowledged, std::uint32_t round_trip_us = 50) {
  target::TcpSocket socket;
  socket.cookie = cookie;
  socket.measured = true;
  socket.busy_us = busy_us;
  socket.receiver_limited_us = receiver_us;
  socket.buffer_limited_us = receiver_us / 2;
  socket.bytes_acknowledged = acknowledged;
  socket.bytes_retransmitted = acknowledged / 10;
  socket.round_trip_us = round_trip_us;
  return socket;
}

void look(SendPath& path, const std::vector<target::TcpSocket>& sockets) {
  path.begin_look();
  for (const auto& socket : sockets) path.take(socket);
  path.end_look();
}

TEST(SendPath, CountsFromTheFirstLookOn) {
  SendPath path;
  look(path, {connection(1, 1'000, 500, 1'000)});
  EXPECT_EQ(path.fact().busy_us, 0u);
  look(path, {connection(1, 4'000, 2'500, 3'000)});
  look(path, {connection(1, 5'000, 2'500, 3'000)});
  EXPECT_EQ(path.fact().connections, 1u);
  EXPECT_EQ(path.fact().busy_us, 4'000u);
  EXPECT_EQ(path.fact().receiver_limited_us, 2'000u);
  EXPECT_EQ(path.fact().buffer_limited_us, 1'000u);
  EXPECT_EQ(path.fact().bytes_acknowledged, 2'000u);
  EXPECT_EQ(path.fact().bytes_retransmitted, 200u);
}

TEST(SendPath, CountsAllOfAConnectionThatComesLater) {
  SendPath path;
  look(path, {});
  look(path, {connection(1, 700, 0, 10)});
  look(path, {connection(2, 300, 0, 10)});
  EXPECT_EQ(path.fact().connections, 2u);
  EXPECT_EQ(path.fact().busy_us, 700u + 300u);
}

TEST(SendPath, TakesRoundTripsFromConnectionsThatMoved) {
  SendPath path;
  look(path, {connection(1, 0, 0, 0), connection(2, 0, 0, 0)});
  look(path, {connection(1, 0, 0, 1, 100), connection(2, 0, 0, 0, 9'999)});
  look(path, {connection(1, 0, 0, 2, 300), connection(2, 0, 0, 0, 9'999)});
  EXPECT_EQ(path.fact().round_trips, 2u);
  EXPECT_EQ(path.fact().round_trip_sum_us, 400u);
  EXPECT_EQ(path.fact().round_trip_max_us, 300u);
}

TEST(SendPath, IsBounded) {
  SendPath path;
  std::vector<target::TcpSocket> many;
  for (std::uint64_t cookie = 1; cookie <= 20'011; cookie++) many.push_back(connection(cookie, 1, 0, 1));
  look(path, many);
  EXPECT_EQ(path.fact().connections + path.fact().skipped, 20'011u);
  EXPECT_GT(path.fact().skipped, 0u);
  look(path, {connection(20'011, 1'000, 0, 1)});  // it may have been there all along
  EXPECT_EQ(path.fact().busy_us, 0u);
}

TEST(SendPath, CountsConnectionsWithTlsInTheKernel) {
  SendPath path;
  auto tls = connection(1, 0, 0, 0);
  tls.upper = "tls";
  look(path, {tls, connection(2, 0, 0, 0)});
  look(path, {connection(2, 0, 0, 0)});
  EXPECT_EQ(path.fact().ktls, 1u);
}

}  // namespace
}  // namespace plateau::app
