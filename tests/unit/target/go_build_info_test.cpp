#include "target/go_build_info.h"

#include <gtest/gtest.h>

#include <cstring>

namespace plateau::target::test {
namespace {

constexpr std::string_view kMagic = "\xff Go buildinf:";

// The section's head, 32 bytes.
std::string head(unsigned char pointer_size, unsigned char flags, std::uint64_t pointer = 0) {
  std::string bytes(kMagic);
  bytes += static_cast<char>(pointer_size);
  bytes += static_cast<char>(flags);
  bytes.append(reinterpret_cast<const char*>(&pointer), sizeof(pointer));
  bytes.resize(32);
  return bytes;
}

std::string with_version(const std::string& version) {
  return head(0, 2) + static_cast<char>(version.size()) + version + '\0';
}

std::string nothing(std::uint64_t, std::size_t) {
  return {};
}

Result<std::string> version_in(const std::string& bytes, const ImageReader& image = nothing) {
  return go_version(std::as_bytes(std::span(bytes)), image);
}

TEST(GoVersion, StandsInTheSection) {
  const auto version = version_in(with_version("go1.26.8"));
  ASSERT_TRUE(version.ok()) << version.error().message;
  EXPECT_EQ(*version, "go1.26.8");
}

TEST(GoVersion, MayHaveALengthOfTwoBytes) {
  const std::string text = "go1.21 X:" + std::string(191, 'x');  // 200 bytes
  const auto version = version_in(head(0, 2) + "\xc8\x01" + text);
  ASSERT_TRUE(version.ok()) << version.error().message;
  EXPECT_EQ(*version, text);
}

// As Go 1.17 writes it: a pointer to a string's pointer and length.
TEST(GoVersion, MayBePointedTo) {
  const ImageReader image = [](std::uint64_t address, std::size_t length) {
    if (address == 0x1000 && length == 16) {
      const std::uint64_t string[2] = {0x2000, 8};
      return std::string(reinterpret_cast<const char*>(string), sizeof(string));
    }
    return address == 0x2000 && length == 8 ? std::string("go1.17.9") : std::string();
  };
  const auto version = version_in(head(8, 0, 0x1000), image);
  ASSERT_TRUE(version.ok()) << version.error().message;
  EXPECT_EQ(*version, "go1.17.9");
}

TEST(GoVersion, ComplainsOfWhatIsNone) {
  const ImageReader endless = [](std::uint64_t, std::size_t length) { return std::string(length, '\xff'); };
  EXPECT_FALSE(version_in("").ok());
  EXPECT_FALSE(version_in(std::string(64, 'x')).ok());
  EXPECT_FALSE(version_in(head(0, 2)).ok());                       // no version
  EXPECT_FALSE(version_in(head(0, 2) + '\0').ok());                // an empty one
  EXPECT_FALSE(version_in(head(0, 2) + "\x09go1.26.8").ok());      // cut off
  EXPECT_FALSE(version_in(head(0, 2) + "\xff\xff\xff\xff").ok());  // endless length
  EXPECT_FALSE(version_in(head(0, 2) + "\x02\x01\x02").ok());      // no text
  EXPECT_FALSE(version_in(head(8, 0, 0x1000)).ok());               // points out of the file
  EXPECT_FALSE(version_in(head(8, 0, 0x1000), endless).ok());      // length out of range
  EXPECT_FALSE(version_in(head(4, 0, 0x1000)).ok());               // 32 bits
  EXPECT_FALSE(version_in(head(8, 1, 0x1000)).ok());               // big endian
  const auto error = version_in(head(0, 2) + "\x09go1.26.8");
  EXPECT_EQ(error.error().message, "malformed .go.buildinfo: length of the version");
}

TEST(GoMinor, IsTheNumberAfterGo1) {
  EXPECT_EQ(go_minor("go1.19.8"), 19u);
  EXPECT_EQ(go_minor("go1.27"), 27u);
  EXPECT_EQ(go_minor("go1.22rc1"), 22u);
  EXPECT_EQ(go_minor("devel go1.28-0123abc Mon"), 28u);
  EXPECT_EQ(go_minor("go2.0"), 0u);
  EXPECT_EQ(go_minor("go1."), 0u);
  EXPECT_EQ(go_minor("go1.99999999999999"), 0u);
  EXPECT_EQ(go_minor(""), 0u);
}

}  // namespace
}  // namespace plateau::target::test
