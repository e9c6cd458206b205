#include "app/peer_facts.h"

#include <gtest/gtest.h>

namespace plateau::app {
namespace {

probe::PeerEntry entry(const pl_peer& peer, std::uint64_t calls) {
  return {peer, {calls, calls - 1, 1'000 * calls, 10 * calls, 20 * calls}};
}

TEST(PeerFacts, NameAddressesAndPutTheMostCalledFirst) {
  const auto facts = peer_facts(
      {entry({PL_FAMILY_INET, 5432, 0, {10, 0, 0, 7}}, 3),
       entry({PL_FAMILY_INET6, 443, 0, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, 11),
       entry({PL_FAMILY_UNIX, 0, 0, {}}, 2)});
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_EQ(facts[0].address, "[2001:db8::1]:443");
  EXPECT_EQ(facts[1].address, "10.0.0.7:5432");
  EXPECT_EQ(facts[1].answers, 2u);
  EXPECT_EQ(facts[1].answer_ns, 3'000u);
  EXPECT_EQ(facts[2].address, "unix");
}

TEST(PeerFacts, TakeAMappedAddressForTheOneItIs) {
  const auto facts = peer_facts(
      {entry({PL_FAMILY_INET, 80, 0, {10, 0, 0, 7}}, 3),
       entry({PL_FAMILY_INET6, 80, 0, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 7}}, 5)});
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].address, "10.0.0.7:80");
  EXPECT_EQ(facts[0].calls, 8u);
  EXPECT_EQ(facts[0].bytes_in, 160u);
}

}  // namespace
}  // namespace plateau::app
