// A ring that holds a handful of records, and more load than it can take: the requests that plateau prints as
// lost are those that it does not show, exactly.
#include <algorithm>
#include <csignal>
#include <string>
#include <tuple>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr std::uint64_t kRequests = 5'003;
constexpr std::uint64_t kFew = 11;  // whose records the ring has room for
constexpr int kMostTries = 30;

struct Engine {
  const char* name;
  std::vector<std::string> switches;
};

std::ostream& operator<<(std::ostream& out, const Engine& engine) {
  return out << engine.name;
}

using Case = std::tuple<Engine, bool>;

class Loss : public LiveTestWith<Case> {};

INSTANTIATE_TEST_SUITE_P(Servers, Loss,
                         testing::Combine(testing::Values(Engine{"epoll", {"--engine", "epoll"}},
                                                          Engine{"thread", {"--engine", "thread"}},
                                                          Engine{"pool",
                                                                 {"--engine", "pool", "--workers", "3"}},
                                                          Engine{"io_uring", {"--engine", "io_uring"}}),
                                          testing::Bool()),
                         [](const auto& server) {
                           return std::string(std::get<0>(server.param).name) + "_keepalive_" +
                                  (std::get<1>(server.param) ? "on" : "off");
                         });

struct Lost {
  std::uint64_t requests = 0;
  std::uint64_t seen = 0;  // lost ones included
};

// Of "plateau: lost: 1,234 of 5,678 requests"; zeros if there is no such line.
Lost lost_of(std::string log) {
  std::erase(log, ',');
  const std::string begin = "plateau: lost: ";
  for (std::size_t at = log.find(begin); at != std::string::npos; at = log.find(begin, at + 1)) {
    Lost lost;
    char end = 0;
    unsigned long long requests = 0, seen = 0;
    if (std::sscanf(log.c_str() + at + begin.size(), "%llu of %llu request%c", &requests, &seen, &end) == 3)
      return {requests, seen};
  }
  return {};
}

std::uint64_t load(const Server& server, std::uint64_t connections, std::uint64_t requests, bool keep_alive) {
  return run_load(server, {"--connections", std::to_string(connections), "--requests",
                           std::to_string(requests), "--keepalive", keep_alive ? "on" : "off"});
}

// Where plateau had no CPU while the load lasted, nothing of it can be told. What comes once it has one again
// has room in the ring. Returns how many requests it took until something was shown.
std::uint64_t load_until_seen(Capture& capture, const Server& server, bool keep_alive) {
  const auto shown = [](const Output& output) { return output.out_lines > 0; };
  std::uint64_t sent = 0;
  for (int i = 0; i < kMostTries && !capture.child().wait_for(shown, 300); ++i)
    sent += load(server, 1, kFew, keep_alive);
  return sent;
}

TEST_P(Loss, WhatIsPrintedAsLostIsWhatIsMissing) {
  const auto& [engine, keep_alive] = GetParam();
  Server server = start_httpd(engine.switches);
  ASSERT_NE(server.port(), 0) << server.child().err();
  std::vector<std::string> command = requests_of(server.pid());
  command.insert(command.end(), {"--ring-size", "16K"});
  Capture capture(command);
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  ASSERT_EQ(load(server, 61, kRequests, keep_alive), kRequests);
  const std::uint64_t sent = kRequests + load_until_seen(capture, server, keep_alive);
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(capture.finish(), 0);
  const std::string log = capture.child().err();
  const std::vector<SeenRequest> seen = capture.requests();
  const Lost lost = lost_of(log);
  EXPECT_GT(lost.requests, 0u) << log;
  EXPECT_GT(seen.size(), 0u);
  EXPECT_EQ(lost.seen, sent) << log;
  EXPECT_EQ(seen.size() + lost.requests, sent) << log;
  for (const SeenRequest& request : seen) {
    EXPECT_TRUE(request.framing != "exact" || request.outcome == "answered") << request.peer << log;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace plateau::live
