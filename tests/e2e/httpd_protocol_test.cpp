// The reference server over raw sockets, on every engine.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "answers.h"
#include "raw_client.h"
#include "server.h"

namespace plateau::e2e {
namespace {

class HttpdProtocol : public testing::TestWithParam<const char*> {
 protected:
  HttpdProtocol() : server_(switches()) {}
  static std::vector<std::string> switches() {
    const std::string_view param = GetParam();
    if (param == "fast") return {"--preset", "fast"};
    if (param == "fast_io_uring") return {"--preset", "fast-io_uring"};
    return {"--engine", GetParam()};
  }
  void SetUp() override { ASSERT_NE(server_.port(), 0); }
  void TearDown() override { EXPECT_EQ(server_.stop(), 0); }

  // What the server sends before it closes; `clean` must hold.
  std::string converse(std::string_view bytes) {
    RawClient client(server_.port());
    EXPECT_TRUE(client.send(bytes));
    const std::string received = client.read_to_end();
    EXPECT_TRUE(client.clean()) << "reset, or no end, after: " << bytes.substr(0, 60);
    return received;
  }

  Server server_;
};

INSTANTIATE_TEST_SUITE_P(Engines, HttpdProtocol,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring", "fast",
                                         "fast_io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(HttpdProtocol, AnswersAndCloses) {
  const std::string answer = converse("GET /users/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n{\"id\":7,\"name\":\"user\"}\n")) << answer;
}

TEST_P(HttpdProtocol, AnswersAPipelineInOrder) {
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /users/" + std::to_string(1000 + i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  requests += "GET /users/9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const std::string answers = converse(requests);
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = answers.find("{\"id\":" + std::to_string(1000 + i) + ",", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

// The second time round a request may be answered from memory.
TEST_P(HttpdProtocol, AnswersTheSameAgain) {
  RawClient client(server_.port());
  const std::string request = "GET /users/8 HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_TRUE(client.send(request));
  const std::size_t one = client.read_until("\"user\"}\n").size();
  for (std::size_t round = 2; round <= 3; ++round) {
    ASSERT_TRUE(client.send(request));
    ASSERT_EQ(client.read_size(round * one).size(), round * one);
  }
  ASSERT_TRUE(client.send(request + request + request.substr(0, 9)));
  ASSERT_TRUE(
      client.send(request.substr(9) + "GET /users/9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const std::vector<Answer> answers = read_answers(client.read_to_end());
  ASSERT_EQ(answers.size(), 7u);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(answers[i].body, "{\"id\":8,\"name\":\"user\"}\n");
  EXPECT_EQ(answers[6].body, "{\"id\":9,\"name\":\"user\"}\n");
  EXPECT_TRUE(client.clean());
}

// More answers than the socket takes at once: the rest must follow, in order.
TEST_P(HttpdProtocol, AnswersALongPipelineToASlowReader) {
  RawClient client(server_.port());
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  constexpr std::size_t kRequests = 5003;
  std::string requests;
  for (std::size_t i = 0; i < kRequests; ++i) requests += request;
  std::thread sender([&] {
    EXPECT_TRUE(client.send(requests));
    client.half_close();
  });
  const std::vector<Answer> answers = read_answers(client.read_to_end());
  sender.join();
  EXPECT_EQ(answers.size(), kRequests);
  for (const Answer& answer : answers) EXPECT_EQ(answer.body.size(), 1024u);
}

TEST_P(HttpdProtocol, AnswersAClientThatHalfCloses) {
  RawClient client(server_.port());
  ASSERT_TRUE(client.send("GET /users/3 HTTP/1.1\r\nHost: a\r\n\r\n"));
  client.half_close();
  EXPECT_TRUE(client.read_to_end().ends_with("{\"id\":3,\"name\":\"user\"}\n"));
  EXPECT_TRUE(client.clean());
}

TEST_P(HttpdProtocol, WaitsForEveryByteOfARequest) {
  RawClient client(server_.port());
  for (const char c : std::string_view("GET /users/4 HTTP/1.1\r\nHost: a\r\n\r\n")) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_TRUE(client.read_until("\"user\"}\n").ends_with("{\"id\":4,\"name\":\"user\"}\n"));
}

TEST_P(HttpdProtocol, LeadsTheClientThroughExpectContinue) {
  RawClient client(server_.port());
  ASSERT_TRUE(client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("5\r\nhello\r\n0\r\n\r\n"));
  EXPECT_TRUE(client.read_until("}\n").ends_with("{\"length\":5,\"fnv1a\":\"a430d84680aabd0b\"}\n"));
}

// The refusal must arrive although the client has sent much that the server never reads.
TEST_P(HttpdProtocol, DeliversARefusalInSpiteOfUnreadInput) {
  const std::string answer =
      converse("GET / HTTP/1.1\r\nHost: a\r\nX: y\nZ: w\r\n\r\n" + std::string(100'000, 'x'));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
}

TEST_P(HttpdProtocol, RefusesLargeHeads) {
  const std::string answer = converse("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x'));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 431 ")) << answer;
}

TEST_P(HttpdProtocol, SendsChunkedFraming) {
  const std::string answer = converse("GET /chunked/10 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\na\r\n0123456789\r\n0\r\n\r\n")) << answer;
}

TEST_P(HttpdProtocol, MovesBodiesLargerThanSocketBuffers) {
  constexpr std::size_t kSize = 20'000'000;
  const std::string answer =
      converse("GET /bytes/" + std::to_string(kSize) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, kSize);
}

TEST_P(HttpdProtocol, StopsAtOnceWithIdleConnectionsOpen) {
  RawClient idle(server_.port());
  ASSERT_TRUE(idle.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n"));
  idle.read_until("\"user\"}\n");
  EXPECT_EQ(server_.stop(), 0);
  idle.read_to_end();
  EXPECT_TRUE(idle.clean());
}

TEST(HttpdCommand, SaysThatThePortIsTaken) {
  Server first({});
  ASSERT_NE(first.port(), 0);
  Process second({PLATEAU_HTTPD, "--port", std::to_string(first.port())});
  EXPECT_EQ(second.finish(10'000), 1);
  EXPECT_NE(second.err().find("Address already in use"), std::string::npos) << second.err();
  EXPECT_EQ(second.err().find('\n'), second.err().size() - 1) << second.err();
}

TEST(HttpdCommand, RefusesBadUsage) {
  Process process({PLATEAU_HTTPD, "--engine", "warp"});
  EXPECT_EQ(process.finish(10'000), 2);
  EXPECT_EQ(process.out(), "");
  EXPECT_EQ(process.err().find('\n'), process.err().size() - 1) << process.err();
}

TEST(HttpdCommand, RefusesACongestionControlThatIsNotThere) {
  Process process({PLATEAU_HTTPD, "--port", "0", "--congestion", "nosuch"});
  EXPECT_EQ(process.finish(10'000), 2);
  EXPECT_NE(process.err().find("--congestion nosuch"), std::string::npos) << process.err();
  EXPECT_EQ(process.err().find('\n'), process.err().size() - 1) << process.err();
}

}  // namespace
}  // namespace plateau::e2e
