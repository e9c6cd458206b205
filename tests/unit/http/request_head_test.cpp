#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/head.h"

namespace plateau::http {
namespace {

RequestHead parse(std::string_view bytes) {
  RequestHead head;
  EXPECT_EQ(parse_request_head(bytes, head), ParseStatus::complete) << bytes;
  return head;
}

ParseStatus status_of(std::string_view bytes) {
  RequestHead head;
  return parse_request_head(bytes, head);
}

TEST(RequestHead, PlainGet) {
  const std::string bytes = "GET /users/17?token=secret HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
  const std::string and_body = bytes + "a body's bytes";
  const RequestHead head = parse(and_body);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/users/17");
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.framing, BodyFraming::none);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_FALSE(head.upgrade);
  EXPECT_FALSE(head.connect);
  EXPECT_EQ(head.size, bytes.size());
  EXPECT_EQ(head.traceparent, "");
}

struct TargetCase {
  const char* line;
  const char* method;
  const char* target;
  bool has_query;
};

TEST(RequestHead, Targets) {
  const TargetCase cases[] = {
      {"GET / HTTP/1.1", "GET", "/", false},
      {"GET /? HTTP/1.1", "GET", "/", true},
      {"GET /a#b?c HTTP/1.1", "GET", "/a", false},
      {"GET /a?b#c HTTP/1.1", "GET", "/a", true},
      {"GET /a?http://b/c HTTP/1.1", "GET", "/a", true},
      {"OPTIONS * HTTP/1.1", "OPTIONS", "*", false},
      {"GET http://host/path?q HTTP/1.1", "GET", "/path", true},
      {"GET HTTPS://user:pw@host:8443/path HTTP/1.1", "GET", "/path", false},
      {"GET http://host HTTP/1.1", "GET", "/", false},
      {"GET http://host?q/r HTTP/1.1", "GET", "/", true},
      {"GET ?q HTTP/1.1", "GET", "", true},
      {"CONNECT host:443 HTTP/1.1", "CONNECT", "host:443", false},
      {"M-SEARCH * HTTP/1.1", "M-SEARCH", "*", false},
      {"GET  /two  HTTP/1.1", "GET", "/two", false},
      {"GET /a b HTTP/1.1", "GET", "/a b", false},
      {"GET /a HTTP/1.1 ", "GET", "/a", false},
      {"GET\t/tab\tHTTP/1.1", "GET", "/tab", false},
  };
  for (const TargetCase& c : cases) {
    SCOPED_TRACE(c.line);
    const std::string bytes = std::string(c.line) + "\r\nHost: a\r\n\r\n";
    const RequestHead head = parse(bytes);
    EXPECT_EQ(head.method, c.method);
    EXPECT_EQ(head.target, c.target);
    EXPECT_EQ(head.has_query, c.has_query);
    EXPECT_EQ(head.connect, head.method == "CONNECT");
    EXPECT_EQ(head.size, bytes.size());
  }
}

TEST(RequestHead, WrongFirstLines) {
  const std::string method_33(33, 'M');
  const std::string lines[] = {"GET",
                               "GET /",
                               "GET / HTTP/2.0",
                               "GET / HTTP/1.x",
                               "GET / http/1.1",
                               "GET HTTP/1.1",
                               " GET / HTTP/1.1",
                               "G(T / HTTP/1.1",
                               "GET /HTTP/1.1",
                               "PRI * HTTP/2.0",
                               "\x16\x03\x01",
                               method_33 + " / HTTP/1.1"};
  for (const std::string& line : lines) {
    EXPECT_EQ(status_of(line + "\r\nHost: a\r\n\r\n"), ParseStatus::malformed) << line;
    EXPECT_EQ(status_of(line + "\n"), ParseStatus::malformed) << line;
  }
  EXPECT_EQ(status_of(std::string(32, 'M') + " / HTTP/1.1\r\n\r\n"), ParseStatus::complete);
}

TEST(RequestHead, WrongStartIsToldBeforeTheLineEnds) {
  EXPECT_EQ(status_of("\x16\x03\x01\x02"), ParseStatus::malformed);
  EXPECT_EQ(status_of(std::string(33, 'M')), ParseStatus::malformed);
  EXPECT_EQ(status_of(std::string(32, 'M')), ParseStatus::incomplete);
  EXPECT_EQ(status_of(""), ParseStatus::incomplete);
  EXPECT_EQ(status_of("\r\n"), ParseStatus::incomplete);
}

struct FramingCase {
  const char* version;
  const char* fields;
  ParseStatus status;
  BodyFraming framing;
  std::uint64_t length;
  bool keep_alive;
};

constexpr auto kComplete = ParseStatus::complete;
constexpr auto kMalformed = ParseStatus::malformed;

TEST(RequestHead, Framing) {
  const FramingCase cases[] = {
      {"1.1", "Content-Length: 5\r\n", kComplete, BodyFraming::length, 5, true},
      {"1.1", "content-length:5\r\n", kComplete, BodyFraming::length, 5, true},
      {"1.1", "CONTENT-LENGTH: \t 5 \t\r\n", kComplete, BodyFraming::length, 5, true},
      {"1.1", "Content-Length: 0\r\n", kComplete, BodyFraming::length, 0, true},
      {"1.1", "Content-Length: 007\r\n", kComplete, BodyFraming::length, 7, true},
      {"1.1", "Content-Length: 18446744073709551615\r\n", kComplete, BodyFraming::length,
       18446744073709551615u, true},
      {"1.1", "Content-Length: 18446744073709551616\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: 99999999999999999999999\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: 5, 5\r\n", kComplete, BodyFraming::length, 5, true},
      {"1.1", "Content-Length: 5\r\nContent-Length: 5\r\n", kComplete, BodyFraming::length, 5, true},
      {"1.1", "Content-Length: 5\r\nContent-Length: 6\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: 5, 6\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: \r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: -5\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: +5\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: 0x5\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length: 5 5\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Length : 5\r\n", kMalformed, {}, 0, false},
      {"1.1", "Content-Lengths: 5\r\n", kComplete, BodyFraming::none, 0, true},
      {"1.1", "X-Content-Length: 5\r\n", kComplete, BodyFraming::none, 0, true},
      {"1.1", "Content-Length\r\n", kComplete, BodyFraming::none, 0, true},
      {"1.1", "Transfer-Encoding: chunked\r\n", kComplete, BodyFraming::chunked, 0, true},
      {"1.1", "transfer-encoding:CHUNKED\r\n", kComplete, BodyFraming::chunked, 0, true},
      {"1.1", "Transfer-Encoding: gzip, chunked\r\n", kComplete, BodyFraming::chunked, 0, true},
      {"1.1", "Transfer-Encoding: gzip;q=1 ,, chunked\r\n", kComplete, BodyFraming::chunked, 0, true},
      {"1.1", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", kComplete, BodyFraming::chunked, 0,
       true},
      {"1.1", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", kComplete, BodyFraming::chunked, 0,
       true},
      {"1.1", "Content-Length: x\r\nTransfer-Encoding: chunked\r\n", kComplete, BodyFraming::chunked, 0,
       true},
      {"1.1", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", kComplete, BodyFraming::length, 5,
       true},
      {"1.1", "Transfer-Encoding: gzip\r\n", kMalformed, {}, 0, false},
      {"1.1", "Transfer-Encoding: chunked, gzip\r\n", kMalformed, {}, 0, false},
      {"1.1", "Transfer-Encoding: chunked, chunked\r\n", kMalformed, {}, 0, false},
      {"1.1", "Transfer-Encoding: xchunked\r\n", kMalformed, {}, 0, false},
      {"1.1", "Transfer-Encoding : chunked\r\n", kMalformed, {}, 0, false},
      {"1.0", "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", kComplete, BodyFraming::chunked, 0,
       false},
      {"1.1", "Transfer-Encoding:\r\n chunked\r\n", kComplete, BodyFraming::chunked, 0, true},
      {"1.1", "Transfer-Encoding: gzip,\r\n\t \r\n\tchunked\r\n", kComplete, BodyFraming::chunked, 0, true},
      {"1.1", "X-A: b\r\n Content-Length: 5\r\n", kComplete, BodyFraming::none, 0, true},
      {"1.0", "", kComplete, BodyFraming::none, 0, false},
      {"1.0", "Connection: Keep-Alive\r\n", kComplete, BodyFraming::none, 0, true},
      {"1.0", "Connection: keep-alive, close\r\n", kComplete, BodyFraming::none, 0, false},
      {"1.1", "Connection: close\r\n", kComplete, BodyFraming::none, 0, false},
      {"1.1", "Connection: te,  Close\r\n", kComplete, BodyFraming::none, 0, false},
      {"1.1", "Connection: closed\r\n", kComplete, BodyFraming::none, 0, true},
      {"1.1", "Connection: te\r\nConnection: close\r\n", kComplete, BodyFraming::none, 0, false},
      {"1.1", "no colon here\r\n: no name\r\n", kComplete, BodyFraming::none, 0, true},
  };
  for (const FramingCase& c : cases) {
    for (const bool lf_only : {false, true}) {
      std::string bytes = std::string("POST / HTTP/") + c.version + "\r\nHost: a\r\n" + c.fields + "\r\n";
      if (lf_only) std::erase(bytes, '\r');
      SCOPED_TRACE(bytes);
      RequestHead head;
      ASSERT_EQ(parse_request_head(bytes, head), c.status);
      if (c.status != kComplete) continue;
      EXPECT_EQ(head.framing, c.framing);
      EXPECT_EQ(head.content_length, c.length);
      EXPECT_EQ(head.keep_alive, c.keep_alive);
      EXPECT_EQ(head.size, bytes.size());
    }
  }
}

TEST(RequestHead, ExpectUpgradeTraceparent) {
  const RequestHead head = parse(
      "PUT /a HTTP/1.1\r\nExpect: 100-Continue\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
      "Traceparent:  00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 \r\n\r\n");
  EXPECT_TRUE(head.expect_continue);
  EXPECT_TRUE(head.upgrade);
  EXPECT_EQ(head.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n").upgrade);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nConnection: upgrade\r\n\r\n").upgrade);
  EXPECT_FALSE(parse("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expect_continue);
}

TEST(RequestHead, EmptyLinesBeforeTheRequestCount) {
  EXPECT_EQ(parse("\r\n\nGET / HTTP/1.1\r\n\r\n").size, 21u);
}

TEST(RequestHead, ManyHeaders) {
  std::string bytes = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 5000; ++i) bytes += "X-Header-" + std::to_string(i) + ": value\r\n";
  bytes += "Content-Length: 12\r\n\r\n";
  const RequestHead head = parse(bytes);
  EXPECT_EQ(head.size, bytes.size());
  EXPECT_EQ(head.content_length, 12u);
}

TEST(RequestHead, EveryPrefixIsIncomplete) {
  const std::string bytes =
      "POST http://u@h/p?q HTTP/1.1\r\nTransfer-Encoding:\r\n gzip,\r\n chunked\r\nConnection: close\r\n\r\n";
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_EQ(status_of(std::string_view(bytes).substr(0, n)), ParseStatus::incomplete) << n;
  }
  EXPECT_EQ(parse(bytes).framing, BodyFraming::chunked);
}

TEST(RequestHead, CutHeadTellsWhatItHolds) {
  RequestHead head;
  EXPECT_EQ(parse_request_head("GE", head), ParseStatus::incomplete);
  EXPECT_EQ(head.method, "");
  EXPECT_EQ(parse_request_head("GET /long", head), ParseStatus::incomplete);
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "");
  EXPECT_EQ(parse_request_head("GET /long?query", head), ParseStatus::incomplete);
  EXPECT_EQ(head.target, "/long");
  EXPECT_TRUE(head.has_query);
  EXPECT_EQ(parse_request_head("GET /long HTTP", head), ParseStatus::incomplete);
  EXPECT_EQ(head.target, "/long");
  EXPECT_EQ(parse_request_head("GET /a HTTP/1.1\r\nContent-Length: 9\r\nCookie: abc", head),
            ParseStatus::incomplete);
  EXPECT_EQ(head.target, "/a");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.size, 0u);
}

}  // namespace
}  // namespace plateau::http
