#include "base/units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace plateau {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(FormatDuration, ShowsThreeSignificantDigits) {
  EXPECT_EQ(format_duration(0), "0 ns");
  EXPECT_EQ(format_duration(850), "850 ns");
  EXPECT_EQ(format_duration(12'345), "12.3 us");
  EXPECT_EQ(format_duration(4'560'000), "4.56 ms");
  EXPECT_EQ(format_duration(1'200'000'000), "1.20 s");
  EXPECT_EQ(format_duration(138'000'000), "138 ms");
}

TEST(FormatDuration, MovesToTheNextUnitWhenRoundingReachesIt) {
  EXPECT_EQ(format_duration(999), "999 ns");
  EXPECT_EQ(format_duration(1'000), "1.00 us");
  EXPECT_EQ(format_duration(9'994), "9.99 us");
  EXPECT_EQ(format_duration(9'996), "10.0 us");
  EXPECT_EQ(format_duration(99'960), "100 us");
  EXPECT_EQ(format_duration(999'400), "999 us");
  EXPECT_EQ(format_duration(999'600), "1.00 ms");
  EXPECT_EQ(format_duration(999'600'000), "1.00 s");
}

TEST(FormatDuration, TakesTheLargestValue) {
  EXPECT_EQ(format_duration(kMax), "18446744074 s");
}

TEST(FormatBytes, UsesPowersOf1024) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1536), "1.50 KiB");
  EXPECT_EQ(format_bytes(3'355'443), "3.20 MiB");
  EXPECT_EQ(format_bytes(std::uint64_t{5} << 30), "5.00 GiB");
  EXPECT_EQ(format_bytes(std::uint64_t{5} << 40), "5.00 TiB");
}

TEST(FormatCount, SeparatesThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1'000), "1,000");
  EXPECT_EQ(format_count(12'345), "12,345");
  EXPECT_EQ(format_count(100'000), "100,000");
  EXPECT_EQ(format_count(kMax), "18,446,744,073,709,551,615");
}

TEST(ParseDuration, ReadsEveryUnit) {
  const auto ns = [](const char* text) {
    const auto parsed = parse_duration(text);
    return parsed ? *parsed : kMax;
  };
  EXPECT_EQ(ns("17ns"), 17u);
  EXPECT_EQ(ns("250us"), 250'000u);
  EXPECT_EQ(ns("50ms"), 50'000'000u);
  EXPECT_EQ(ns("10s"), 10'000'000'000u);
  EXPECT_EQ(ns("2m"), 120'000'000'000u);
  EXPECT_EQ(ns("1h"), 3'600'000'000'000u);
  EXPECT_EQ(ns("1.5s"), 1'500'000'000u);
  EXPECT_EQ(ns("3"), 3'000'000'000u);
  EXPECT_EQ(ns("0"), 0u);
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
  for (const char* text :
       {"",       " ",      "s",     "ms",  "10x", "10 s", " 10s",   "10s ",      "10S",   "-1s",
        "-0.5ms", "1.2.3s", "0x10s", "nan", "inf", "infs", "1e300h", "11000000m", "10s\n", "1,5s"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed.ok()) << "'" << text << "'";
    EXPECT_EQ(parsed.error().code, ExitCode::usage) << text;
    EXPECT_NE(parsed.error().message.find("is not a duration"), std::string::npos) << parsed.error().message;
  }
}

TEST(ParseDuration, StopsAtTenYears) {
  EXPECT_TRUE(parse_duration("87000h").ok());
  EXPECT_FALSE(parse_duration("88000h").ok());
}

// What is shown can be typed in again, and means the same up to the three digits.
TEST(ParseDuration, ReadsBackWhatFormatDurationWrites) {
  std::mt19937_64 random(20240607);
  std::uniform_real_distribution<double> exponent(0, 17);
  for (int i = 0; i < 20'000; i++) {
    const auto ns = static_cast<std::uint64_t>(std::pow(10.0, exponent(random)));
    std::string text = format_duration(ns);
    text.erase(text.find(' '), 1);
    const auto parsed = parse_duration(text);
    ASSERT_TRUE(parsed.ok()) << text;
    const double error = std::abs(static_cast<double>(*parsed) - static_cast<double>(ns));
    ASSERT_LE(error, static_cast<double>(ns) * 0.0051) << text;
  }
}

}  // namespace
}  // namespace plateau
