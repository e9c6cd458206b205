// Malformed, oversized and smuggling-style requests over raw sockets: each gets the right answer, and the
// server goes on serving.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "answers.h"
#include "raw_client.h"
#include "server.h"

namespace plateau::e2e {
namespace {

const std::string kClosing = "GET /users/9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

std::string post(const std::string& fields, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

struct Exchange {
  std::string sent;
  std::vector<int> statuses;  // of all answers until the server closes
};

std::vector<Exchange> refused() {
  return {
      // Lengths that two readers could understand differently.
      {post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), {400}},
      {post("Content-Length: 5, 6\r\n", "hello"), {400}},
      {post("Content-Length: +5\r\n", "hello"), {400}},
      {post("Content-Length: -1\r\n", ""), {400}},
      {post("Content-Length: 0x5\r\n", "hello"), {400}},
      {post("Content-Length:\r\n", ""), {400}},
      {post("Content-Length: 5 5\r\n", "hello"), {400}},
      {post("Content-Length: 5;\r\n", "hello"), {400}},
      {post("Content-Length: \"5\"\r\n", "hello"), {400}},
      {post("Content-Length: 5.0\r\n", "hello"), {400}},
      {post("Content-Length: \x0b"
            "5\r\n",
            "hello"),
       {400}},
      {post("Content-Length: 18446744073709551621\r\n", "hello"), {400}},  // 2^64 + 5
      {post("Content-Length : 5\r\n", "hello"), {400}},
      {post("Content-Length: 5\r\nX: y\r\nContent-Length: 6\r\n", "hello"), {400}},
      {post("Content-Length: 99999999999999999999\r\n", ""), {400}},
      {post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + kClosing), {400}},
      {post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + kClosing), {400}},
      {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), {501}},
      {post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), {501}},
      {post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), {501}},
      {post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), {501}},
      {post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            "0\r\n\r\n"),
       {400}},
      {post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), {501}},  // for the line without a value
      {post("Transfer-Encoding:\r\n", "0\r\n\r\n"), {501}},
      {post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), {501}},
      {post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), {501}},
      {post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), {400}},
      {post("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"), {400}},
      {"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}},
      // Chunks.
      {post("Transfer-Encoding: chunked\r\n", "zz\r\nhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "5\nhello\n0\n\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "5\r\nhelloworld\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nhello"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\n"), {400}},  // 2^64 + 5
      {post("Transfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", " 5\r\nhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", ";x\r\nhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "5\r\nhello0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "5\rhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "5;a=\nb\r\nhello\r\n0\r\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", "0\r\nTrailer: x\n\r\n"), {400}},
      {post("Transfer-Encoding: chunked\r\n", std::string("5\0\r\nhello\r\n0\r\n\r\n", 17)), {400}},
      {post("Transfer-Encoding: chunked\r\n", "5;" + std::string(20'000, 'x') + "\r\nhello\r\n0\r\n\r\n"),
       {400}},
      {post("Transfer-Encoding: chunked\r\n", repeated("1;xxxxxxxxxxxx\r\na\r\n", 2000) + "0\r\n\r\n"),
       {400}},
      {post("Transfer-Encoding: chunked\r\n", "0\r\n" + repeated("Trailer: x\r\n", 3000) + "\r\n"), {400}},
      // Behind the body.
      {post("Content-Length: 5\r\n", "helloGARBAGE\r\n\r\n"), {200, 400}},
      {post("Content-Length: 5\r\n", "hello\r\n\r\n\r\n"), {200, 400}},
      {post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n0\r\n\r\n"), {200, 400}},
      {"GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\nhello\r\n\r\n", {200, 400}},
      // Lines.
      {"GET / HTTP/1.1\nHost: a\n\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\n: nameless\r\n\r\n", {400}},
      {std::string("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 39), {400}},
      {std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 29), {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", {400}},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", {400}},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GET /\r\n\r\n", {400}},
      {"GET /\r\n", {400}},
      {"GET HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GET / x HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GET / HTTP/1.1\rHost: a\r\r", {400}},
      {"GET / HTTP/11\r\nHost: a\r\n\r\n", {400}},
      {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", {400}},
      {"GET / HTTPS/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x1b\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX(: y\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX\xe9: y\r\n\r\n", {400}},
      {std::string("GET / HTTP/1.1\r\nHost: a\r\nX\0: y\r\n\r\n", 36), {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tfolded\r\n\r\n", {400}},
      {"\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"\x16\x03\x01\x02\x01", {400}},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", {505}},
      {"GET / HTTP/0.9\r\n\r\n", {505}},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}},
      // Hosts.
      {"GET / HTTP/1.1\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", {400}},
      {"GET http://a/ HTTP/1.1\r\n\r\n", {400}},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", {400}},
      // Sizes.
      {"GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", {414}},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", {431}},
      {"GET / HTTP/1.1\r\nHost: a\r\n" + repeated("X: y\r\n", 101) + "\r\n", {431}},
      {"GET / HTTP/1.1\r\nHost: a\r\n" + repeated("X: y\r\n", 20'000) + "\r\n", {431}},
      {"GET / HTTP/1.1\r\nHost: a\r\n" + std::string(20'000, 'x') + ": y\r\n\r\n", {431}},
      {post("Content-Length: 67108865\r\n", ""), {413}},
      {std::string(40, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", {501}},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: the-moon\r\n\r\n", {417}},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, the-moon\r\n\r\n", {417}},
  };
}

std::vector<Exchange> served() {
  return {
      {post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello" + kClosing), {200, 200}},
      {post("Transfer-Encoding: Chunked\r\n", "5;ext=\"a b\"\r\nhello\r\n0\r\nTrailer: x\r\n\r\n" + kClosing),
       {200, 200}},
      {post("Transfer-Encoding: chunked\r\n", "00000005\r\nhello\r\n000\r\n\r\n" + kClosing), {200, 200}},
      {"\r\n" + kClosing, {200}},
      {"GET /users/1 HTTP/1.1\r\nhOsT:\ta\t\r\n\r\n" + kClosing, {200, 200}},
      {"GET http://elsewhere HTTP/1.1\r\nHost: a\r\n\r\n" + kClosing, {200, 200}},
      {"GET /users/1 HTTP/1.1\r\nHost:\r\n\r\n" + kClosing, {200, 200}},
      {"GET /users/1 HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t \r\n\r\n" + kClosing, {200, 200}},
      {post("Content-Length: \t5\t \r\n", "hello" + kClosing), {200, 200}},
      {post("Content-Length: 0000000000000000000000005\r\n", "hello" + kClosing), {200, 200}},
      {post("Transfer-Encoding: chunked\r\n", "5 ;ext\r\nhello\r\n0\r\n\r\n" + kClosing), {200, 200}},
      {"GET http://elsewhere/users/1?q HTTP/1.1\r\nHost: a\r\n\r\n" + kClosing, {200, 200}},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + kClosing, {204, 200}},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n" + kClosing, {400, 200}},
      {"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + kClosing, {501, 200}},
      {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n" + kClosing, {405, 200}},
      {"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n" + kClosing, {501, 200}},
      {"GET /users/1 HTTP/1.9\r\nHost: a\r\n\r\n" + kClosing, {200, 200}},
      {"GET /users/1 HTTP/1.0\r\n\r\n", {200}},
      {"GET /users/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /users/2 HTTP/1.0\r\n\r\n", {200, 200}},
      {post("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello" + kClosing), {200, 200}},
      {"GET /none HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + kClosing, {404, 200}},
      {"GET /users/1 HTTP/1.1\r\nHost: a\r\nX: caf\xe9\r\n\r\n" + kClosing, {200, 200}},
  };
}

class HttpdConformance : public testing::TestWithParam<const char*> {
 protected:
  HttpdConformance() : server_({"--engine", GetParam()}) {}
  void SetUp() override { ASSERT_NE(server_.port(), 0); }
  void TearDown() override {
    EXPECT_EQ(server_.stop(), 0) << server_.err();
    EXPECT_EQ(server_.err().find("Sanitizer"), std::string::npos) << server_.err();
  }

  void expect(const Exchange& exchange) {
    RawClient client(server_.port());
    ASSERT_TRUE(client.send(exchange.sent));
    if (exchange.sent.starts_with("\x16")) client.half_close();
    const std::string received = client.read_to_end();
    std::vector<int> statuses;
    for (const Answer& answer : read_answers(received)) statuses.push_back(answer.status);
    EXPECT_EQ(statuses, exchange.statuses) << exchange.sent.substr(0, 200) << "\n--\n"
                                           << received.substr(0, 400);
    EXPECT_TRUE(client.clean()) << exchange.sent.substr(0, 200);
  }

  Server server_;
};

INSTANTIATE_TEST_SUITE_P(Engines, HttpdConformance,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(HttpdConformance, RefusesWhatIsMalformed) {
  for (const Exchange& exchange : refused()) expect(exchange);
  expect({kClosing, {200}});
}

TEST_P(HttpdConformance, ServesWhatIsUnusualButRight) {
  for (const Exchange& exchange : served()) expect(exchange);
}

// However the bytes are cut, the answers are the same.
TEST_P(HttpdConformance, DoesNotDependOnSegments) {
  for (const Exchange& exchange : served()) {
    RawClient client(server_.port());
    bool open = true;
    for (std::size_t at = 0; at < exchange.sent.size() && open; at += 3) {
      open = client.send(std::string_view(exchange.sent).substr(at, 3));
    }
    std::vector<int> statuses;
    for (const Answer& answer : read_answers(client.read_to_end())) {
      if (answer.status != 100) statuses.push_back(answer.status);
    }
    EXPECT_EQ(statuses, exchange.statuses) << exchange.sent.substr(0, 200);
  }
}

// Every prefix of a request, cut off by the client: no answer to what never came, and no harm.
TEST_P(HttpdConformance, SurvivesClientsThatGoAway) {
  const std::string whole = post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    RawClient client(server_.port());
    ASSERT_TRUE(client.send(whole.substr(0, size)));
    client.half_close();
    EXPECT_EQ(client.read_to_end(), "") << size;
  }
  expect({kClosing, {200}});
}

}  // namespace
}  // namespace plateau::e2e
