#include "httpd/access_log.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace plateau::httpd {
namespace {

TEST(AccessLog, LinesAreJson) {
  std::string text;
  append_line(text,
              {.remote = "127.0.0.1:5",
               .protocol = "HTTP/1.1",
               .method = "GET",
               .path = "/a\"\\b",
               .route = "/{x}",
               .trace_id = "t",
               .status = 200,
               .bytes = 12,
               .duration_ns = 34'567},
              1'700'000'000'123'456'789);
  ASSERT_TRUE(text.ends_with("\n"));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["time"], "2023-11-14T22:13:20.123456Z");
  EXPECT_EQ(json["path"], "/a\"\\b");
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["bytes"], 12);
  EXPECT_EQ(json["duration_us"], 34);
  EXPECT_EQ(json["trace_id"], "t");
  EXPECT_FALSE(json.contains("request_id"));
}

TEST(AccessLog, HasEveryLineWhenItEnds) {
  const std::string path = testing::TempDir() + "access_log_test.jsonl";
  std::remove(path.c_str());
  {
    auto log = AccessLog::open(path);
    ASSERT_TRUE(log.ok());
    for (int i = 0; i < 5003; ++i) (*log)->write({.path = "/", .status = 200});
  }
  std::ifstream file(path);
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) ASSERT_TRUE(nlohmann::json::accept(line));
  EXPECT_EQ(lines, 5003);
  std::remove(path.c_str());
}

TEST(AccessLog, NamesTheFileThatCannotBeOpened) {
  const auto log = AccessLog::open("/nonexistent/log");
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.error().message.find("/nonexistent/log"), std::string::npos);
}

TEST(AccessLog, SaysOnceThatADeviceIsFull) {
  auto log = AccessLog::open("/dev/full");
  ASSERT_TRUE(log.ok());
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    (*log)->write({.path = "/", .status = 200});
    (*log)->flush();
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said, "access log incomplete: No space left on device\n");
}

}  // namespace
}  // namespace plateau::httpd
