// Random conversations, the same for the same seed: what the reference server's log and the client say of
// each request against what plateau saw. None missed, none paired wrongly, none invented.
//
//   PLATEAU_SEED=N      another seed: a failure prints its own
//   PLATEAU_REQUESTS=N  at least as many requests to each server (4,001 without)
//   PLATEAU_ONLY=N      of them conversation N alone
//   PLATEAU_ROUNDS=N    with so many seeds, that one and those behind it: 25 make it a million requests
#include <algorithm>
#include <csignal>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "differential/play_all.h"
#include "differential/verdict.h"
#include "harness/live_test.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr std::size_t kMostComplaints = 20;

struct Case {
  const char* name;
  std::vector<std::string> switches;
};

std::ostream& operator<<(std::ostream& out, const Case& server) {
  return out << server.name;
}

class Differential : public LiveTestWith<Case> {};

INSTANTIATE_TEST_SUITE_P(
    Servers, Differential,
    testing::Values(Case{"thread", {"--engine", "thread"}}, Case{"epoll", {"--engine", "epoll"}},
                    Case{"reuseport", {"--engine", "reuseport", "--loops", "2"}},
                    Case{"pool", {"--engine", "pool", "--workers", "3"}},
                    Case{"io_uring", {"--engine", "io_uring"}},
                    Case{"hot", {"--engine", "epoll", "--hot-path", "on"}},
                    Case{"buffered_chunks",
                         {"--engine", "thread", "--body", "buffered", "--framing", "chunked"}},
                    Case{"sendfile", {"--engine", "epoll", "--body", "sendfile"}},
                    Case{"splice", {"--engine", "thread", "--body", "splice"}},
                    Case{"zerocopy", {"--engine", "epoll", "--body", "zerocopy"}}),
    [](const auto& server) { return std::string(server.param.name); });

std::vector<Conversation> make_conversations(std::uint64_t seed, std::size_t requests, Pipelines pipelines) {
  std::vector<Conversation> made;
  for (std::size_t count = 0; count < requests; count += made.back().requests()) {
    Chance chance(seed * 1'000'003 + made.size());
    made.push_back(make_conversation(chance, made.size(), pipelines));
  }
  return made;
}

template <class T>
std::map<std::string, std::vector<T>> by_peer(const std::vector<T>& requests) {
  std::map<std::string, std::vector<T>> sorted;
  for (const T& request : requests) sorted[request.peer].push_back(request);
  for (auto& [peer, list] : sorted) {
    std::sort(list.begin(), list.end(), [](const T& a, const T& b) { return a.seq < b.seq; });
  }
  return sorted;
}

// What plateau wrote to standard error, less what is said of every target that ends, and of messages that are
// none.
std::string complaints_of(const std::string& err) {
  std::istringstream lines(err);
  std::string rest;
  for (std::string line; std::getline(lines, line);) {
    const bool expected = line == "plateau: ready" || line == "plateau: the target has exited" ||
                          line.ends_with(" messages that are not HTTP/1 where one should begin");
    if (!expected) rest += line + "\n";
  }
  return rest;
}

struct Record {
  std::vector<Conversation> conversations;
  std::vector<Played> played;
  std::map<std::string, std::vector<Truth>> truths;
  std::map<std::string, std::vector<SeenRequest>> seen;
  std::string complaints;
};

// The server ends before plateau: its log is whole, and so is what plateau saw.
Record converse(const Case& server_case, std::uint64_t seed, Pipelines pipelines) {
  Record made;
  made.conversations = make_conversations(seed, setting("PLATEAU_REQUESTS", 4'001), pipelines);
  Folder folder;
  const std::string log = folder.file("truth.jsonl");
  std::vector<std::string> switches = server_case.switches;
  switches.insert(switches.end(), {"--truth", log});
  Server server = start_httpd(switches);
  Capture capture(requests_of(server.pid()));
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  made.played = play_all(made.conversations, server.port());
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(capture.finish(), 0);
  made.truths = by_peer(read_truth(log));
  made.seen = by_peer(capture.requests());
  made.complaints = complaints_of(capture.child().err());
  return made;
}

using Judge = std::vector<std::string> (*)(const Witnesses&, std::size_t&);

// Fails the running test where the judge finds fault; how many requests it found right.
std::size_t judge(Record& record, std::uint64_t seed, Judge faults) {
  std::size_t right = 0, wrong = 0;
  for (std::size_t i = 0; i < record.conversations.size(); ++i) {
    const std::string& peer = record.played[i].peer;
    if (peer.empty()) continue;
    const Witnesses witnesses{record.conversations[i], record.played[i], record.truths[peer],
                              record.seen[peer]};
    for (const std::string& fault : faults(witnesses, right)) {
      if (++wrong > kMostComplaints) continue;
      ADD_FAILURE() << "seed " << seed << ", conversation " << i << " (" << peer << ", ending "
                    << static_cast<int>(record.conversations[i].ending) << "): " << fault;
    }
    record.truths.erase(peer);
    record.seen.erase(peer);
  }
  EXPECT_EQ(wrong, 0u) << "seed " << seed;
  // Reset before the server could ask whom it had accepted.
  record.truths.erase("?");
  for (const auto& [peer, truths] : record.truths)
    ADD_FAILURE() << "the server tells of " << peer << ", whom nobody knows";
  EXPECT_TRUE(record.seen.empty()) << "plateau tells of a connection that nobody made";
  return right;
}

std::size_t total(const std::vector<Conversation>& conversations) {
  std::size_t sum = 0;
  for (const Conversation& conversation : conversations) sum += conversation.requests();
  return sum;
}

void tell(const char* what, std::size_t count, const Record& made, std::uint64_t seed) {
  std::printf("  %zu requests %s, of %zu sent in %zu conversations; seed %llu\n", count, what,
              total(made.conversations), made.conversations.size(), static_cast<unsigned long long>(seed));
  std::fflush(stdout);
}

TEST_P(Differential, NothingMissedMispairedOrInvented) {
  const std::uint64_t first = live::seed();
  for (std::uint64_t seed = first; seed < first + setting("PLATEAU_ROUNDS", 1); ++seed) {
    Record made = converse(GetParam(), seed, Pipelines::kept);
    EXPECT_EQ(made.complaints, "") << "seed " << seed;
    const std::size_t right = judge(made, seed, disagreements);
    tell("right", right, made, seed);
    if (HasFailure()) return;
  }
}

TEST_P(Differential, NothingClaimedOfWhatIsNotKept) {
  const std::uint64_t seed = live::seed();
  Record made = converse(GetParam(), seed, Pipelines::any);
  EXPECT_NE(made.complaints, "") << "something was missed, and nothing said";
  const std::size_t right = judge(made, seed, false_claims);
  EXPECT_GT(right, 0u);
  tell("followed to the end", right, made, seed);
}

}  // namespace
}  // namespace plateau::live
