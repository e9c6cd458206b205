// Tables of Go functions, made by hand in the layouts of the releases that changed it.
#include "target/go_symbols.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace plateau::target {
namespace {

class Table {
 public:
  template <class T>
  void put(std::size_t at, T value) {
    if (bytes_.size() < at + sizeof(value)) bytes_.resize(at + sizeof(value));
    std::memcpy(bytes_.data() + at, &value, sizeof(value));
  }
  void text(std::size_t at, const std::string& text) {
    for (std::size_t i = 0; i <= text.size(); i++) put(at + i, text.c_str()[i]);
  }
  std::span<const std::byte> span() const { return bytes_; }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

constexpr std::size_t kNames = 0x100, kFunctions = 0x200;

// Two functions at 0x401000 and 0x401100; the last ends at 0x401180.
Table table_of(std::uint32_t magic) {
  const bool offsets = magic != 0xfffffffa;
  Table table;
  table.put<std::uint32_t>(0, magic);
  table.put<std::uint8_t>(6, 1);
  table.put<std::uint8_t>(7, 8);
  table.put<std::uint64_t>(8, 2);
  const std::size_t names = offsets ? 3 : 2, functions = offsets ? 7 : 6;
  if (offsets) table.put<std::uint64_t>(8 + 8 * 2, 0x401000);
  table.put<std::uint64_t>(8 + 8 * names, kNames);
  table.put<std::uint64_t>(8 + 8 * functions, kFunctions);
  table.text(kNames, "main.main");
  table.text(kNames + 16, "net/http.(*conn).serve");
  const std::uint64_t starts[] = {0x401000, 0x401100, 0x401180}, records[] = {0x80, 0x90};
  for (std::size_t i = 0; i < 3; i++) {
    if (offsets) {
      table.put<std::uint32_t>(kFunctions + 8 * i, static_cast<std::uint32_t>(starts[i] - 0x401000));
      if (i < 2) table.put<std::uint32_t>(kFunctions + 8 * i + 4, static_cast<std::uint32_t>(records[i]));
    } else {
      table.put<std::uint64_t>(kFunctions + 16 * i, starts[i]);
      if (i < 2) table.put<std::uint64_t>(kFunctions + 16 * i + 8, records[i]);
    }
  }
  for (std::size_t i = 0; i < 2; i++)
    table.put<std::uint32_t>(kFunctions + records[i] + (offsets ? 4 : 8), static_cast<std::uint32_t>(16 * i));
  return table;
}

class GoTable : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Releases, GoTable, testing::Values(0xfffffffa, 0xfffffff0, 0xfffffff1));

TEST_P(GoTable, NamesFunctions) {
  const auto symbols = GoSymbols::parse(table_of(GetParam()).span());
  ASSERT_TRUE(symbols) << symbols.error().message;
  EXPECT_EQ(symbols->name_of(0x400fff), "");
  EXPECT_EQ(symbols->name_of(0x401000), "main.main");
  EXPECT_EQ(symbols->name_of(0x4010ff), "main.main");
  EXPECT_EQ(symbols->name_of(0x401100), "net/http.(*conn).serve");
  EXPECT_EQ(symbols->name_of(0x401180), "");
  EXPECT_EQ(symbols->address_of("net/http.(*conn).serve"), 0x401100u);
  EXPECT_EQ(symbols->address_of("net/http.(*conn)"), std::nullopt);
}

TEST_P(GoTable, ThatIsCutShortOrDamagedIsReadAsFarAsItGoes) {
  auto table = table_of(GetParam());
  for (std::size_t size = 0; size < table.bytes().size(); size++)
    static_cast<void>(GoSymbols::parse(table.span().first(size)));
  std::mt19937 random(7);
  for (int i = 0; i < 2'000; i++) {
    auto damaged = table;
    damaged.bytes()[random() % damaged.bytes().size()] = static_cast<std::byte>(random());
    const auto symbols = GoSymbols::parse(damaged.span());
    if (symbols) static_cast<void>(symbols->name_of(0x401000));
  }
}

TEST(GoSymbols, CountFromTheTextWhereTheTableDoesNotSay) {
  auto table = table_of(0xfffffff1);
  table.put<std::uint64_t>(8 + 8 * 2, 0);
  const auto symbols = GoSymbols::parse(table.span(), 0x401000);
  ASSERT_TRUE(symbols);
  EXPECT_EQ(symbols->name_of(0x401100), "net/http.(*conn).serve");
}

TEST(GoSymbols, OfAnotherLayoutAreRefused) {
  EXPECT_FALSE(GoSymbols::parse({}));
  EXPECT_FALSE(GoSymbols::parse(table_of(0xfffffffb).span()));
  auto narrow = table_of(0xfffffff1);
  narrow.put<std::uint8_t>(7, 4);
  EXPECT_FALSE(GoSymbols::parse(narrow.span()));
}

}  // namespace
}  // namespace plateau::target
