// Servers that no one here wrote: what their own access logs and the client say of each request against what
// plateau saw. None missed, none paired wrongly, none invented; method, path, status and bytes are the log's.
//
//   PLATEAU_SEED=N, PLATEAU_REQUESTS=N, PLATEAU_ONLY=N   as of live_differential
#include <algorithm>
#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "differential/play_all.h"
#include "foreign/foreign_server.h"
#include "foreign/verdict.h"
#include "harness/live_test.h"

namespace plateau::live {
namespace {

constexpr std::size_t kMostComplaints = 20;
constexpr std::size_t kRequests = 2'003;

class Foreign : public LiveTestWith<Recipe> {
 protected:
  void SetUp() override {
    LiveTestWith<Recipe>::SetUp();
    if (const std::string why = missing(GetParam()); !why.empty()) GTEST_SKIP() << why;
  }
};

std::string name_of(const testing::TestParamInfo<Recipe>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Servers, Foreign, testing::ValuesIn(recipes()), name_of);

std::map<std::string, std::vector<SeenRequest>> by_peer(const std::vector<SeenRequest>& requests) {
  std::map<std::string, std::vector<SeenRequest>> sorted;
  for (const SeenRequest& request : requests) sorted[request.peer].push_back(request);
  for (auto& [peer, list] : sorted) {
    std::sort(list.begin(), list.end(),
              [](const SeenRequest& a, const SeenRequest& b) { return a.seq < b.seq; });
  }
  return sorted;
}

// Fails the running test where somebody disagrees; how many requests all tell the same of.
std::size_t judge(const Recipe& recipe, const std::vector<Conversation>& conversations,
                  const std::vector<Played>& played, ForeignServer& server, const Capture& capture) {
  auto log = server.log();
  auto seen = by_peer(capture.requests());
  std::size_t right = 0, wrong = 0;
  for (std::size_t i = 0; i < conversations.size(); ++i) {
    const std::string& peer = played[i].peer;
    if (peer.empty()) continue;
    for (const std::string& fault :
         disagreements({recipe, conversations[i], played[i], log[peer], seen[peer]}, right)) {
      if (++wrong > kMostComplaints) continue;
      ADD_FAILURE() << "seed " << seed() << ", conversation " << i << " (" << peer << ", ending "
                    << static_cast<int>(conversations[i].ending) << "): " << fault;
    }
    seen.erase(peer);
  }
  EXPECT_EQ(wrong, 0u) << "seed " << seed();
  EXPECT_TRUE(seen.empty()) << "plateau tells of " << seen.begin()->first << ", whom nobody knows";
  return right;
}

TEST_P(Foreign, LogAndClientAndPlateauTellTheSame) {
  const Recipe& recipe = GetParam();
  ForeignServer server(recipe);
  ASSERT_NE(server.port(), 0) << server.child().out() << server.child().err();
  const std::vector<Conversation> conversations =
      make_foreign_conversations(seed(), setting("PLATEAU_REQUESTS", kRequests), recipe.menu);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const std::vector<Played> played = play_all(conversations, server.port());
  EXPECT_TRUE(server.stop());
  EXPECT_EQ(capture.finish(), 0);
  const std::size_t right = judge(recipe, conversations, played, server, capture);
  std::printf("  %zu requests right in %zu conversations; seed %llu\n", right, conversations.size(),
              static_cast<unsigned long long>(seed()));
  std::printf("%s", capture.child().err().c_str());
}

}  // namespace
}  // namespace plateau::live
