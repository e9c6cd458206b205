#include "load/ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace plateau::load {
namespace {

TEST(Ring, IsADequeWhateverTheOrderOfPushesAndPops) {
  Ring<int> ring;
  std::deque<int> model;
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const bool grow = (i / 1000) % 2 == 0;
    if (random() % 3 < (grow ? 2u : 1u)) {
      ring.push_back(i);
      model.push_back(i);
    } else if (!model.empty()) {
      ring.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_EQ(ring.empty(), model.empty());
    if (model.empty()) continue;
    ASSERT_EQ(ring.front(), model.front());
    const std::size_t at = random() % model.size();
    ASSERT_EQ(ring[at], model[at]);
  }
}

TEST(Ring, IsEmptyOnceCleared) {
  Ring<int> ring;
  for (int i = 0; i < 5; ++i) ring.push_back(i);
  ring.clear();
  EXPECT_TRUE(ring.empty());
  ring.push_back(9);
  EXPECT_EQ(ring.front(), 9);
}

}  // namespace
}  // namespace plateau::load
