#include "app/accept_queues.h"

#include <gtest/gtest.h>

namespace plateau::app {
namespace {

target::TcpSocket listener(std::uint64_t cookie, std::uint32_t length, std::uint32_t drops,
                           std::uint16_t port = 8080) {
  target::TcpSocket socket;
  socket.local = {"0.0.0.0", port};
  socket.cookie = cookie;
  socket.in_queue = length;
  socket.out_queue = 8;
  socket.drops = drops;
  return socket;
}

TEST(AcceptQueues, KeepTheLongestAndCountDropsSinceTheStart) {
  AcceptQueues queues;
  queues.take(listener(1, 0, 100));
  queues.begin();
  queues.take(listener(1, 9, 100));
  queues.take(listener(1, 3, 131));
  const auto facts = queues.facts();
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].address, "0.0.0.0:8080");
  EXPECT_EQ(facts[0].backlog, 8u);
  EXPECT_EQ(facts[0].length, 3u);
  EXPECT_EQ(facts[0].longest, 9u);
  EXPECT_EQ(facts[0].looks, 3u);
  EXPECT_EQ(facts[0].full_looks, 1u);
  EXPECT_EQ(facts[0].drops, 31u);
}

TEST(AcceptQueues, CountAllDropsOfASocketThatComesLater) {
  AcceptQueues queues;
  queues.begin();
  queues.take(listener(1, 0, 5));
  EXPECT_EQ(queues.facts().at(0).drops, 5u);
}

TEST(AcceptQueues, TellTheWorstOfThoseThatShareAnAddress) {
  AcceptQueues queues;
  for (const std::uint64_t cookie : {1, 2, 3}) queues.take(listener(cookie, 0, 0));
  queues.take(listener(4, 0, 0, 9090));
  queues.begin();
  queues.take(listener(2, 9, 4));
  queues.take(listener(3, 1, 2));
  const auto facts = queues.facts();
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].sockets, 3u);
  EXPECT_EQ(facts[0].longest, 9u);
  EXPECT_EQ(facts[0].drops, 6u);
  EXPECT_EQ(facts[1].address, "0.0.0.0:9090");
  EXPECT_EQ(facts[1].drops, 0u);
}

}  // namespace
}  // namespace plateau::app
