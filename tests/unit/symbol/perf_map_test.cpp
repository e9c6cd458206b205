#include "symbol/perf_map.h"

#include <gtest/gtest.h>

namespace plateau::symbol {
namespace {

TEST(PerfMap, NamesTheCodeThatCoversAnAddress) {
  PerfMap map;
  map.parse("1000 20 LazyCompile:*f /app.js:1:2\n0x2000 0x10 Interpreter\n");
  EXPECT_EQ(map.name_of(0x1000), "LazyCompile:*f /app.js:1:2");
  EXPECT_EQ(map.name_of(0x101f), "LazyCompile:*f /app.js:1:2");
  EXPECT_EQ(map.name_of(0x1020), "");
  EXPECT_EQ(map.name_of(0xfff), "");
  EXPECT_EQ(map.name_of(0x2008), "Interpreter");
}

TEST(PerfMap, TheLastLineForAPlaceWins) {
  PerfMap map;
  map.parse("1000 100 old\n1010 10 new\n1000 8 newest\n");
  EXPECT_EQ(map.name_of(0x1004), "newest");
  EXPECT_EQ(map.name_of(0x1018), "new");
  EXPECT_EQ(map.name_of(0x1080), "old");
}

TEST(PerfMap, LeavesOutWhatIsNoLine) {
  PerfMap map;
  map.parse("\nzz 1 x\n1000\n1000 0 empty\nffffffffffffffff 2 over\n1000 10 \n3000 1 half a line");
  EXPECT_EQ(map.size(), 0u);
  EXPECT_EQ(map.name_of(0x1000), "");
}

}  // namespace
}  // namespace plateau::symbol
