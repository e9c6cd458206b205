// The right bytes, whatever engine, body mode, framing and connection policy they go through.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "answers.h"
#include "raw_client.h"
#include "server.h"

namespace plateau::e2e {
namespace {

using Combination = std::tuple<const char*, const char*, const char*>;

class HttpdBody : public testing::TestWithParam<Combination> {
 protected:
  std::vector<std::string> switches(const std::string& keep_alive) {
    const auto [engine, body, framing] = GetParam();
    return {"--engine", engine,        "--body",   body,     "--framing",
            framing,    "--keepalive", keep_alive, "--size", "3001"};
  }
  std::string framing() const { return std::get<2>(GetParam()); }
};

std::string name_of(const testing::TestParamInfo<Combination>& all) {
  return std::string(std::get<0>(all.param)) + "_" + std::get<1>(all.param) + "_" + std::get<2>(all.param);
}

INSTANTIATE_TEST_SUITE_P(Sockets, HttpdBody,
                         testing::Combine(testing::Values("thread", "epoll", "reuseport", "pool"),
                                          testing::Values("single", "buffered", "writev", "sendfile",
                                                          "splice", "zerocopy"),
                                          testing::Values("auto", "length", "chunked")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Ring, HttpdBody,
                         testing::Combine(testing::Values("io_uring"),
                                          testing::Values("single", "buffered", "writev"),
                                          testing::Values("auto", "length", "chunked")),
                         name_of);

struct Question {
  std::string line;
  std::string body;
  bool streamed = false;
};

const std::vector<Question>& questions() {
  static const std::vector<Question> all = {
      {"GET /", pattern(3001)},
      {"GET /bytes/0", ""},
      {"GET /bytes/70001", pattern(70'001)},
      {"GET /users/7", "{\"id\":7,\"name\":\"user\"}\n"},
      {"GET /chunked/20011", pattern(20'011), true},
      {"GET /chunked/0", "", true},
      {"GET /bytes/3000017", pattern(3'000'017)},
      {"GET /", pattern(3001)},
  };
  return all;
}

std::string converse(const Server& server, const std::string& request) {
  RawClient client(server.port());
  EXPECT_TRUE(client.send(request));
  const std::string received = client.read_to_end();
  EXPECT_TRUE(client.clean());
  return received;
}

void expect_answer(const Question& question, const Answer& answer, const std::string& framing) {
  EXPECT_EQ(answer.status, 200) << question.line;
  EXPECT_TRUE(answer.body == question.body) << question.line << ": " << answer.body.size() << " bytes";
  const bool chunked = framing == "chunked" || (framing == "auto" && question.streamed);
  EXPECT_EQ(answer.chunked, chunked) << question.line << "\n" << answer.head;
}

TEST_P(HttpdBody, GivesTheRightBytesOnOneConnection) {
  Server server(switches("on"));
  ASSERT_NE(server.port(), 0);
  std::string requests;
  for (const Question& question : questions()) requests += question.line + " HTTP/1.1\r\nHost: a\r\n\r\n";
  requests += "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  std::string received = converse(server, requests);
  const std::size_t last = received.rfind("HTTP/1.1 200 OK\r\n");
  ASSERT_NE(last, std::string::npos);
  EXPECT_TRUE(received.ends_with("\r\n\r\n"));
  received.resize(last);
  const std::vector<Answer> answers = read_answers(received);
  ASSERT_EQ(answers.size(), questions().size());
  for (std::size_t i = 0; i < answers.size(); ++i) expect_answer(questions()[i], answers[i], framing());
  EXPECT_EQ(server.stop(), 0);
}

TEST_P(HttpdBody, GivesTheRightBytesOnConnectionsOfTheirOwn) {
  Server server(switches("off"));
  ASSERT_NE(server.port(), 0);
  for (const Question& question : questions()) {
    const std::string received = converse(server, question.line + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::vector<Answer> answers = read_answers(received);
    ASSERT_EQ(answers.size(), 1u) << question.line;
    EXPECT_NE(answers[0].head.find("\r\nConnection: close\r\n"), std::string::npos);
    expect_answer(question, answers[0], framing());
  }
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace plateau::e2e
