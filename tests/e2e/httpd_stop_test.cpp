// Stopping in the middle of things: what was received is answered, the last answer says that the connection
// ends, and then it does.
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "answers.h"
#include "http2_client.h"
#include "raw_client.h"
#include "server.h"
#include "socket_queue.h"

namespace plateau::e2e {
namespace {

const std::string kRequest = "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n";

class HttpdStop : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Engines, HttpdStop,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

bool says_close(const Answer& answer) {
  return answer.head.find("\r\nConnection: close\r\n") != std::string::npos;
}

TEST_P(HttpdStop, SaysCloseInTheAnswerUnderWay) {
  Server server({"--engine", GetParam(), "--sleep", "1s"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(kRequest));
  ASSERT_TRUE(wait_until_taken_in(client.fd()));
  server.signal(SIGINT);
  const std::vector<Answer> answers = read_answers(client.read_to_end());
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_TRUE(says_close(answers[0])) << answers[0].head;
  EXPECT_TRUE(client.clean());
  EXPECT_EQ(server.stop(), 0) << server.err();
}

// The server stands still while the signal and two more requests come, each of them by itself.
TEST_P(HttpdStop, AnswersWhatComesDuringTheWork) {
  Server server({"--engine", GetParam(), "--sleep", "200ms"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(kRequest));
  ASSERT_TRUE(wait_until_taken_in(client.fd()));
  server.signal(SIGSTOP);
  server.signal(SIGTERM);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(client.send(kRequest));
  server.signal(SIGCONT);
  const std::vector<Answer> answers = read_answers(client.read_to_end());
  ASSERT_EQ(answers.size(), 3u);
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(says_close(answer), &answer == &answers.back()) << answer.head;
  }
  EXPECT_TRUE(client.clean());
  EXPECT_EQ(server.stop(), 0) << server.err();
}

// More than one receive brings: the rest is in the socket while the first is worked on.
TEST_P(HttpdStop, AnswersAPipelineLongerThanABuffer) {
  Server server({"--engine", GetParam(), "--sleep", "1ms"});
  RawClient client(server.port());
  std::string requests;
  constexpr std::size_t kRequests = 211;
  for (std::size_t i = 0; i < kRequests; ++i) requests += kRequest;
  ASSERT_TRUE(client.send(requests));
  client.read_size(1);
  server.signal(SIGTERM);
  const std::vector<Answer> answers = read_answers(client.read_to_end());
  ASSERT_EQ(answers.size(), kRequests);
  for (std::size_t i = 0; i + 1 < kRequests; ++i) EXPECT_FALSE(says_close(answers[i])) << i;
  EXPECT_TRUE(says_close(answers.back()));
  EXPECT_TRUE(client.clean());
  EXPECT_EQ(server.stop(), 0) << server.err();
}

struct Variant {
  const char* engine;
  Http2Client::Over over;
};

std::string name_of(const Variant& variant) {
  return std::string(variant.engine) + (variant.over == Http2Client::Over::tls ? "_tls" : "_clear");
}

void PrintTo(const Variant& variant, std::ostream* out) {
  *out << name_of(variant);
}

class HttpdHttp2Stop : public testing::TestWithParam<Variant> {
 protected:
  static std::vector<std::string> switches(std::vector<std::string> more) {
    more.insert(more.end(), {"--engine", GetParam().engine, "--http2", "on"});
    if (GetParam().over == Http2Client::Over::tls) more.insert(more.end(), {"--tls", "1.3"});
    return more;
  }
};

INSTANTIATE_TEST_SUITE_P(
    Engines, HttpdHttp2Stop,
    testing::Values(Variant{"thread", Http2Client::Over::clear}, Variant{"epoll", Http2Client::Over::clear},
                    Variant{"reuseport", Http2Client::Over::clear}, Variant{"pool", Http2Client::Over::clear},
                    Variant{"io_uring", Http2Client::Over::clear}, Variant{"thread", Http2Client::Over::tls},
                    Variant{"epoll", Http2Client::Over::tls}, Variant{"reuseport", Http2Client::Over::tls},
                    Variant{"pool", Http2Client::Over::tls}),
    [](const auto& variant) { return name_of(variant.param); });

// What came for each stream, and of the connection's end.
struct Received {
  std::map<std::uint32_t, bool> answered;  // with 200, and to its end
  std::size_t goaways = 0;

  void take(const Http2Frame& frame) {
    if (frame.says_200()) answered[frame.stream] = false;
    if (frame.ends_stream() && answered.contains(frame.stream)) answered[frame.stream] = true;
    if (frame.type != Http2Frame::goaway) return;
    ++goaways;
    EXPECT_EQ(frame.goaway_error(), 0u);
  }
};

// Reads until `stream` has been answered; false if the connection ends before.
bool read_answer(Http2Client& client, std::uint32_t stream, Received& received) {
  while (const auto frame = client.next()) {
    received.take(*frame);
    if (received.answered.contains(stream) && received.answered[stream]) return true;
  }
  return false;
}

TEST_P(HttpdHttp2Stop, FinishesTheStreamsUnderWay) {
  Server server(switches({"--sleep", "50ms"}));
  Http2Client client(server.port(), GetParam().over);
  ASSERT_TRUE(client.connected());
  for (const std::uint32_t stream : {1u, 3u, 5u}) ASSERT_TRUE(client.get(stream, "/users/1"));
  ASSERT_TRUE(wait_until_taken_in(client.socket().get()));
  server.signal(SIGTERM);
  Received received;
  while (const auto frame = client.next()) received.take(*frame);
  const std::map<std::uint32_t, bool> all = {{1, true}, {3, true}, {5, true}};
  EXPECT_EQ(received.answered, all);
  EXPECT_GT(received.goaways, 0u);
  EXPECT_TRUE(client.clean());
  EXPECT_EQ(server.stop(), 0) << server.err();
}

// One whose body is still to come holds the connection open; others may begin until the client knows.
TEST_P(HttpdHttp2Stop, TellsOfTheEndWhileAStreamIsUnderWay) {
  Server server(switches({}));
  Http2Client client(server.port(), GetParam().over);
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.begin_post(1, "/echo"));
  ASSERT_TRUE(client.get(3, "/users/1"));
  Received received;
  ASSERT_TRUE(read_answer(client, 3, received));
  EXPECT_EQ(received.goaways, 0u);
  server.signal(SIGTERM);
  constexpr std::uint32_t kMostStreams = 20'001;
  std::uint32_t stream = 5;
  for (; received.goaways == 0 && stream < kMostStreams; stream += 2) {
    ASSERT_TRUE(client.get(stream, "/users/1"));
    ASSERT_TRUE(read_answer(client, stream, received)) << stream;
  }
  ASSERT_LT(stream, kMostStreams) << "no word of the end";
  ASSERT_TRUE(client.finish_post(1, "hello"));
  while (const auto frame = client.next()) received.take(*frame);
  EXPECT_TRUE(received.answered[1]);
  EXPECT_GT(received.goaways, 1u);
  EXPECT_TRUE(client.clean());
  EXPECT_EQ(server.stop(), 0) << server.err();
}

TEST_P(HttpdHttp2Stop, TellsAnIdleConnectionThatItEnds) {
  Server server(switches({}));
  Http2Client client(server.port(), GetParam().over);
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.get(1, "/users/1"));
  Received received;
  while (received.answered.empty() || !received.answered[1]) {
    const auto frame = client.next();
    ASSERT_TRUE(frame);
    received.take(*frame);
  }
  EXPECT_EQ(received.goaways, 0u);
  server.signal(SIGTERM);
  while (const auto frame = client.next()) received.take(*frame);
  EXPECT_GT(received.goaways, 0u);
  EXPECT_TRUE(client.clean());
  EXPECT_EQ(server.stop(), 0) << server.err();
}

}  // namespace
}  // namespace plateau::e2e
