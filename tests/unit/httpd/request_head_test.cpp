#include "httpd/request_head.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace plateau::httpd {
namespace {

HeadResult parse_whole(std::string_view text, HeadParser& parser) {
  return parser.parse(text);
}

int error_of(std::string_view text) {
  HeadParser parser;
  const HeadResult result = parse_whole(text, parser);
  return result.status == HeadStatus::malformed ? result.error : 0;
}

HeadStatus status_of(std::string_view text) {
  HeadParser parser;
  return parse_whole(text, parser).status;
}

constexpr std::string_view kFull =
    "POST /users/7?name=a%20b HTTP/1.1\r\n"
    "Host: example.org:8080\r\n"
    "Content-Length:  12\t\r\n"
    "X-Empty:\r\n"
    "X-Obs: caf\xe9\r\n"
    "Expect: 100-Continue\r\n"
    "Connection: foo, keep-alive\r\n"
    "\r\n";

void expect_full(const RequestHead& head) {
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.kind, Method::post);
  EXPECT_EQ(head.path, "/users/7");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_TRUE(head.has_length);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.expect_continue);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.chunked);
}

TEST(RequestHead, ReadsAWholeHead) {
  HeadParser parser;
  const HeadResult result = parser.parse(kFull);
  ASSERT_EQ(result.status, HeadStatus::complete);
  EXPECT_EQ(result.consumed, kFull.size());
  expect_full(parser.head());
}

TEST(RequestHead, LeavesWhatFollowsAlone) {
  const std::string text = std::string(kFull) + "body and more";
  HeadParser parser;
  const HeadResult result = parser.parse(text);
  ASSERT_EQ(result.status, HeadStatus::complete);
  EXPECT_EQ(result.consumed, kFull.size());
}

TEST(RequestHead, IsTheSameAtEverySplitPointAndInABufferThatMoves) {
  for (std::size_t split = 0; split < kFull.size(); ++split) {
    HeadParser parser;
    {
      const auto first = std::make_unique<std::string>(kFull.substr(0, split));
      ASSERT_EQ(parser.parse(*first).status, HeadStatus::incomplete) << "split at " << split;
    }
    const HeadResult result = parser.parse(kFull);
    ASSERT_EQ(result.status, HeadStatus::complete) << "split at " << split;
    EXPECT_EQ(result.consumed, kFull.size());
    expect_full(parser.head());
  }
}

TEST(RequestHead, IsTheSameByteByByte) {
  HeadParser parser;
  for (std::size_t size = 1; size < kFull.size(); ++size) {
    ASSERT_EQ(parser.parse(kFull.substr(0, size)).status, HeadStatus::incomplete) << size;
  }
  ASSERT_EQ(parser.parse(kFull).status, HeadStatus::complete);
  expect_full(parser.head());
}

TEST(RequestHead, IsReusableAfterReset) {
  HeadParser parser;
  ASSERT_EQ(parser.parse(kFull).status, HeadStatus::complete);
  parser.reset();
  ASSERT_EQ(parser.parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status, HeadStatus::complete);
  EXPECT_EQ(parser.head().method, "GET");
  EXPECT_FALSE(parser.head().has_length);
}

TEST(RequestHead, KeepsConnectionsAliveByVersionAndField) {
  struct Case {
    std::string_view text;
    bool keep_alive;
  };
  const std::vector<Case> cases = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade , CLOSE\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
  };
  for (const Case& c : cases) {
    HeadParser parser;
    ASSERT_EQ(parser.parse(c.text).status, HeadStatus::complete) << c.text;
    EXPECT_EQ(parser.head().keep_alive, c.keep_alive) << c.text;
  }
}

TEST(RequestHead, FindsThePathInEveryFormOfTarget) {
  struct Case {
    std::string_view target;
    std::string_view path;
  };
  const std::vector<Case> cases = {
      {"/", "/"},           {"/a?b", "/a"},         {"/a?b?c", "/a"}, {"http://host:80/x/y?z", "/x/y"},
      {"http://host", "/"}, {"http://host?q", "/"}, {"*", "*"},       {"host:443", "host:443"}};
  for (const Case& c : cases) {
    HeadParser parser;
    const std::string text = "GET " + std::string(c.target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    ASSERT_EQ(parser.parse(text).status, HeadStatus::complete) << c.target;
    EXPECT_EQ(parser.head().path, c.path) << c.target;
  }
}

TEST(RequestHead, SkipsOneEmptyLineBeforeTheRequest) {
  EXPECT_EQ(status_of("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), HeadStatus::complete);
  EXPECT_EQ(error_of("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(error_of("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestHead, RejectsMalformedRequestLines) {
  const std::vector<std::string_view> lines = {
      " / HTTP/1.1\r\n",        "GET  / HTTP/1.1\r\n",    "GET /\r\n",
      "GET / HTTP/1.1 \r\n",    "GET / HTTP/1.1\n",       "GET / http/1.1\r\n",
      "GET / HTTP/11\r\n",      "GET / HTTP/1.\r\n",      "GET / HTTP/1.11\r\n",
      "GET /a b HTTP/1.1\r\n",  "G(T / HTTP/1.1\r\n",     "GET\t/ HTTP/1.1\r\n",
      "GET /\x7f HTTP/1.1\r\n", "GET /\xff HTTP/1.1\r\n", "\x16\x03\x01\x02\x00 \r\n"};
  for (const std::string_view line : lines) {
    EXPECT_EQ(error_of(std::string(line) + "Host: a\r\n\r\n"), 400) << line;
  }
}

TEST(RequestHead, RejectsMalformedFields) {
  const std::vector<std::string_view> fields = {"Host: a\r\nX: y\nZ: w\r\n",       // bare LF
                                                "Host: a\r\nX: y\r\n folded\r\n",  // obs-fold
                                                "Host: a\r\nX : y\r\n",            // blank before the colon
                                                "Host: a\r\n: y\r\n",              // no name
                                                "Host: a\r\nno colon\r\n",
                                                "Host: a\r\nX: a\x01z\r\n",  // control character
                                                "Host: a\r\nX: a\rz\r\n",    // bare CR
                                                "Host: a\r\nHost: b\r\n",    // two hosts
                                                "X: y\r\n",                  // none
                                                "Host: a\r\nContent-Length: \r\n",
                                                "Host: a\r\nContent-Length: -1\r\n",
                                                "Host: a\r\nContent-Length: +1\r\n",
                                                "Host: a\r\nContent-Length: 1x\r\n",
                                                "Host: a\r\nContent-Length: 0x10\r\n",
                                                "Host: a\r\nContent-Length: 18446744073709551616\r\n"};
  for (const std::string_view text : fields) {
    EXPECT_EQ(error_of("GET / HTTP/1.1\r\n" + std::string(text) + "\r\n"), 400) << text;
  }
}

TEST(RequestHead, RejectsWhatCouldSmuggleARequest) {
  struct Case {
    std::string_view fields;
    int error;
  };
  const std::vector<Case> cases = {
      {"Content-Length: 5\r\nContent-Length: 6\r\n", 400},
      {"Content-Length: 5, 6\r\n", 400},
      {"Content-Length: 5, 5\r\n", 400},
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: chunked, identity\r\n", 501},
      {"Transfer-Encoding: gzip, chunked\r\n", 501},
      {"Transfer-Encoding: xchunked\r\n", 501},
      {"Transfer-Encoding: \"chunked\"\r\n", 501},
      {"Transfer-Encoding : chunked\r\n", 400},
      {"Transfer-Encoding: chunked\x0b\r\n", 400},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 0},
      {"Transfer-Encoding: Chunked\r\n", 0},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(error_of("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(c.fields) + "\r\n"), c.error)
        << c.fields;
  }
  EXPECT_EQ(error_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestHead, TellsWhatItDoesNotSupport) {
  EXPECT_EQ(error_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(error_of("GET / HTTP/0.9\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(error_of("GET / HTTP/1.1\r\nHost: a\r\nExpect: the-moon\r\n\r\n"), 417);
  EXPECT_EQ(error_of(std::string(33, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
}

TEST(RequestHead, BoundsTheHead) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  const std::string end = "\r\n\r\n";
  const std::size_t room = HeadLimits{}.bytes - begin.size() - end.size();
  EXPECT_EQ(status_of(begin + std::string(room, 'y') + end), HeadStatus::complete);
  EXPECT_EQ(error_of(begin + std::string(room + 1, 'y') + end), 431);
}

TEST(RequestHead, BoundsTheTargetAndTheNumberOfFields) {
  const HeadLimits limits{.bytes = 4096, .fields = 3, .target = 10};
  const auto error_with = [&limits](const std::string& text) {
    HeadParser parser(limits);
    const HeadResult result = parser.parse(text);
    return result.status == HeadStatus::malformed ? result.error : 0;
  };
  EXPECT_EQ(error_with("GET /" + std::string(9, 'y') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(error_with("GET /" + std::string(10, 'y')), 414);
  EXPECT_EQ(error_with("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n\r\n"), 0);
  EXPECT_EQ(error_with("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC"), 431);
  HeadParser small(HeadLimits{.bytes = 64});
  EXPECT_EQ(small.parse("GET /" + std::string(100, 'y')).error, 414);
}

TEST(RequestHead, KeepsTheFieldsOfInterestWhereverTheBufferMoves) {
  const std::string text =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: one \r\nX-Request-Id: two\r\nTraceparent: t\r\n"
      "If-Modified-Since: then\r\nX-Plateau-Timing: 1\r\n\r\n";
  HeadParser parser;
  {
    const std::string before = text.substr(0, 60);
    ASSERT_EQ(parser.parse(before).status, HeadStatus::incomplete);
  }
  ASSERT_EQ(parser.parse(text).status, HeadStatus::complete);
  EXPECT_EQ(parser.head().field(Field::request_id), "one");
  EXPECT_EQ(parser.head().field(Field::traceparent), "t");
  EXPECT_EQ(parser.head().field(Field::if_modified_since), "then");
  EXPECT_EQ(parser.head().field(Field::timing), "1");
  EXPECT_EQ(parser.head().field(Field::if_none_match), "");
}

}  // namespace
}  // namespace plateau::httpd
