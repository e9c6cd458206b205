// The rules held against the tree as it is.
#include "tree.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>
#include <memory>

namespace plateau::house {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Tree, IncludesFollowTheTable) {
  const auto files = sources("src");
  ASSERT_THAT(files, SizeIs(testing::Ge(50u)));
  EXPECT_THAT(check_all(files, check_includes), IsEmpty());
}

TEST(Tree, PureFoldersArePure) {
  EXPECT_THAT(check_all(sources("src"), check_purity), IsEmpty());
}

TEST(Tree, KernelSideIsUnderTheGpl) {
  const auto files = sources("bpf");
  ASSERT_THAT(files, SizeIs(testing::Ge(5u)));
  EXPECT_THAT(check_all(files, check_licence), IsEmpty());
}

TEST(Tree, LicencesAreThere) {
  EXPECT_THAT(text_of("LICENSE"), HasSubstr("Apache License"));
  EXPECT_THAT(text_of("bpf/LICENSE"), HasSubstr("GNU GENERAL PUBLIC LICENSE"));
}

TEST(Tree, ProgramTellsTheVersionOfTheVersionFile) {
  const std::filesystem::path program = std::filesystem::path(PLATEAU_BINARY_DIR) / "bin" / "plateau";
  if (!std::filesystem::exists(program)) GTEST_SKIP() << "the program plateau is not built here";
  std::FILE* const pipe = popen((program.string() + " --version").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char line[128] = "";
  EXPECT_NE(std::fgets(line, sizeof(line), pipe), nullptr);
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(line, "plateau " + text_of("VERSION"));
}

}  // namespace
}  // namespace plateau::house
