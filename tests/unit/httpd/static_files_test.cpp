#include "httpd/static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace plateau::httpd {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("static_files_" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_ / "served/sub");
    std::ofstream(root_ / "secret.txt") << "secret";
    std::ofstream(root_ / "served/a b.txt") << "hello";
    std::ofstream(root_ / "served/sub/page.html") << "<p>";
    fs::create_symlink("../secret.txt", root_ / "served/out");
    fs::create_symlink("sub/page.html", root_ / "served/in");
    fs::create_symlink("/", root_ / "served/top");
    auto files = StaticFiles::open(root_ / "served");
    ASSERT_TRUE(files.ok());
    files_ = std::move(files).value();
  }
  void TearDown() override { fs::remove_all(root_); }

  FileAnswer get(std::string_view path) { return files_->answer({.path = path}); }

  fs::path root_;
  std::unique_ptr<StaticFiles> files_;
};

TEST_F(StaticFilesTest, ReadsFilesWithTheirTypes) {
  const FileAnswer text = get("a%20b.txt");
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.content, "hello");
  EXPECT_EQ(text.type, "text/plain; charset=utf-8");
  EXPECT_EQ(get("sub/page.html").type, "text/html; charset=utf-8");
  EXPECT_EQ(get("in").content, "<p>");
}

TEST_F(StaticFilesTest, LetsNobodyOut) {
  for (const char* path : {"../secret.txt", "%2e%2e/secret.txt", "sub/../../secret.txt", "out",
                           "top/etc/passwd", "/etc/passwd", "..%2fsecret.txt"}) {
    const FileAnswer answer = get(path);
    EXPECT_EQ(answer.status, 403) << path;
    EXPECT_EQ(answer.content, "") << path;
  }
  EXPECT_EQ(get("sub/../a%20b.txt").status, 200);
}

TEST_F(StaticFilesTest, TellsWhatIsNotThere) {
  for (const char* path : {"none", "sub", "", "a%20b.txt/x"}) EXPECT_EQ(get(path).status, 404) << path;
  for (const char* path : {"a%00b", "a%2", "a%zz", "%"}) EXPECT_EQ(get(path).status, 400) << path;
}

TEST_F(StaticFilesTest, SpareClientsWhatTheyHave) {
  const FileAnswer first = get("a%20b.txt");
  const std::size_t begin = first.fields.find("ETag: ") + 6;
  const std::string tag = first.fields.substr(begin, first.fields.find('\r') - begin);
  const auto status = [&](std::string_view none_match, std::string_view since) {
    return files_->answer({.path = "a%20b.txt", .if_none_match = none_match, .if_modified_since = since})
        .status;
  };
  EXPECT_EQ(status(tag, ""), 304);
  EXPECT_EQ(status("\"x\", W/" + tag, ""), 304);
  EXPECT_EQ(status("*", ""), 304);
  EXPECT_EQ(status("\"x\"", "Fri, 01 Jan 2100 00:00:00 GMT"), 200);
  EXPECT_EQ(status("", "Fri, 01 Jan 2100 00:00:00 GMT"), 304);
  EXPECT_EQ(status("", "Sat, 01 Jan 2000 00:00:00 GMT"), 200);
  EXPECT_EQ(status("", "soon"), 200);
}

TEST_F(StaticFilesTest, LeavesTheContentOutForHead) {
  const FileAnswer answer = files_->answer({.path = "a%20b.txt", .head_only = true});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.size, 5u);
  EXPECT_EQ(answer.content, "");
}

TEST_F(StaticFilesTest, IsOpenedOnDirectoriesOnly) {
  EXPECT_FALSE(StaticFiles::open(root_ / "secret.txt").ok());
}

}  // namespace
}  // namespace plateau::httpd
