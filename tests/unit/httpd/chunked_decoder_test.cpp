#include "toolkit/chunked_decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plateau::toolkit {
namespace {

constexpr std::string_view kBody =
    "4;name=\"value\"\r\nWiki\r\n"
    "00a \r\nabcdefghij\r\n"
    "0\r\nTrailer: x\r\nOther:\r\n\r\n";

TEST(ChunkedDecoder, IsTheSameAtEverySplitPoint) {
  for (std::size_t split = 0; split <= kBody.size(); ++split) {
    ChunkedDecoder decoder;
    std::string data;
    const auto keep = [&data](std::string_view piece) { data += piece; };
    ASSERT_EQ(decoder.feed(kBody.substr(0, split), keep), split);
    ASSERT_EQ(decoder.feed(kBody.substr(split), keep), kBody.size() - split);
    EXPECT_TRUE(decoder.done()) << split;
    EXPECT_EQ(data, "Wikiabcdefghij") << split;
  }
}

TEST(ChunkedDecoder, StopsAtTheEndOfTheBody) {
  ChunkedDecoder decoder;
  const std::string text = std::string(kBody) + "GET / HTTP/1.1";
  EXPECT_EQ(decoder.feed(text, [](std::string_view) {}), kBody.size());
  EXPECT_TRUE(decoder.done());
}

TEST(ChunkedDecoder, RejectsBrokenFraming) {
  const std::vector<std::string_view> broken = {
      "\r\n",        "g\r\n",           "-1\r\n",
      "4\nWiki",     "4\r\rWiki",       "4\r\nWikiX",
      "4\r\nWiki\n", "0x4\r\nWiki\r\n", "ffffffffffffffffff\r\n",
      "4;a\x01\r\n", "0\r\n\n",         "0\r\nTrailer: x\n\r\n",
      " 4\r\n",
  };
  for (const std::string_view text : broken) {
    ChunkedDecoder decoder;
    decoder.feed(text, [](std::string_view) {});
    EXPECT_TRUE(decoder.failed()) << text;
  }
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers) {
  for (const std::string_view begin : {"4;", "0\r\nX: "}) {
    ChunkedDecoder decoder;
    decoder.feed(std::string(begin) + std::string(20'000, 'x'), [](std::string_view) {});
    EXPECT_TRUE(decoder.failed()) << begin;
  }
}

}  // namespace
}  // namespace plateau::toolkit
