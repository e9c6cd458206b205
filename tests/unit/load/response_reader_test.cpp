#include "load/response_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plateau::load {
namespace {

struct Case {
  std::string text;
  int status;
  bool closes;
};

const std::vector<Case>& complete_responses() {
  static const std::vector<Case> cases = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, false},
      {"HTTP/1.1 200\r\ncontent-length:5 \r\n\r\nhello", 200, false},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 404, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200, false},
      {"HTTP/1.1 204 No Content\r\n\r\n", 204, false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, false},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, true},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx", 200, false},
  };
  return cases;
}

TEST(ResponseReader, IsTheSameAtEverySplitPoint) {
  for (const Case& c : complete_responses()) {
    for (std::size_t split = 0; split <= c.text.size(); ++split) {
      ResponseReader reader;
      reader.begin(false);
      const std::string_view text = c.text;
      ASSERT_EQ(reader.feed(text.substr(0, split)), split);
      ASSERT_EQ(reader.done(), split == text.size()) << c.text << " split at " << split;
      ASSERT_EQ(reader.feed(text.substr(split)), text.size() - split);
      ASSERT_TRUE(reader.done()) << c.text << " split at " << split;
      EXPECT_EQ(reader.status(), c.status) << c.text;
      EXPECT_EQ(reader.closes(), c.closes) << c.text;
      EXPECT_EQ(reader.bytes(), c.text.size()) << c.text;
    }
  }
}

TEST(ResponseReader, StopsBetweenPipelinedResponses) {
  std::string all;
  for (const Case& c : complete_responses()) all += c.text;
  ResponseReader reader;
  std::string_view rest = all;
  for (const Case& c : complete_responses()) {
    reader.begin(false);
    EXPECT_EQ(reader.feed(rest), c.text.size());
    EXPECT_TRUE(reader.done());
    EXPECT_EQ(reader.status(), c.status);
    rest.remove_prefix(c.text.size());
  }
}

TEST(ResponseReader, KnowsThatHeadAnswersHaveNoBody) {
  ResponseReader reader;
  reader.begin(true);
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP"), 38u);
  EXPECT_TRUE(reader.done());
}

TEST(ResponseReader, EndsABodyWithoutLengthAtTheClose) {
  ResponseReader reader;
  reader.begin(false);
  reader.feed("HTTP/1.1 200 OK\r\n\r\nsome");
  EXPECT_FALSE(reader.done());
  EXPECT_TRUE(reader.ended());
  EXPECT_TRUE(reader.closes());
}

TEST(ResponseReader, TakesACloseInTheMiddleForShort) {
  for (const std::string_view text :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    ResponseReader reader;
    reader.begin(false);
    reader.feed(text);
    EXPECT_FALSE(reader.ended()) << text;
    EXPECT_FALSE(reader.malformed()) << text;
  }
}

TEST(ResponseReader, RejectsWhatIsNotAResponse) {
  for (const std::string_view text :
       {"HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "hello\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz"}) {
    ResponseReader reader;
    reader.begin(false);
    reader.feed(text);
    EXPECT_TRUE(reader.malformed()) << text;
  }
}

// Whatever the framing and however the bytes come, the body is the same.
TEST(ResponseReader, HashesBodiesAtEverySplitPoint) {
  const std::vector<std::string> texts = {
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfoobar",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nf\r\n5\r\noobar\r\n0\r\n\r\n",
      "HTTP/1.0 200 OK\r\n\r\nfoobar"};
  ResponseReader reader;
  reader.hash_bodies();
  for (const std::string& text : texts) {
    for (std::size_t split = 0; split <= text.size(); ++split) {
      reader.begin(false);
      reader.feed(std::string_view(text).substr(0, split));
      reader.feed(std::string_view(text).substr(split));
      ASSERT_TRUE(reader.ended()) << text;
      EXPECT_EQ(reader.body_bytes(), 6u) << text;
      EXPECT_EQ(reader.body_hash(), 0x85944171f73967e8u) << text << " split at " << split;
    }
  }
}

TEST(ResponseReader, BoundsTheHead) {
  ResponseReader reader;
  reader.begin(false);
  reader.feed("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'));
  EXPECT_TRUE(reader.malformed());
}

}  // namespace
}  // namespace plateau::load
