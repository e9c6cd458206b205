#include "differential/play_all.h"

#include <atomic>
#include <cstdlib>
#include <thread>

namespace plateau::live {
namespace {

constexpr std::size_t kPlayers = 16;

}  // namespace

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t seed() {
  return setting("PLATEAU_SEED", 20'261'124);
}

std::vector<Played> play_all(const std::vector<Conversation>& conversations, std::uint16_t port,
                             std::size_t first) {
  std::vector<Played> played(conversations.size());
  const std::uint64_t only = setting("PLATEAU_ONLY", conversations.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::thread> players;
  for (std::size_t i = 0; i < kPlayers; ++i) {
    players.emplace_back([&] {
      for (std::size_t at = next++; at < conversations.size(); at = next++) {
        if (only == conversations.size() || only == at)
          played[at] = play(conversations[at], port, first + at);
      }
    });
  }
  for (std::thread& player : players) player.join();
  return played;
}

}  // namespace plateau::live
