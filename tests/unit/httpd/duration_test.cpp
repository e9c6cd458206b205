#include "toolkit/duration.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace plateau::toolkit {
namespace {

TEST(Duration, ReadsEveryUnit) {
  struct Case {
    std::string_view text;
    std::uint64_t ns;
  };
  const std::vector<Case> cases = {{"0", 0},
                                   {"0s", 0},
                                   {"7ns", 7},
                                   {"340us", 340'000},
                                   {"5ms", 5'000'000},
                                   {"2s", 2'000'000'000},
                                   {"3m", 180'000'000'000},
                                   {"1h", 3'600'000'000'000},
                                   {"1.5ms", 1'500'000},
                                   {"0.25us", 250},
                                   {"1.23456789012s", 1'234'567'890},
                                   {"1000h", 3'600'000'000'000'000}};
  for (const Case& c : cases) {
    const Result<std::uint64_t> ns = parse_duration_ns(c.text);
    ASSERT_TRUE(ns.ok()) << c.text;
    EXPECT_EQ(*ns, c.ns) << c.text;
  }
}

TEST(Duration, RefusesEverythingElse) {
  for (const std::string_view text : {"", "5", "ms", "-1ms", "+1ms", "1 ms", "1.ms", ".5ms", "1.5", "1e3ms",
                                      "5 s", "5sec", "0x5s", "1001h", "99999999999999999999s", "1.2.3s"}) {
    const Result<std::uint64_t> ns = parse_duration_ns(text);
    ASSERT_FALSE(ns.ok()) << text;
    EXPECT_EQ(ns.error().code, ExitCode::usage) << text;
  }
}

TEST(Duration, WritesWhatItReads) {
  for (const std::uint64_t ns :
       {0ull, 1ull, 999ull, 340'000ull, 5'000'000ull, 60'000'000'000ull, 90'000'000'001ull}) {
    const Result<std::uint64_t> again = parse_duration_ns(format_duration_ns(ns));
    ASSERT_TRUE(again.ok()) << format_duration_ns(ns);
    EXPECT_EQ(*again, ns);
  }
  EXPECT_EQ(format_duration_ns(340'000), "340us");
}

TEST(Number, IsDigitsWithinTheBound) {
  EXPECT_EQ(*parse_number("65535", 65535), 65535u);
  EXPECT_EQ(*parse_number("0", 0), 0u);
  for (const std::string_view text : {"", "65536", "-1", "+1", "1 ", " 1", "1k", "99999999999999999999"}) {
    EXPECT_FALSE(parse_number(text, 65535).ok()) << text;
  }
}

}  // namespace
}  // namespace plateau::toolkit
