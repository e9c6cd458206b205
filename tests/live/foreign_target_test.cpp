// Whom a capture follows, tried on servers that no one here wrote: workers that a reload replaces, several
// processes at once, and masters of children that answer.
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "foreign/foreign_server.h"
#include "foreign/talk.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr int kWaitMs = 20'000;

using ForeignTarget = LiveTest;

std::vector<std::string> captured(std::vector<std::string> target) {
  std::vector<std::string> arguments = {"requests"};
  arguments.insert(arguments.end(), target.begin(), target.end());
  arguments.insert(arguments.end(), {"--format", "json", "--max-cost", "off"});
  return arguments;
}

std::size_t lines_of(ForeignServer& server) {
  std::size_t lines = 0;
  for (const auto& [peer, list] : server.log()) lines += list.size();
  return lines;
}

std::set<pid_t> workers_of(const ForeignServer& server) {
  const auto list = children_of(server.pid());
  return {list.begin(), list.end()};
}

bool share_any(const std::set<pid_t>& some, const std::set<pid_t>& others) {
  return std::any_of(some.begin(), some.end(), [&](pid_t pid) { return others.contains(pid); });
}

// Once `lines` requests are logged; the workers before and after.
std::pair<std::set<pid_t>, std::set<pid_t>> reload(ForeignServer& server, std::size_t lines) {
  EXPECT_TRUE(wait_until([&] { return lines_of(server) >= lines; }, kWaitMs));
  const std::set<pid_t> before = workers_of(server);
  server.child().signal(SIGHUP);
  const auto replaced = [&] {
    return workers_of(server).size() == 3 && !share_any(workers_of(server), before);
  };
  EXPECT_TRUE(wait_until(replaced, kWaitMs));
  return {before, workers_of(server)};
}

TEST_F(ForeignTarget, FollowsTheWorkersThatAReloadEndsAndThoseThatItStarts) {
  const Recipe& recipe = recipe_named("nginx_3_workers");
  if (const std::string why = missing(recipe); !why.empty()) GTEST_SKIP() << why;
  constexpr std::size_t kRequests = 5'003;
  ForeignServer server(recipe);
  ASSERT_NE(server.port(), 0) << server.child().err();
  ForeignTalk talk(recipe, kRequests);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  std::thread player([&] { talk.play(server.port()); });
  const auto [old, middle] = reload(server, kRequests / 4);
  const auto fresh = reload(server, kRequests / 2).second;
  player.join();
  talk.await_log(server);
  EXPECT_TRUE(server.stop());
  EXPECT_EQ(capture.finish(), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\nplateau: the target has exited\n");
  std::set<pid_t> answering;
  for (const SeenRequest& request : capture.requests()) answering.insert(request.pid);
  EXPECT_TRUE(share_any(answering, old));
  EXPECT_TRUE(share_any(answering, middle) || share_any(answering, fresh));
  auto seen = by_peer(capture.requests());
  talk.judge(server.log(), seen, true);
  EXPECT_TRUE(seen.empty()) << "plateau tells of " << seen.begin()->first << ", whom nobody knows";
}

TEST_F(ForeignTarget, FollowsSeveralServersAtOnce) {
  const Recipe& one_recipe = recipe_named("nginx");
  const Recipe& other_recipe = recipe_named("python_threads");
  for (const Recipe* recipe : {&one_recipe, &other_recipe}) {
    if (const std::string why = missing(*recipe); !why.empty()) GTEST_SKIP() << why;
  }
  ForeignServer one(one_recipe), other(other_recipe), bystander(one_recipe);
  ASSERT_TRUE(one.port() != 0 && other.port() != 0 && bystander.port() != 0);
  ForeignTalk to_one(one_recipe, 503), to_other(other_recipe, 307, to_one.size());
  ForeignTalk to_bystander(one_recipe, 101, to_one.size() + to_other.size());
  Capture capture(captured({"--pid", std::to_string(one.pid()), "--pid", std::to_string(other.pid())}));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  to_one.play(one.port());
  to_bystander.play(bystander.port());
  to_other.play(other.port());
  to_one.await_log(one);
  to_other.await_log(other);
  EXPECT_TRUE(one.stop() && other.stop());
  EXPECT_EQ(capture.finish(), 0);
  auto seen = by_peer(capture.requests());
  to_one.judge(one.log(), seen);
  to_other.judge(other.log(), seen);
  EXPECT_TRUE(seen.empty()) << "plateau tells of " << seen.begin()->first << ", who spoke to another server";
}

TEST_F(ForeignTarget, NamedByPortOrByCommandIsTheMasterWithItsChildren) {
  const Recipe& recipe = recipe_named("apache_prefork");
  if (const std::string why = missing(recipe); !why.empty()) GTEST_SKIP() << why;
  ForeignServer server(recipe);
  ASSERT_NE(server.port(), 0) << server.child().err();
  ForeignTalk talk(recipe, 503);
  Capture by_port(captured({"--port", std::to_string(server.port())}));
  Capture by_command(captured({"--comm", "apache2"}));
  ASSERT_TRUE(by_port.ready() && by_command.ready()) << by_port.child().err() << by_command.child().err();
  talk.play(server.port());
  talk.await_log(server);
  EXPECT_TRUE(server.stop());
  for (Capture* capture : {&by_port, &by_command}) {
    EXPECT_EQ(capture->finish(), 0);
    auto seen = by_peer(capture->requests());
    talk.judge(server.log(), seen);
    EXPECT_TRUE(seen.empty()) << "plateau tells of " << seen.begin()->first << ", whom nobody knows";
  }
}

// The beginning of a TLS handshake, to a server that speaks none: a turn of unknown framing.
void speak_tls(std::uint16_t port) {
  constexpr std::string_view kHello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello", 17);
  HttpConnection client(port);
  ASSERT_EQ(::send(client.fd(), kHello.data(), kHello.size(), MSG_NOSIGNAL), 17);
  while (client.receive() == HttpConnection::Progress::incomplete) {
  }
}

TEST_F(ForeignTarget, IsToldLoudlyToBeCoveredInPartOnly) {
  const Recipe& recipe = recipe_named("nginx");
  if (const std::string why = missing(recipe); !why.empty()) GTEST_SKIP() << why;
  ForeignServer server(recipe);
  ASSERT_NE(server.port(), 0) << server.child().err();
  Capture requests(requests_of(server.pid()));
  Capture explained({"explain", "--pid", std::to_string(server.pid()), "--max-cost", "off"});
  ASSERT_TRUE(requests.ready() && explained.ready()) << requests.child().err() << explained.child().err();
  HttpConnection client(server.port());
  for (int i = 0; i < 7; ++i) EXPECT_EQ(client.exchange("/t/" + std::to_string(i)).status, 200);
  speak_tls(server.port());
  EXPECT_EQ(requests.settle(8), 8u);
  EXPECT_EQ(requests.stop(SIGINT), 0);
  EXPECT_EQ(explained.stop(SIGINT), 0);
  EXPECT_THAT(requests.child().err(), testing::HasSubstr("plateau: COVERAGE IS ONLY 88 % of requests\n"));
  EXPECT_THAT(explained.child().out(), testing::HasSubstr("7 explained of 8 seen (88 %)"));
  EXPECT_THAT(explained.child().out(), testing::HasSubstr("COVERAGE IS UNDER 99 %"));
}

}  // namespace
}  // namespace plateau::live
