#include "foreign/talk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "foreign/verdict.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr std::size_t kMostComplaints = 20;

// What the server says to itself: Apache's master so wakes its children.
bool tell_the_same(const std::vector<Logged>& logged, const std::vector<SeenRequest>& seen) {
  return std::equal(logged.begin(), logged.end(), seen.begin(), seen.end(),
                    [](const Logged& one, const SeenRequest& other) {
                      return one.method == other.method && one.path == other.path &&
                             one.status == other.status.value_or(0);
                    });
}

}  // namespace

SeenByPeer by_peer(const std::vector<SeenRequest>& requests) {
  SeenByPeer sorted;
  for (const SeenRequest& request : requests) sorted[request.peer].push_back(request);
  for (auto& [peer, list] : sorted) {
    std::sort(list.begin(), list.end(),
              [](const SeenRequest& a, const SeenRequest& b) { return a.seq < b.seq; });
  }
  return sorted;
}

ForeignTalk::ForeignTalk(const Recipe& recipe, std::size_t requests, std::size_t first)
    : recipe_(recipe),
      first_(first),
      conversations_(make_foreign_conversations(seed(), setting("PLATEAU_REQUESTS", requests), recipe.menu)) {
}

void ForeignTalk::play(std::uint16_t port) {
  played_ = play_all(conversations_, port, first_);
}

void ForeignTalk::await_log(ForeignServer& server) const {
  constexpr int kWaitMs = 5'000;
  const auto whole = [&] {
    const auto log = server.log();
    for (std::size_t i = 0; i < played_.size(); ++i) {
      const bool stays = !gives_up(conversations_[i].ending);
      const auto logged = log.find(played_[i].peer);
      const std::size_t lines = logged == log.end() ? 0 : logged->second.size();
      if (stays && lines < played_[i].answers.size()) return false;
    }
    return true;
  };
  if (!recipe_.logs_late) wait_until(whole, kWaitMs);
}

void ForeignTalk::judge(std::map<std::string, std::vector<Logged>> log, SeenByPeer& seen,
                        bool may_break_off) {
  std::size_t right = 0, wrong = 0;
  for (std::size_t i = 0; i < conversations_.size(); ++i) {
    const std::string& peer = played_[i].peer;
    if (peer.empty()) continue;
    const ForeignWitnesses witnesses{recipe_,   conversations_[i], played_[i],
                                     log[peer], seen[peer],        may_break_off};
    for (const std::string& fault : disagreements(witnesses, right)) {
      if (++wrong > kMostComplaints) continue;
      ADD_FAILURE() << "seed " << seed() << ", conversation " << i << " (" << peer << ", ending "
                    << static_cast<int>(conversations_[i].ending) << "): " << fault;
    }
    seen.erase(peer);
  }
  std::erase_if(seen, [&](const auto& other) { return tell_the_same(log[other.first], other.second); });
  EXPECT_EQ(wrong, 0u) << "seed " << seed();
  EXPECT_GT(right, 0u);
  std::printf("  %s: %zu requests right in %zu conversations; seed %llu\n", recipe_.name, right,
              conversations_.size(), static_cast<unsigned long long>(seed()));
}

}  // namespace plateau::live
