#include "httpd/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

namespace plateau::httpd {
namespace {

struct Outcome {
  std::string sent;
  std::vector<std::size_t> writes;  // sizes of the pieces handed out
  std::vector<int> statuses;        // of the finished responses
  std::vector<std::uint64_t> bytes_in;
  std::vector<std::uint64_t> bytes_out;
  Step last = Step::read;
};

// Drives a session as an engine would: input arrives in the pieces given, each write is accepted up to
// `accepted` bytes.
Outcome converse(const Service& service, const std::vector<std::string_view>& pieces,
                 std::size_t accepted = std::string::npos) {
  Session session(service);
  Outcome outcome;
  std::size_t piece = 0;
  std::string_view rest = pieces.empty() ? std::string_view() : pieces[0];
  while (true) {
    outcome.last = session.step();
    switch (session.step()) {
      case Step::read: {
        while (rest.empty() && ++piece < pieces.size()) rest = pieces[piece];
        if (rest.empty()) return outcome;
        const std::span<char> space = session.space();
        const std::size_t count = std::min(space.size(), rest.size());
        EXPECT_GT(count, 0u);
        std::copy_n(rest.begin(), count, space.begin());
        rest.remove_prefix(count);
        session.received(count, {});
        break;
      }
      case Step::work:
        session.worked();
        break;
      case Step::write: {
        const std::string_view pending = session.pending();
        EXPECT_FALSE(pending.empty());
        const std::size_t count = std::min(pending.size(), accepted);
        outcome.sent += pending.substr(0, count);
        outcome.writes.push_back(count);
        session.sent(count);
        break;
      }
      case Step::proceed:
        outcome.statuses.push_back(session.record().status);
        outcome.bytes_in.push_back(session.record().bytes_in);
        outcome.bytes_out.push_back(session.record().bytes_out);
        session.proceed();
        break;
      case Step::linger:
      case Step::close:
        return outcome;
    }
  }
}

// The date is the one thing that differs between two runs.
std::string without_date(const std::string& text) {
  return std::regex_replace(text, std::regex("Date: [^\r]*"), "Date: -");
}

std::string body_of(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

const std::string kConversation =
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    "GET /users/42 HTTP/1.1\r\nHost: a\r\n\r\n"
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    "HEAD /bytes/100 HTTP/1.1\r\nHost: a\r\n\r\n"
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    "GET /chunked/5 HTTP/1.1\r\nHost: a\r\n\r\n"
    "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
    "GET /status/204 HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(Session, AnswersAPipelineInOrder) {
  const Service service(Options{}, nullptr);
  const Outcome outcome = converse(service, {kConversation});
  EXPECT_EQ(outcome.statuses, (std::vector<int>{200, 200, 200, 200, 200, 200, 404, 204}));
  EXPECT_EQ(outcome.last, Step::read);
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  for (const std::uint64_t bytes : outcome.bytes_in) in += bytes;
  for (const std::uint64_t bytes : outcome.bytes_out) out += bytes;
  EXPECT_EQ(in, kConversation.size());
  EXPECT_EQ(out, outcome.sent.size());
}

TEST(Session, IsTheSameAtEverySplitPoint) {
  const Service service(Options{}, nullptr);
  const Outcome whole = converse(service, {kConversation});
  const std::string_view text = kConversation;
  for (std::size_t split = 1; split < text.size(); ++split) {
    const Outcome outcome = converse(service, {text.substr(0, split), text.substr(split)});
    ASSERT_EQ(without_date(outcome.sent), without_date(whole.sent)) << "split at " << split;
    ASSERT_EQ(outcome.bytes_in, whole.bytes_in) << "split at " << split;
  }
}

TEST(Session, IsTheSameByteByByteAndWithShortWrites) {
  const Service service(Options{}, nullptr);
  const Outcome whole = converse(service, {kConversation});
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < kConversation.size(); ++i)
    bytes.push_back(std::string_view(kConversation).substr(i, 1));
  const Outcome outcome = converse(service, bytes, 7);
  EXPECT_EQ(without_date(outcome.sent), without_date(whole.sent));
  EXPECT_EQ(outcome.bytes_out, whole.bytes_out);
}

TEST(Session, EchoTellsLengthAndHash) {
  const Service service(Options{}, nullptr);
  const Outcome outcome =
      converse(service, {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"});
  // FNV-1a of "hello", 64 bits, from the algorithm's published definition.
  EXPECT_EQ(body_of(outcome.sent), "{\"length\":5,\"fnv1a\":\"a430d84680aabd0b\"}\n");
}

TEST(Session, WritesASmallResponseInOnePiece) {
  const Service service(Options{}, nullptr);
  const Outcome outcome = converse(service, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"});
  ASSERT_EQ(outcome.writes.size(), 1u);
  EXPECT_EQ(body_of(outcome.sent).size(), 1024u);
}

TEST(Session, BufferedWritesTheHeadAndThenFourKibibytePieces) {
  Options options;
  options.body = BodyMode::buffered;
  options.size = 10'000;
  const Service service(options, nullptr);
  const Outcome outcome = converse(service, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"});
  ASSERT_EQ(outcome.writes.size(), 4u);
  EXPECT_EQ(outcome.writes[1], 4096u);
  EXPECT_EQ(outcome.writes[2], 4096u);
  EXPECT_EQ(outcome.writes[3], 10'000u - 2 * 4096u);
  Options single = options;
  single.body = BodyMode::single;
  const Service other(single, nullptr);
  const Outcome same = converse(other, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"});
  EXPECT_EQ(without_date(same.sent), without_date(outcome.sent));
  EXPECT_EQ(same.writes.size(), 1u);
}

TEST(Session, HeadAnswersHaveTheLengthAndNoBody) {
  const Service service(Options{}, nullptr);
  const Outcome outcome = converse(service, {"HEAD /bytes/77 HTTP/1.1\r\nHost: a\r\n\r\n"});
  EXPECT_NE(outcome.sent.find("Content-Length: 77\r\n"), std::string::npos);
  EXPECT_EQ(body_of(outcome.sent), "");
}

TEST(Session, ChunkedAnswersDecodeToTheSamePattern) {
  const Service service(Options{}, nullptr);
  const Outcome plain = converse(service, {"GET /bytes/40000 HTTP/1.1\r\nHost: a\r\n\r\n"});
  const Outcome chunked = converse(service, {"GET /chunked/40000 HTTP/1.1\r\nHost: a\r\n\r\n"});
  std::string data;
  toolkit::ChunkedDecoder decoder;
  decoder.feed(body_of(chunked.sent), [&data](std::string_view piece) { data += piece; });
  EXPECT_TRUE(decoder.done());
  EXPECT_EQ(data, body_of(plain.sent));
  EXPECT_EQ(data.size(), 40'000u);
}

TEST(Session, ChunkedBecomesUntilCloseForOldClients) {
  const Service service(Options{}, nullptr);
  const Outcome outcome = converse(service, {"GET /chunked/9 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"});
  EXPECT_EQ(outcome.last, Step::linger);
  EXPECT_EQ(outcome.sent.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(outcome.sent.find("Content-Length"), std::string::npos);
  EXPECT_NE(outcome.sent.find("Connection: close"), std::string::npos);
  EXPECT_EQ(body_of(outcome.sent).size(), 9u);
}

TEST(Session, ClosesWhenTheClientAsksAndLingersWhenOnlyTheSwitchesSay) {
  const std::string once = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  Options off;
  off.keep_alive = false;
  EXPECT_EQ(converse(Service(off, nullptr), {once}).last, Step::linger);
  Options two;
  two.requests_per_connection = 2;
  EXPECT_EQ(converse(Service(two, nullptr), {once}).last, Step::read);
  EXPECT_EQ(converse(Service(two, nullptr), {once + once}).last, Step::linger);
  const Service plain(Options{}, nullptr);
  EXPECT_EQ(converse(plain, {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"}).last, Step::close);
  EXPECT_EQ(converse(plain, {"GET / HTTP/1.0\r\n\r\n"}).last, Step::close);
  const Outcome old = converse(plain, {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"});
  EXPECT_EQ(old.last, Step::read);
  EXPECT_NE(old.sent.find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST(Session, LingersWhenBytesAreLeftUnread) {
  const std::string once = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const Outcome outcome = converse(Service(Options{}, nullptr), {once + once});
  EXPECT_EQ(outcome.statuses.size(), 1u);
  EXPECT_EQ(outcome.last, Step::linger);
}

TEST(Session, GivesLeaveToSendABodyOnlyWhenItIsStillToCome) {
  const Service service(Options{}, nullptr);
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  const Outcome waits = converse(service, {head, "ok"});
  EXPECT_TRUE(waits.sent.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(waits.bytes_out[0], waits.sent.size());
  const Outcome eager = converse(service, {head + "ok"});
  EXPECT_TRUE(eager.sent.starts_with("HTTP/1.1 200 OK\r\n"));
  const Outcome refused = converse(
      service, {"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"});
  EXPECT_TRUE(refused.sent.starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(refused.last, Step::linger);
}

TEST(Session, AnswersEachErrorWithItsStatus) {
  struct Case {
    std::string_view text;
    int status;
    Step last;
  };
  const std::vector<Case> cases = {
      {"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404, Step::read},
      {"GET /bytes/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, Step::read},
      {"GET /bytes/1x HTTP/1.1\r\nHost: a\r\n\r\n", 400, Step::read},
      {"GET /bytes/67108865 HTTP/1.1\r\nHost: a\r\n\r\n", 400, Step::read},
      {"GET /status/199 HTTP/1.1\r\nHost: a\r\n\r\n", 400, Step::read},
      {"GET /status/503 HTTP/1.1\r\nHost: a\r\n\r\n", 503, Step::read},
      {"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405, Step::read},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 405, Step::read},
      {"DELETE /users/1 HTTP/1.1\r\nHost: a\r\n\r\n", 405, Step::read},
      {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, Step::read},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204, Step::read},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, Step::read},
      {"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501, Step::read},
      {"GET http://b/users/1 HTTP/1.1\r\nHost: a\r\n\r\n", 200, Step::read},
      {"GET /users/1/orders/2 HTTP/1.1\r\nHost: a\r\n\r\n", 200, Step::read},
      {"GET /users/1/orders HTTP/1.1\r\nHost: a\r\n\r\n", 404, Step::read},
      {"GET /users/1/ HTTP/1.1\r\nHost: a\r\n\r\n", 404, Step::read},
      {"GET /users/x/orders/2 HTTP/1.1\r\nHost: a\r\n\r\n", 400, Step::read},
      {"GET /static/x HTTP/1.1\r\nHost: a\r\n\r\n", 404, Step::read},
      {"POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n[]", 200, Step::read},
      {"POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n[}", 400, Step::read},
      {"nonsense\r\n\r\n", 400, Step::linger},
      {"GET / HTTP/3.0\r\n\r\n", 505, Step::linger},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n", 413, Step::linger},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", 400, Step::linger},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, Step::linger},
  };
  const Service service(Options{}, nullptr);
  for (const Case& c : cases) {
    const Outcome outcome = converse(service, {c.text});
    EXPECT_EQ(outcome.statuses, std::vector<int>{c.status}) << c.text;
    EXPECT_EQ(outcome.last, c.last) << c.text;
  }
  const std::string long_head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x');
  EXPECT_EQ(converse(service, {long_head}).statuses, std::vector<int>{431});
}

TEST(Session, AMalformedHeadInheritsNothingFromTheRequestBefore) {
  const Service service(Options{}, nullptr);
  const std::string sent = converse(service, {"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n"}).sent;
  EXPECT_TRUE(sent.ends_with("\r\n\r\nBad Request\n")) << sent;
}

TEST(Session, AnswersARequestThatTookTooLongWith408) {
  for (const std::string_view begun :
       {"GET / HT", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"}) {
    const Service service(Options{}, nullptr);
    Session session(service);
    std::copy(begun.begin(), begun.end(), session.space().begin());
    session.received(begun.size(), {});
    ASSERT_EQ(session.step(), Step::read);
    session.watch().expire();
    session.ended();
    ASSERT_EQ(session.step(), Step::write);
    EXPECT_TRUE(session.pending().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    EXPECT_NE(session.pending().find("Connection: close\r\n"), std::string_view::npos);
  }
}

TEST(Session, ClosesSilentlyWhenTimeIsUpBetweenRequests) {
  const Service service(Options{}, nullptr);
  Session session(service);
  session.watch().expire();
  session.ended();
  EXPECT_EQ(session.step(), Step::close);
}

TEST(Session, TurnsAwayWith503AndCloses) {
  const Service service(Options{}, nullptr);
  Session session(service);
  session.turn_away();
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::copy(kRequest.begin(), kRequest.end(), session.space().begin());
  session.received(kRequest.size(), {});
  ASSERT_EQ(session.step(), Step::work);
  session.worked();
  EXPECT_TRUE(session.pending().starts_with("HTTP/1.1 503 "));
  EXPECT_NE(session.pending().find("Connection: close\r\n"), std::string_view::npos);
}

TEST(Session, AnswersAllThatCameBeforeTheStopAndClosesAfterTheLast) {
  Service service(Options{}, nullptr);
  service.stopping = true;
  const std::string once = "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const Outcome outcome = converse(service, {once + once + once});
  EXPECT_EQ(outcome.statuses, (std::vector<int>{200, 200, 200}));
  EXPECT_EQ(outcome.sent.find("Connection: close\r\n"), outcome.sent.rfind("Connection: close\r\n"));
  EXPECT_GT(outcome.sent.find("Connection: close\r\n"), outcome.sent.size() / 2);
}

TEST(Session, ObeysTheLimitsOfTheSwitches) {
  Options options;
  options.protocol.max_head = 100;
  options.protocol.max_headers = 2;
  options.protocol.max_body = 4;
  const Service service(options, nullptr);
  const std::string begin = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(converse(service, {begin + "Content-Length: 4\r\n\r\nabcd"}).statuses, std::vector<int>{200});
  EXPECT_EQ(converse(service, {begin + "Content-Length: 5\r\n\r\nabcde"}).statuses, std::vector<int>{413});
  EXPECT_EQ(converse(service, {begin + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"}).statuses,
            std::vector<int>{413});
  EXPECT_EQ(converse(service, {begin + "A: 1\r\nB: 2\r\n\r\n"}).statuses, std::vector<int>{431});
  EXPECT_EQ(converse(service, {begin + "A: " + std::string(100, 'x')}).statuses, std::vector<int>{431});
}

TEST(Session, ReturnsTheStagesWhereAskedFor) {
  const std::string asks = "GET / HTTP/1.1\r\nHost: a\r\nX-Plateau-Timing: 1\r\n\r\n";
  const Service service(Options{}, nullptr);
  Session session(service);
  std::copy(asks.begin(), asks.end(), session.space().begin());
  session.received(asks.size(), {});
  session.record().stages[static_cast<std::size_t>(Stage::sleep)] = {1'000'000, 3'500'000};
  session.worked();
  EXPECT_NE(session.pending().find("\r\nServer-Timing: sleep;dur=2.500\r\n"), std::string_view::npos)
      << session.pending();
}

TEST(Session, TakesOverIdAndTrace) {
  Options options;
  options.protocol.request_id = options.protocol.trace = true;
  const Service service(options, nullptr);
  const std::string sent =
      converse(service, {"GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: r-1\r\n"
                         "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n"})
          .sent;
  EXPECT_NE(sent.find("\r\nX-Request-Id: r-1\r\n"), std::string::npos) << sent;
  EXPECT_NE(sent.find("\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"), std::string::npos) << sent;
  EXPECT_EQ(sent.find("00f067aa0ba902b7"), std::string::npos);
}

TEST(Session, NamesTheAllowedMethods) {
  const Service service(Options{}, nullptr);
  EXPECT_NE(converse(service, {"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"}).sent.find("Allow: GET, HEAD\r\n"),
            std::string::npos);
  EXPECT_NE(converse(service, {"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"}).sent.find("Allow: POST\r\n"),
            std::string::npos);
}

TEST(Session, NoContentHasNeitherLengthNorBody) {
  const Service service(Options{}, nullptr);
  const std::string sent = converse(service, {"GET /status/204 HTTP/1.1\r\nHost: a\r\n\r\n"}).sent;
  EXPECT_EQ(sent.find("Content-Length"), std::string::npos);
  EXPECT_EQ(body_of(sent), "");
}

TEST(Session, ReadsBodiesLargerThanItsBuffer) {
  const Service service(Options{}, nullptr);
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n";
  const std::string next = "GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string text = head + std::string(300'000, 'z') + next;
  const Outcome outcome = converse(service, {text});
  EXPECT_EQ(outcome.statuses, (std::vector<int>{200, 200}));
  EXPECT_EQ(outcome.bytes_in[0], head.size() + 300'000);
  EXPECT_NE(outcome.sent.find("{\"length\":300000,"), std::string::npos);
}

TEST(Session, ClosesAfterTheResponseOnceStopping) {
  Service service(Options{}, nullptr);
  service.stopping = true;
  const Outcome outcome = converse(service, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"});
  EXPECT_EQ(outcome.last, Step::linger);
  EXPECT_NE(outcome.sent.find("Connection: close\r\n"), std::string::npos);
}

}  // namespace
}  // namespace plateau::httpd
