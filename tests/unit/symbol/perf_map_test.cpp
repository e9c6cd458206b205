#include "symbol/perf_map.h"

#include <gtest/gtest.h>

#include <string>

namespace plateau::symbol {
namespace {

CodeNames names_of(std::string_view text) {
  CodeNames names;
  parse_perf_map(text, names);
  names.sort();
  return names;
}

TEST(PerfMap, NamesTheCodeThatCoversAnAddress) {
  const auto names = names_of("1000 20 LazyCompile:*f /app.js:1:2\n0x2000 0x10 Interpreter\n");
  EXPECT_EQ(names.name_of(0x1000), "LazyCompile:*f /app.js:1:2");
  EXPECT_EQ(names.name_of(0x101f), "LazyCompile:*f /app.js:1:2");
  EXPECT_EQ(names.name_of(0x1020), "");
  EXPECT_EQ(names.name_of(0xfff), "");
  EXPECT_EQ(names.name_of(0x2008), "Interpreter");
}

TEST(PerfMap, TheLastLineForAPlaceWins) {
  const auto names = names_of("1000 100 old\n1010 10 new\n1000 8 newest\n");
  EXPECT_EQ(names.name_of(0x1004), "newest");
  EXPECT_EQ(names.name_of(0x1018), "new");
  EXPECT_EQ(names.name_of(0x1080), "old");
}

// Lines of .NET 8.
TEST(PerfMap, OfDotnetHasSignaturesForNames) {
  const auto names = names_of(
      "0x7f81cfc24c30 1f instance void [Server] Server+<Main>c__AnonStorey1::.ctor()[QuickJitted]\n"
      "0x7f81cfc26a30 6a class [mscorlib]System.Threading.Tasks.Task [Server] "
      "Server::Answer(class [System]System.Net.HttpListenerContext)[OptimizedTier1]\n"
      "0x7f81d0972898 60 stub<2720> AllocateTemporaryEntryPoints<PRECODE_STUB>\n");
  EXPECT_EQ(names.name_of(0x7f81cfc24c4e),
            "instance void [Server] Server+<Main>c__AnonStorey1::.ctor()[QuickJitted]");
  EXPECT_EQ(names.name_of(0x7f81cfc26a99),
            "class [mscorlib]System.Threading.Tasks.Task [Server] "
            "Server::Answer(class [System]System.Net.HttpListenerContext)[OptimizedTier1]");
  EXPECT_EQ(names.name_of(0x7f81d0972898), "stub<2720> AllocateTemporaryEntryPoints<PRECODE_STUB>");
}

TEST(PerfMap, LeavesOutWhatIsNoLine) {
  const auto names =
      names_of("\nzz 1 x\n1000\n1000 0 empty\nffffffffffffffff 2 over\n1000 10 \n3000 1 half a line");
  EXPECT_EQ(names.size(), 0u);
  EXPECT_EQ(names.name_of(0x1000), "");
}

TEST(PerfMap, IsReadOnFromItsLastWholeLine) {
  const std::string text = "1000 10 a\n2000 10 b\n3000 10 c\n";
  CodeNames names;
  std::size_t done = 0;
  for (std::size_t end = 0; end <= text.size(); end++)
    done += parse_perf_map(std::string_view(text).substr(done, end - done), names);
  names.sort();
  EXPECT_EQ(done, text.size());
  EXPECT_EQ(names.size(), 3u);
  EXPECT_EQ(names.name_of(0x3001), "c");
}

}  // namespace
}  // namespace plateau::symbol
