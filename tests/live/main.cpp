// live_tests NAME [option of GoogleTest…]: runs the tests of NAME_test.cpp; without a name, all of them. One
// program, because forty would take longer to compile and to link than to run.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>

namespace {

// A filter for the suites that NAME_test.cpp defines; empty if there are none.
std::string suites_of(const std::string& name) {
  std::string filter;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); i++) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    if (suite.total_test_count() == 0) continue;
    const std::filesystem::path source = suite.GetTestInfo(0)->file();
    if (source.filename() == name + "_test.cpp") filter += std::string(suite.name()) + ".*:";
  }
  return filter;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1) {
    const std::string filter = suites_of(argv[1]);
    if (filter.empty()) {
      std::fprintf(stderr, "live_tests: there is no test in tests/live/%s_test.cpp: name one that is there\n",
                   argv[1]);
      return 2;
    }
    if (GTEST_FLAG_GET(filter) == "*") GTEST_FLAG_SET(filter, filter);
  }
  return RUN_ALL_TESTS();
}
