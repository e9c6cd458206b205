#include "sink/listen_address.h"

#include <gtest/gtest.h>

namespace plateau::sink {
namespace {

std::string read(const char* text) {
  const auto address = parse_listen_address(text);
  return address ? address->text() : "refused";
}

TEST(ListenAddress, IsOnLoopbackUnlessAskedOtherwise) {
  EXPECT_EQ(read("127.0.0.1:9464"), "127.0.0.1:9464");
  EXPECT_EQ(read("localhost:80"), "127.0.0.1:80");
  EXPECT_EQ(read(":0"), "127.0.0.1:0");
  EXPECT_EQ(read("9464"), "127.0.0.1:9464");
  EXPECT_EQ(read("0.0.0.0:65535"), "0.0.0.0:65535");
}

TEST(ListenAddress, RefusesEverythingElse) {
  for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "127.0.0.1:80s", "127.0.0.1:80,127.0.0.1:81", "+80", "example.org:80", "[::1]:80",
                           "::1", "127.1:80", " 80", "80 ", "0x50"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_EQ(address.error().code, ExitCode::usage);
    EXPECT_EQ(address.error().message.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace plateau::sink
