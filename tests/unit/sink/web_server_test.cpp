// The built-in web server, and those who treat it badly.
#include "sink/web/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "sink/flame/gzip.h"
#include "web_client.h"

namespace plateau::sink::web {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Served {
  std::shared_ptr<Counts> counts = std::make_shared<Counts>();
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;

  explicit Served(Roads roads, Security security = {}, const Limits& limits = {}) {
    auto started = Server::start({"127.0.0.1", 0}, std::move(roads), std::move(security), limits, counts);
    EXPECT_TRUE(started.ok()) << started.error().message;
    if (!started) return;
    server = std::move(*started);
    port = server->port();
  }
};

Roads says(const std::string& text) {
  return {{"/", [text](const Request&) { return Answer{200, "text/plain", text, {}}; }}};
}

TEST(WebServer, FindsTheRoad) {
  const auto names = [](const std::string& name) {
    return [name](const Request& request) { return Answer{200, "text/plain", name + request.path, {}}; };
  };
  const Served served({{"/", names("root ")}, {"/api/*", names("api ")}, {"/api/now", names("now ")}});
  EXPECT_EQ(body_of(get(served.port, "/")), "root /");
  EXPECT_EQ(body_of(get(served.port, "/api/now")), "now /api/now");
  EXPECT_EQ(body_of(get(served.port, "/api/a/b")), "api /api/a/b");
  EXPECT_THAT(get(served.port, "/other"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(get(served.port, "/apis"), StartsWith("HTTP/1.1 404"));
}

TEST(WebServer, HandsOverQueryAndHeaders) {
  const Served served(
      {{"/", [](const Request& request) {
          return Answer{200, "text/plain", request.query.at("q") + request.header("accept"), {}};
        }}});
  EXPECT_EQ(body_of(get(served.port, "/?q=a%20b&x", "Accept: c\r\n")), "a bc");
}

TEST(WebServer, CompressesForThoseWhoTakeIt) {
  const std::string text(100'000, 'x');
  const Served served(says(text));
  const std::string answer = get(served.port, "/", "Accept-Encoding: br, gzip;q=0.5\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_THAT(answer, HasSubstr("Vary: Accept-Encoding\r\n"));
  EXPECT_LT(answer.size(), 5'000u);
  const auto unpacked = flame::gunzip(body_of(answer), text.size());
  ASSERT_TRUE(unpacked.ok()) << unpacked.error().message;
  EXPECT_EQ(*unpacked, text);
  EXPECT_EQ(body_of(get(served.port, "/", "Accept-Encoding: gzip;q=0\r\n")), text);
}

TEST(WebServer, TakesNoBodyAndOnlyReads) {
  const Served served(says("x"));
  const Fd with_body = connect_to(served.port);
  ASSERT_TRUE(send_text(with_body, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_THAT(read_all(with_body), Not(HasSubstr("200 OK")));
  const Fd writer = connect_to(served.port);
  ASSERT_TRUE(send_text(writer, "DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(read_all(writer), StartsWith("HTTP/1.1 405"));
}

TEST(WebServer, RefusesAHugeHead) {
  const Served served(says("x"));
  const std::string answer = get(served.port, "/", "X: " + std::string(100'000, 'y') + "\r\n");
  EXPECT_THAT(answer, Not(HasSubstr("200 OK")));
  EXPECT_EQ(body_of(get(served.port, "/")), "x");
}

TEST(WebServer, AnswersBesideAThousandHalfRequests) {
  const Served served(says("x"));
  std::vector<Fd> halves;
  for (int i = 0; i < 1'009; i++) {
    halves.push_back(connect_to(served.port));
    if (halves.back().valid()) (void)send_text(halves.back(), "GET / HTT");
    if (i % 100 == 50) {
      EXPECT_EQ(body_of(get(served.port, "/")), "x") << i;
    }
  }
  EXPECT_EQ(body_of(get(served.port, "/")), "x");
  EXPECT_GT(served.counts->evicted, 900u);
}

// 16 answers of 8 MiB that nobody reads are more than kernel and server keep.
TEST(WebServer, BoundsWhatNobodyReads) {
  Limits limits;
  limits.unread_bytes = 20 * 1024 * 1024;
  const Served served(says(std::string(8 * 1024 * 1024, 'x')), {}, limits);
  std::vector<Fd> slow;
  for (int i = 0; i < 16; i++) {
    slow.push_back(connect_to(served.port));
    ASSERT_TRUE(send_text(slow.back(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_EQ(body_of(get(served.port, "/", "Accept-Encoding: gzip\r\n")).substr(0, 2), "\x1f\x8b");
  }
  EXPECT_GE(served.counts->evicted, 16u - 2u);
}

TEST(WebServer, SendsTheHeadersThatWereAskedFor) {
  Security security;
  security.headers = {{"Strict-Transport-Security", "max-age=1"}};
  const Served served(says("x"), security);
  EXPECT_THAT(get(served.port, "/"), HasSubstr("Strict-Transport-Security: max-age=1\r\n"));
}

// The password of "anna" is "secret".
Security with_user() {
  Security security;
  security.users["anna"] = "$2y$04$C0y9hJ8rAU/Tx0v/vtdu8e0F/U0ij8zqsYjdTIkaWY09Bt5DPCljy";
  return security;
}

TEST(WebServer, AsksForAPassword) {
  const Served served(says("x"), with_user());
  EXPECT_THAT(get(served.port, "/"), HasSubstr("WWW-Authenticate: Basic"));
  EXPECT_EQ(body_of(get(served.port, "/", "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n")), "x");
  for (const char* wrong : {"Basic YW5uYTpzZWNyZXR0", "Basic b3R0bzpzZWNyZXQ=", "Basic !!", "Bearer x", ""})
    EXPECT_THAT(get(served.port, "/", std::string("Authorization: ") + wrong + "\r\n"),
                StartsWith("HTTP/1.1 401"))
        << wrong;
  EXPECT_GE(served.counts->denied, 6u);
}

TEST(WebServer, LooksAtAFewWrongPasswordsASecondOnly) {
  const Served served(says("x"), with_user());
  ASSERT_EQ(body_of(get(served.port, "/", "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n")), "x");
  int later = 0;
  for (int i = 0; i < 40; i++)
    later += get(served.port, "/", "Authorization: Basic b3R0bzpzZWNyZXQ=\r\n").starts_with("HTTP/1.1 429");
  EXPECT_GT(later, 0);
  EXPECT_EQ(body_of(get(served.port, "/", "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n")), "x");
}

}  // namespace
}  // namespace plateau::sink::web
