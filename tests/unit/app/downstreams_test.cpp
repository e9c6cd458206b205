#include "app/downstreams.h"

#include <gtest/gtest.h>

namespace plateau::app {
namespace {

target::TcpSocket connection_to(const char* address, std::uint16_t port) {
  target::TcpSocket socket;
  socket.peer = {address, port};
  return socket;
}

TEST(Downstreams, KeepTheMostConnectionsOfALook) {
  Downstreams downstreams;
  for (const int connections : {2, 5, 3}) {
    downstreams.begin_look();
    for (int i = 0; i < connections; i++) downstreams.take(connection_to("10.1.2.3", 5432));
    downstreams.take(connection_to("[fd00::7]", 6379));
    downstreams.end_look();
  }
  const auto facts = downstreams.facts();
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].address, "10.1.2.3:5432");
  EXPECT_EQ(facts[0].connections, 5u);
  EXPECT_EQ(facts[1].address, "[fd00::7]:6379");
  EXPECT_EQ(facts[1].connections, 1u);
}

TEST(Downstreams, AreBounded) {
  Downstreams downstreams;
  downstreams.begin_look();
  for (std::uint16_t port = 1; port <= 3'001; port++) downstreams.take(connection_to("10.1.2.3", port));
  for (int i = 0; i < 7; i++) downstreams.take(connection_to("10.1.2.3", 1'021));  // still known
  downstreams.end_look();
  const auto facts = downstreams.facts();
  ASSERT_EQ(facts.size(), 16u);
  EXPECT_EQ(facts[0].address, "10.1.2.3:1021");
  EXPECT_EQ(facts[0].connections, 8u);
}

}  // namespace
}  // namespace plateau::app
