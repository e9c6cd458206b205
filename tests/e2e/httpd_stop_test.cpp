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

// One request, or a number of them, each sent by itself while the first is worked on and after the signal.
void stop_at_work(const char* engine, int signal, std::size_t more) {
  Server server({"--engine", engine, "--sleep", "300ms"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send(kRequest));
  ASSERT_TRUE(wait_until_taken_in(client.fd()));
  server.signal(signal);
  for (std::size_t i = 0; i < more; ++i) ASSERT_TRUE(client.send(kRequest));
  const std::vector<Answer> answers = read_answers(client.read_to_end());
  ASSERT_EQ(answers.size(), 1 + more);
  for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200);
  for (std::size_t i = 0; i < more; ++i) EXPECT_FALSE(says_close(answers[i])) << answers[i].head;
  EXPECT_TRUE(says_close(answers.back())) << answers.back().head;
  EXPECT_TRUE(client.clean());
  EXPECT_EQ(server.stop(), 0) << server.err();
}

TEST_P(HttpdStop, SaysCloseInTheAnswerUnderWay) {
  for (const int signal : {SIGINT, SIGTERM}) stop_at_work(GetParam(), signal, 0);
}

TEST_P(HttpdStop, AnswersWhatComesDuringTheWork) {
  stop_at_work(GetParam(), SIGTERM, 2);
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

TEST_P(HttpdHttp2Stop, FinishesTheStreamsUnderWay) {
  Server server(switches({"--sleep", "50ms"}));
  Http2Client client(server.port(), GetParam().over);
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.begin_post(1, "/echo"));
  for (const std::uint32_t stream : {3u, 5u, 7u}) ASSERT_TRUE(client.get(stream, "/users/1"));
  ASSERT_TRUE(wait_until_taken_in(client.socket().get()));
  server.signal(SIGTERM);
  Received received;
  while (const auto frame = client.next()) {
    received.take(*frame);
    if (!frame->ends_stream() || frame->stream != 7) continue;
    EXPECT_GT(received.goaways, 0u) << "no word of the end while streams are under way";
    ASSERT_TRUE(client.finish_post(1, "hello"));
  }
  const std::map<std::uint32_t, bool> all = {{1, true}, {3, true}, {5, true}, {7, true}};
  EXPECT_EQ(received.answered, all);
  EXPECT_GT(received.goaways, 0u);
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
