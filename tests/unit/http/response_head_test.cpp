#include <gtest/gtest.h>

#include <string>

#include "http/head.h"

namespace plateau::http {
namespace {

struct Case {
  const char* head;  // without the blank line
  bool to_head;
  bool to_connect;
  int status;
  BodyFraming framing;
  std::uint64_t length;
  bool keep_alive;
  bool interim;
  bool tunnel;
};

TEST(ResponseHead, Table) {
  using enum BodyFraming;
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n", false, false, 200, length, 12, true, false, false},
      {"HTTP/1.1 200\r\nContent-Length: 12\r\n", false, false, 200, length, 12, true, false, false},
      {"HTTP/1.1 200 \r\nContent-Length: 12\r\n", false, false, 200, length, 12, true, false, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", false, false, 200, length, 0, true, false, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n", true, false, 200, none, 0, true, false, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", true, false, 200, none, 0, true, false, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", false, false, 200, chunked, 0, true, false,
       false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n", false, false, 200, until_close, 0, false, false,
       false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n", false, false, 200, until_close, 0, false,
       false, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", false, false, 200, chunked,
       0, true, false, false},
      {"HTTP/1.1 200 OK\r\n", false, false, 200, until_close, 0, false, false, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 12\r\n", false, false, 200, length, 12, false, false, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 12\r\nConnection: keep-alive\r\n", false, false, 200, length, 12,
       true, false, false},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n", false, false, 200,
       chunked, 0, false, false, false},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n", false, false, 204, none, 0, true, false, false},
      {"HTTP/1.1 204 No Content\r\n", false, false, 204, none, 0, true, false, false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n", false, false, 304, none, 0, true, false, false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: x\r\n", false, false, 304, none, 0, true, false, false},
      {"HTTP/1.1 100 Continue\r\n", false, false, 100, none, 0, true, true, false},
      {"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n", false, true, 103, none, 0, true, true, false},
      {"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n", false, false, 101, none,
       0, true, false, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n", false, true, 200, none, 0, true, false, true},
      {"HTTP/1.1 299 OK\r\n", false, true, 299, none, 0, true, false, true},
      {"HTTP/1.1 407 No\r\nContent-Length: 12\r\n", false, true, 407, length, 12, true, false, false},
      {"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 1\r\n", false, false, 503, length, 1, false,
       false, false},
  };
  for (const Case& c : cases) {
    for (const bool lf_only : {false, true}) {
      std::string bytes = std::string(c.head) + "\r\n";
      if (lf_only) std::erase(bytes, '\r');
      SCOPED_TRACE(bytes);
      ResponseHead head;
      ASSERT_EQ(parse_response_head(bytes + "body", c.to_head, c.to_connect, head), ParseStatus::complete);
      EXPECT_EQ(head.status, c.status);
      EXPECT_EQ(head.framing, c.framing);
      EXPECT_EQ(head.content_length, c.length);
      EXPECT_EQ(head.keep_alive, c.keep_alive);
      EXPECT_EQ(head.interim, c.interim);
      EXPECT_EQ(head.tunnel, c.tunnel);
      EXPECT_EQ(head.size, bytes.size());
    }
  }
}

TEST(ResponseHead, Malformed) {
  const char* const heads[] = {"HTTP/2 200\r\n\r\n",
                               "HTTP/1.1 99 Low\r\n\r\n",
                               "HTTP/1.1 099 Low\r\n\r\n",
                               "HTTP/1.1 2000\r\n\r\n",
                               "HTTP/1.1  200 OK\r\n\r\n",
                               "http/1.1 200 OK\r\n\r\n",
                               "HTTP/1.x 200 OK\r\n\r\n",
                               "HTTP/1.1 20\r\n\r\n",
                               "HTTP/1.1\r\n\r\n",
                               "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                               "ICY 200 OK\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
                               "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n"};
  for (const char* bytes : heads) {
    ResponseHead head;
    EXPECT_EQ(parse_response_head(bytes, false, false, head), ParseStatus::malformed) << bytes;
  }
}

TEST(ResponseHead, WrongStartIsToldBeforeTheLineEnds) {
  for (const char* bytes : {"X", "H\r", "HTTP/1.1 2\r", "HTTP/1.1 200x"}) {
    ResponseHead head;
    EXPECT_EQ(parse_response_head(bytes, false, false, head), ParseStatus::malformed) << bytes;
  }
}

TEST(ResponseHead, EveryPrefixIsIncomplete) {
  const std::string bytes = "HTTP/1.1 200 Fine\r\nA: b\r\nConnection:\r\n close\r\nContent-Length: 3\r\n\r\n";
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    ResponseHead head;
    EXPECT_EQ(parse_response_head(std::string_view(bytes).substr(0, n), false, false, head),
              ParseStatus::incomplete)
        << n;
    EXPECT_EQ(head.status, n >= 12 ? 200 : 0) << n;
  }
}

}  // namespace
}  // namespace plateau::http
