#include "sink/snapshot_exchange.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace plateau::sink {
namespace {

using namespace std::chrono_literals;
using Exchange = SnapshotExchange<int>;

TEST(SnapshotExchange, TimesOutWhenNoSnapshotComes) {
  Exchange exchange;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(exchange.fetch(20ms), nullptr);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
  EXPECT_TRUE(exchange.wanted())
      << "the request is still there: its answer will be of no use, but of no harm";
}

TEST(SnapshotExchange, WantsNothingUnlessAsked) {
  Exchange exchange;
  EXPECT_FALSE(exchange.wanted());
  EXPECT_EQ(exchange.fetch(0ms), nullptr);
  EXPECT_TRUE(exchange.wanted());
  exchange.take();
  EXPECT_FALSE(exchange.wanted());
}

// An answer to somebody else's earlier question was made before this one was asked.
TEST(SnapshotExchange, DoesNotHandOutWhatWasTakenBeforeTheQuestion) {
  Exchange exchange;
  EXPECT_EQ(exchange.fetch(0ms), nullptr);
  const auto ticket = exchange.take();
  std::thread collector([&] {
    while (!exchange.wanted()) std::this_thread::yield();
    exchange.publish(ticket, std::make_shared<const int>(1));
    const auto second = exchange.take();
    exchange.publish(second, std::make_shared<const int>(2));
  });
  const auto snapshot = exchange.fetch(10s);
  collector.join();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(*snapshot, 2);
}

TEST(SnapshotExchange, EndsTheWaitWhenTheCollectorEnds) {
  Exchange exchange;
  std::thread collector([&] {
    while (!exchange.wanted()) std::this_thread::yield();
    exchange.close(std::make_shared<const int>(9));
  });
  const auto snapshot = exchange.fetch(10s);
  collector.join();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(*snapshot, 9);
  const auto later = exchange.fetch(10s);
  ASSERT_NE(later, nullptr);
  EXPECT_EQ(*later, 9);
}

TEST(SnapshotExchange, EndsWithoutASnapshotIfThereWasNone) {
  Exchange exchange;
  exchange.close(nullptr);
  EXPECT_EQ(exchange.fetch(10s), nullptr);
}

// Several scrapers, one collector that never waits: nobody times out, and no scraper sees a number older than
// its question.
TEST(SnapshotExchange, ServesManyScrapersFreshSnapshots) {
  Exchange exchange;
  std::atomic<int> now{0};
  std::atomic<int> scraping{4};
  std::thread collector([&] {
    while (scraping > 0) {
      now++;
      if (!exchange.wanted()) continue;
      const auto ticket = exchange.take();
      exchange.publish(ticket, std::make_shared<const int>(now.load()));
    }
  });
  std::atomic<int> stale{0}, missing{0};
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 4; i++)
    scrapers.emplace_back([&] {
      for (int k = 0; k < 200; k++) {
        const int asked = now;
        const auto snapshot = exchange.fetch(30s);
        if (!snapshot)
          missing++;
        else if (*snapshot < asked)
          stale++;
      }
      scraping--;
    });
  for (auto& scraper : scrapers) scraper.join();
  collector.join();
  EXPECT_EQ(missing, 0);
  EXPECT_EQ(stale, 0);
}

}  // namespace
}  // namespace plateau::sink
