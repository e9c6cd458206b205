// Slow clients, too many of them, and stopping, on the engines.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "raw_client.h"
#include "server.h"

namespace plateau::e2e {
namespace {

using Clock = std::chrono::steady_clock;

class HttpdLimits : public testing::TestWithParam<const char*> {
 protected:
  Server& start(std::vector<std::string> switches) {
    switches.insert(switches.end(), {"--engine", GetParam()});
    server_ = std::make_unique<Server>(switches);
    EXPECT_NE(server_->port(), 0);
    return *server_;
  }
  void TearDown() override {
    if (server_ != nullptr) {
      EXPECT_EQ(server_->stop(), 0);
    }
  }

  std::unique_ptr<Server> server_;
};

INSTANTIATE_TEST_SUITE_P(Engines, HttpdLimits,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(HttpdLimits, SlowHeadsAreAnswered408) {
  Server& server = start({"--head-timeout", "200ms"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHos"));
  const auto begun = Clock::now();
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_GE(Clock::now() - begun, std::chrono::milliseconds(190));
}

TEST_P(HttpdLimits, SlowBodiesAreAnswered408) {
  Server& server = start({"--body-timeout", "200ms"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel"));
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 408 "));
}

// Every byte comes well within the limit, the whole of them does not.
TEST_P(HttpdLimits, DrippingDoesNotProlongTheHeadsTime) {
  Server& server = start({"--head-timeout", "300ms"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nX: "));
  const auto give_up = Clock::now() + std::chrono::seconds(20);
  bool ended = false;
  while (!ended && Clock::now() < give_up) {
    client.send("x");
    ended = client.readable_within(20);
  }
  ASSERT_TRUE(ended);
  EXPECT_TRUE(client.read_until("Request Timeout\n").starts_with("HTTP/1.1 408 "));
}

TEST_P(HttpdLimits, IdleConnectionsAreClosedSilently) {
  Server& server = start({"--idle-timeout", "200ms"});
  RawClient fresh(server.port());
  RawClient used(server.port());
  ASSERT_TRUE(used.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(used.read_to_end().ends_with("\"user\"}\n"));
  EXPECT_TRUE(used.clean());
  EXPECT_EQ(fresh.read_to_end(), "");
  EXPECT_TRUE(fresh.clean());
}

// The workload is not the client's fault.
TEST_P(HttpdLimits, TimeoutsDoNotCutAnAnswerShort) {
  Server& server = start(
      {"--idle-timeout", "100ms", "--head-timeout", "100ms", "--body-timeout", "100ms", "--sleep", "500ms"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(client.read_until("\"user\"}\n").starts_with("HTTP/1.1 200 "));
}

TEST_P(HttpdLimits, ConnectionsBeyondTheLimitAreTurnedAway) {
  Server& server = start({"--max-connections", "2"});
  const std::string request = "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<std::unique_ptr<RawClient>> within;
  for (int i = 0; i < 2; ++i) {
    within.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(within.back()->send(request));
    EXPECT_TRUE(within.back()->read_until("\"user\"}\n").starts_with("HTTP/1.1 200 "));
  }
  RawClient beyond(server.port());
  ASSERT_TRUE(beyond.send(request));
  const std::string answer = beyond.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(beyond.clean());
}

TEST_P(HttpdLimits, StoppingAnswersEveryRequestThatWasSent) {
  Server& server = start({"--sleep", "30ms"});
  std::string requests;
  constexpr int kPipelined = 7;
  for (int i = 0; i < kPipelined; ++i) requests += "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n";
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
  for (const auto& client : clients) ASSERT_TRUE(client->send(requests));
  server.signal(SIGTERM);
  for (const auto& client : clients) {
    const std::string answers = client->read_to_end();
    int count = 0;
    for (std::size_t at = 0; (at = answers.find("HTTP/1.1 200", at)) != std::string::npos; ++at) ++count;
    EXPECT_EQ(count, kPipelined);
    EXPECT_TRUE(client->clean());
  }
  EXPECT_EQ(server.stop(), 0);
  EXPECT_FALSE(RawClient(server.port()).connected());
}

TEST_P(HttpdLimits, DrainingEndsWithinItsTime) {
  Server& server = start({"--drain-timeout", "300ms"});
  RawClient unfinished(server.port());
  ASSERT_TRUE(unfinished.send("GET / HTTP/1.1\r\nHos"));
  RawClient other(server.port());
  ASSERT_TRUE(other.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  other.read_until("\"user\"}\n");
  const auto begun = Clock::now();
  EXPECT_EQ(server.stop(), 0);
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(4));
}

TEST_P(HttpdLimits, ASecondSignalEndsAtOnce) {
  Server server({"--drain-timeout", "1m", "--engine", GetParam()});
  RawClient unfinished(server.port());
  ASSERT_TRUE(unfinished.send("GET / HTTP/1.1\r\nHos"));
  RawClient other(server.port());
  ASSERT_TRUE(other.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  other.read_until("\"user\"}\n");
  server.signal(SIGTERM);
  other.read_to_end();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 1);
  EXPECT_NE(server.err().find("second signal"), std::string::npos);
}

}  // namespace
}  // namespace plateau::e2e
