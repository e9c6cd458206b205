#include "base/text_file.h"

#include <gtest/gtest.h>

namespace plateau {
namespace {

TEST(TextFile, IsReadWhole) {
  const std::string text = read_text("/proc/self/stat");
  EXPECT_TRUE(text.ends_with("\n"));
  EXPECT_NE(text.find('('), std::string::npos);
}

TEST(TextFile, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(read_text("/proc/self/no/such"), "");
}

// As of a process that ends between opening and reading.
TEST(TextFile, IsEmptyWhereReadingFails) {
  EXPECT_EQ(read_text("/proc/self/mem"), "");
}

}  // namespace
}  // namespace plateau
