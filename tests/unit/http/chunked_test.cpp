#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plateau::http {
namespace {

using State = ChunkDecoder::State;

struct Case {
  std::string bytes;
  State state;
  std::size_t consumed;
};

TEST(ChunkDecoder, TableAtEverySplit) {
  const std::string whole[] = {
      "0\r\n\r\n",
      "5\r\nhello\r\n0\r\n\r\n",
      "5;name=\"v;al\";x\r\nhello\r\n000;last\r\n\r\n",
      "A  \r\n0123456789\r\n0\r\nTrailer: a\r\nOther: b\r\n\r\n",
      "1\nx\n0\nTrailer: a\n\n",
      "00000000000000000000001\r\nx\r\n0\r\n\r\n",
  };
  std::vector<Case> cases;
  for (const std::string& bytes : whole) cases.push_back({bytes, State::done, bytes.size()});
  cases.push_back({"\r\n", State::broken, 0});
  cases.push_back({"g\r\n", State::broken, 0});
  cases.push_back({"5x\r\n", State::broken, 1});
  cases.push_back({"5\rx", State::broken, 2});
  cases.push_back({"2\r\nabc", State::broken, 5});
  cases.push_back({"2\r\nab\rc", State::broken, 6});
  cases.push_back({"0\r\n\rx", State::broken, 4});
  cases.push_back({"10000000000000000\r\n", State::broken, 16});
  cases.push_back({"ffffffffffffffff\r\nabc", State::data, 21});
  for (const Case& c : cases) {
    const std::string bytes = c.state == State::done ? c.bytes + "HTTP" : c.bytes;
    for (std::size_t split = 0; split <= bytes.size(); ++split) {
      SCOPED_TRACE(bytes + " at " + std::to_string(split));
      ChunkDecoder decoder;
      std::size_t used = decoder.feed(std::string_view(bytes).substr(0, split));
      if (used == split) used += decoder.feed(std::string_view(bytes).substr(split));
      EXPECT_EQ(decoder.state(), c.state);
      EXPECT_EQ(used, c.consumed);
    }
  }
}

TEST(ChunkDecoder, GapInDataMayReachBehindItsLineEnd) {
  for (std::uint64_t gap = 0; gap <= 12; ++gap) {
    const std::string body = "a\r\n0123456789\r\n0\r\n\r\n";
    ChunkDecoder decoder;
    decoder.feed("a\r\n");
    EXPECT_EQ(decoder.skip(gap), gap);
    decoder.feed(std::string_view(body).substr(3 + static_cast<std::size_t>(gap)));
    EXPECT_EQ(decoder.state(), State::done) << gap;
  }
}

TEST(ChunkDecoder, GapElsewhereLosesTheFraming) {
  for (const char* before : {"", "a", "a;x", "a\r", "0\r\n", "0\r\nTrail", "0\r\n\r"}) {
    ChunkDecoder decoder;
    decoder.feed(before);
    EXPECT_EQ(decoder.skip(1), 0u) << before;
    EXPECT_EQ(decoder.state(), State::lost) << before;
  }
  ChunkDecoder decoder;
  decoder.feed("a\r\n");
  EXPECT_EQ(decoder.skip(13), 12u);
  EXPECT_EQ(decoder.state(), State::lost);
}

TEST(EndsLikeChunked, Table) {
  for (const char* tail : {"0\r\n\r\n", "\r\n0\r\n\r\n", "data\r\n0\r\n\r\n", "\r\n000;x\r\n\r\n", "\n0\n\n",
                           "\r\n0\r\nA: b\r\nC-D: e\r\n\r\n", "\r\n0  \r\n\r\n"}) {
    EXPECT_TRUE(ends_like_chunked(tail)) << tail;
  }
  for (const char* tail : {"", "0", "\r\n\r\n", "0\r\n", "10\r\n\r\n", "x0\r\n\r\n", "\r\n0\r\n\r\nx",
                           "\r\n0\r\nA b\r\n\r\n", "\r\n0x\r\n\r\n", "A: b\r\n\r\n"}) {
    EXPECT_FALSE(ends_like_chunked(tail)) << tail;
  }
}

}  // namespace
}  // namespace plateau::http
