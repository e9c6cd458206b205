#include "target/go_runtime.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/fd.h"
#include "elf_file.h"
#include "target/go_functions.h"

namespace plateau::target::test {
namespace {

Result<GoRuntime> look_at(std::string bytes) {
  elf_version(EV_CURRENT);
  Elf* elf = elf_memory(bytes.data(), bytes.size());
  auto go = go_runtime(elf);
  elf_end(elf);
  return go;
}

TEST(GoRuntime, OfAStrippedProgramIsKnownByItsVersion) {
  const auto go = look_at(bytes_of({.build_info = build_info("go1.24.3")}));
  ASSERT_TRUE(go.ok()) << go.error().message;
  EXPECT_EQ(go->version, "go1.24.3");
  EXPECT_EQ(go->source, GoLayoutSource::table);
  EXPECT_EQ(go->layout, (GoLayout{160, 48, 192, 152, 184}));
  EXPECT_EQ(go->tls, -8);
  EXPECT_EQ(describe_goroutines(*go),
            "goroutine ids at offset 160 of g (known for this version); what they wait for is not known");
}

TEST(GoRuntime, OfAVersionToComeIsNotGuessed) {
  const auto go = look_at(bytes_of({.build_info = build_info("go1.97")}));
  ASSERT_TRUE(go.ok()) << go.error().message;
  EXPECT_FALSE(go->has_goroutines());
  EXPECT_EQ(
      describe_goroutines(*go),
      "time is charged to threads, not to goroutines: it is stripped of DWARF, and the layout of go1.97 is "
      "not known");
}

TEST(GoRuntime, OfAnotherMachineIsNotKnown) {
  const auto go = look_at(bytes_of({.machine = EM_S390, .build_info = build_info("go1.26.8")}));
  ASSERT_TRUE(go.ok()) << go.error().message;
  EXPECT_FALSE(go->has_goroutines());
}

TEST(GoRuntime, FindsTheRunningGAmongCsThreadLocals) {
  const auto alone =
      look_at(bytes_of({.build_info = build_info("go1.26.8"), .tls_size = 8, .tls_symbol = std::nullopt}));
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->tls, -8);
  const auto among =
      look_at(bytes_of({.build_info = build_info("go1.26.8"), .tls_size = 0x28, .tls_symbol = 0x18}));
  ASSERT_TRUE(among.ok());
  EXPECT_EQ(among->tls, 0x18 - 0x30);
  const auto stripped =
      look_at(bytes_of({.build_info = build_info("go1.26.8"), .tls_size = 0x28, .tls_symbol = std::nullopt}));
  ASSERT_TRUE(stripped.ok());
  EXPECT_FALSE(stripped->has_goroutines());
  const auto outside =
      look_at(bytes_of({.build_info = build_info("go1.26.8"), .tls_size = 0x28, .tls_symbol = 0x28}));
  ASSERT_TRUE(outside.ok());
  EXPECT_FALSE(outside->has_goroutines());
}

TEST(GoRuntime, ComplainsOfWhatIsNoGoProgram) {
  EXPECT_EQ(look_at(bytes_of({})).error().message, "no Go program: it has no .go.buildinfo");
  EXPECT_EQ(look_at("no ELF file at all").error().message, "no ELF file");
  EXPECT_EQ(go_runtime(nullptr).error().message, "no ELF file");
  EXPECT_FALSE(go_runtime_of(getpid()).ok());
}

// As Go's linker writes them: addresses, or, in a position-independent program, relocations.
TEST(GoRuntime, FindsTheWordsForItsWaitsWhereverTheyAreLoaded) {
  const std::vector<std::string> words{"", "GC assist marking", "IO wait", "chan receive", "sleep"};
  for (const std::uint16_t machine : {std::uint16_t{EM_X86_64}, std::uint16_t{EM_AARCH64}})
    for (const bool independent : {false, true}) {
      const ElfFile file{.machine = machine,
                         .build_info = build_info("go1.26.8"),
                         .texts = words,
                         .position_independent = independent};
      const auto go = look_at(bytes_of(file));
      ASSERT_TRUE(go.ok()) << go.error().message;
      EXPECT_EQ(go->waits,
                (std::vector{GoWait::other, GoWait::gc, GoWait::network, GoWait::channel, GoWait::timer}))
          << machine << independent;
    }
}

// Whatever is cut off, or turned over: an answer, and no crash.
TEST(GoRuntime, SurvivesDamagedFiles) {
  const std::string whole = bytes_of({.build_info = build_info("go1.26.8"),
                                      .tls_size = 0x28,
                                      .tls_symbol = 0x18,
                                      .texts = {"", "GC assist marking", "IO wait"},
                                      .position_independent = true});
  for (std::size_t length = 0; length < whole.size(); ++length) (void)look_at(whole.substr(0, length));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    (void)look_at(damaged);
  }
}

TEST(GoRuntime, IsToldWhyTheWorldIsStoppedSince21) {
  GoRuntime go;
  for (const auto& [version, tells] : {std::pair("go1.17.13", false),
                                       {"go1.20.14", false},
                                       {"go1.21.0", true},
                                       {"devel go1.27-4f2e", true}}) {
    go.version = version;
    EXPECT_EQ(go.tells_stop_reason(), tells) << version;
  }
}

TEST(KnownGoLayout, CoversEachVersionSince17) {
  for (unsigned minor = 17; minor <= 27; ++minor)
    EXPECT_TRUE(known_go_layout("go1." + std::to_string(minor)).has_value()) << minor;
  EXPECT_EQ(known_go_layout("go1.16.15"), std::nullopt);
  EXPECT_EQ(known_go_layout("go1.28"), std::nullopt);
  EXPECT_EQ(known_go_layout(""), std::nullopt);
}

class BuiltByGo : public testing::TestWithParam<const char*> {
 protected:
  template <class T>
  std::optional<T> look(const std::function<Result<T>(Elf*)>& at) const {
    const std::string path = std::string(PLATEAU_BINARY_DIR) + "/tests/targets/" + GetParam();
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) return std::nullopt;
    elf_version(EV_CURRENT);
    Elf* elf = elf_begin(fd.get(), ELF_C_READ, nullptr);
    auto found = at(elf);
    elf_end(elf);
    EXPECT_TRUE(found.ok());
    return found ? std::optional(*found) : std::nullopt;
  }
  std::optional<GoRuntime> program() const { return look<GoRuntime>(go_runtime); }
};

INSTANTIATE_TEST_SUITE_P(Programs, BuiltByGo, testing::Values("gostages", "gostages_stripped"));

TEST_P(BuiltByGo, HasTheLayoutOfItsVersion) {
  const auto go = program();
  if (!go) GTEST_SKIP() << "tests/targets/" << GetParam() << " is not built: no Go compiler was found";
  ASSERT_TRUE(go->has_goroutines()) << go->problem;
  const bool stripped = std::string(GetParam()).ends_with("_stripped");
  EXPECT_EQ(go->source, stripped ? GoLayoutSource::table : GoLayoutSource::dwarf);
  EXPECT_EQ(go->layout, known_go_layout(go->version));
}

TEST_P(BuiltByGo, TellsWhereItStopsTheWorld) {
  const auto places = look<GoStopPlaces>(go_stop_places);
  if (!places) GTEST_SKIP() << "tests/targets/" << GetParam() << " is not built: no Go compiler was found";
  EXPECT_NE(places->stops, 0u);
  EXPECT_GT(places->starts, places->stops) << "they stand one behind the other in proc.go";
  EXPECT_LT(places->starts, places->stops + 4096);
}

TEST_P(BuiltByGo, HoldsTheWordsForItsWaits) {
  const auto go = program();
  if (!go) GTEST_SKIP() << "tests/targets/" << GetParam() << " is not built: no Go compiler was found";
  ASSERT_GE(go->waits.size(), 26u);
  EXPECT_EQ(go->waits[0], GoWait::other);
  EXPECT_EQ(go->waits[1], GoWait::gc);
  EXPECT_EQ(go->waits[2], GoWait::network);
  EXPECT_EQ(std::count(go->waits.begin(), go->waits.end(), GoWait::timer), 1);
  EXPECT_GE(std::count(go->waits.begin(), go->waits.end(), GoWait::channel), 4);
  EXPECT_GE(std::count(go->waits.begin(), go->waits.end(), GoWait::select), 2);
  EXPECT_GE(std::count(go->waits.begin(), go->waits.end(), GoWait::sync), 2);
  EXPECT_NE(describe_goroutines(*go).find("--detail high"), std::string::npos);
}

}  // namespace
}  // namespace plateau::target::test
