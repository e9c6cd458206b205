// Middleware, files and JSON from the outside.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "answers.h"
#include "raw_client.h"
#include "server.h"

namespace plateau::e2e {
namespace {

namespace fs = std::filesystem;

std::string get(const Server& server, const std::string& path, const std::string& fields = {}) {
  RawClient client(server.port());
  EXPECT_TRUE(client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + "\r\n"));
  return client.read_to_end();
}

std::string json_request(const std::string& text, const std::string& fields) {
  return "POST /json HTTP/1.1\r\nHost: a\r\n" + fields + "Content-Length: " + std::to_string(text.size()) +
         "\r\n\r\n" + text;
}

// The answer to one request with `text` as its body.
Answer post_json(const Server& server, const std::string& text) {
  RawClient client(server.port());
  EXPECT_TRUE(client.send(json_request(text, "Connection: close\r\n")));
  const std::vector<Answer> answers = read_answers(client.read_to_end());
  EXPECT_EQ(answers.size(), 1u);
  return answers.empty() ? Answer{} : answers[0];
}

// The durations of an answer's Server-Timing field, in milliseconds.
std::map<std::string, double> timing_of(const std::string& answer) {
  constexpr std::string_view kName = "\r\nServer-Timing: ";
  std::map<std::string, double> durations;
  const std::size_t at = answer.find(kName);
  if (at == std::string::npos) return durations;
  const std::size_t begin = at + kName.size();
  std::istringstream list(answer.substr(begin, answer.find("\r\n", begin) - begin));
  for (std::string entry; std::getline(list >> std::ws, entry, ',');) {
    const std::size_t mark = entry.find(";dur=");
    EXPECT_NE(mark, std::string::npos) << entry;
    if (mark != std::string::npos) durations[entry.substr(0, mark)] = std::stod(entry.substr(mark + 5));
  }
  return durations;
}

fs::path folder() {
  fs::path made = fs::path(testing::TempDir()) / ("httpd_middleware_" + std::to_string(::getpid()));
  fs::create_directories(made);
  return made;
}

class HttpdMiddleware : public testing::TestWithParam<const char*> {
 protected:
  HttpdMiddleware() : folder_(folder()) {}
  ~HttpdMiddleware() override { fs::remove_all(folder_); }

  const fs::path folder_;
};

INSTANTIATE_TEST_SUITE_P(Engines, HttpdMiddleware,
                         testing::Values("thread", "epoll", "reuseport", "pool", "io_uring"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(HttpdMiddleware, LogsEveryRequestWithItsTrace) {
  const std::string log = folder_ / "access.jsonl";
  Server server({"--engine", GetParam(), "--middleware", "on", "--access-log", log});
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string answer =
      get(server, "/users/7/orders/9?secret=1",
          "X-Request-Id: r-1\r\ntraceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n");
  EXPECT_NE(answer.find("\r\nX-Request-Id: r-1\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\ntraceparent: 00-" + trace + "-"), std::string::npos) << answer;
  get(server, "/nowhere");
  EXPECT_EQ(server.stop(), 0);
  std::ifstream file(log);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first["trace_id"], trace);
  EXPECT_EQ(first["request_id"], "r-1");
  EXPECT_EQ(first["method"], "GET");
  EXPECT_EQ(first["path"], "/users/7/orders/9");
  EXPECT_EQ(first["route"], "/users/{id}/orders/{order}");
  EXPECT_EQ(first["status"], 200);
  EXPECT_EQ(first["bytes"], answer.size());
  EXPECT_TRUE(first["remote"].get<std::string>().starts_with("127.0.0.1:"));
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(nlohmann::json::parse(line)["status"], 404);
  EXPECT_FALSE(std::getline(file, line));
}

TEST_P(HttpdMiddleware, TellsThePlantedStagesWhereAsked) {
  Server server({"--engine", GetParam(), "--sleep", "3ms"});
  EXPECT_EQ(get(server, "/").find("Server-Timing"), std::string::npos);
  const std::string answer = get(server, "/", "X-Plateau-Timing: 1\r\n");
  const std::size_t at = answer.find("\r\nServer-Timing: sleep;dur=");
  ASSERT_NE(at, std::string::npos) << answer.substr(0, 300);
  EXPECT_GE(std::stod(answer.substr(at + 27)), 3.0);
  EXPECT_EQ(server.stop(), 0);
}

// Every duration of the header is that of the truth log, in thousandths of a millisecond. What sending took
// is not known yet when the header is sent.
TEST_P(HttpdMiddleware, TellsTheStagesOfTheTruthLog) {
  const std::string log = folder_ / "truth.jsonl";
  Server server({"--engine", GetParam(), "--server-timing", "on", "--truth", log, "--sleep", "3ms", "--spin",
                 "1ms", "--section", "global", "--hold", "100us", "--disk", "4096", "--disk-dir",
                 folder_.string()});
  std::vector<std::map<std::string, double>> told;
  for (int i = 0; i < 5; ++i) told.push_back(timing_of(get(server, "/users/1")));
  EXPECT_EQ(server.stop(), 0);
  std::ifstream file(log);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const auto truth = nlohmann::json::parse(line);
    const std::size_t connection = truth["conn"].get<std::size_t>() - 1;
    auto stages = truth["stages"];
    EXPECT_EQ(stages.erase("send"), 1u) << line;
    ASSERT_LT(connection, told.size());
    std::map<std::string, double>& durations = told[connection];
    EXPECT_GE(stages.size(), 5u) << line;
    ASSERT_EQ(durations.size(), stages.size()) << line;
    for (const auto& [stage, span] : stages.items()) {
      ASSERT_TRUE(durations.contains(stage)) << stage;
      const double truth_ms = (span[1].get<double>() - span[0].get<double>()) / 1e6;
      EXPECT_NEAR(durations[stage], truth_ms, 0.0006) << stage << " " << line;
    }
  }
  EXPECT_EQ(lines, told.size());
}

TEST_P(HttpdMiddleware, GivesJsonBack) {
  Server server({"--engine", GetParam(), "--max-body", "100003"});
  const Answer small = post_json(server, R"({"b": [1, 2.5, null], "a": "\u00e9"})");
  EXPECT_EQ(small.status, 200);
  EXPECT_NE(small.head.find("\r\nContent-Type: application/json\r\n"), std::string::npos) << small.head;
  EXPECT_EQ(small.body, "{\"size\":36,\"value\":{\"b\":[1,2.5,null],\"a\":\"\xc3\xa9\"}}\n");
  const std::string text = "\"" + std::string(100'001, 'x') + "\"";  // as much as is allowed
  const Answer large = post_json(server, text);
  EXPECT_EQ(large.status, 200);
  EXPECT_EQ(large.body, "{\"size\":100003,\"value\":" + text + "}\n");
  EXPECT_EQ(server.stop(), 0);
}

TEST_P(HttpdMiddleware, RefusesWhatIsNoJsonAndGoesOn) {
  Server server({"--engine", GetParam(), "--max-body", "1009"});
  const std::string deep = std::string(400, '[') + std::string(400, ']');
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{\"a\":1} x"), std::string("\"\xff\""), deep}) {
    RawClient client(server.port());
    ASSERT_TRUE(client.send(json_request(text, "") + json_request("[7]", "Connection: close\r\n")));
    const std::vector<Answer> answers = read_answers(client.read_to_end());
    ASSERT_EQ(answers.size(), 2u) << text;
    EXPECT_EQ(answers[0].status, 400) << text;
    EXPECT_TRUE(answers[0].body.starts_with("{\"error\":\"")) << answers[0].body;
    EXPECT_EQ(answers[1].body, "{\"size\":3,\"value\":[7]}\n") << text;
  }
  EXPECT_EQ(post_json(server, "\"" + std::string(1008, 'x') + "\"").status, 413);
  EXPECT_EQ(server.stop(), 0);
}

TEST_P(HttpdMiddleware, ServesFilesAndNothingElse) {
  std::ofstream(folder_ / "a.txt") << std::string(100'003, 'x');
  fs::create_symlink("/etc/passwd", folder_ / "out");
  Server server({"--engine", GetParam(), "--static", folder_.string()});
  const std::string answer = get(server, "/static/a.txt");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer.substr(0, 300);
  EXPECT_NE(answer.find("\r\nContent-Length: 100003\r\n"), std::string::npos) << answer.substr(0, 300);
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 100'003u);
  EXPECT_TRUE(get(server, "/static/a.txt", "If-None-Match: *\r\n").starts_with("HTTP/1.1 304 "));
  EXPECT_TRUE(get(server, "/static/out").starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(get(server, "/static/../../etc/passwd").starts_with("HTTP/1.1 403 "));
  EXPECT_TRUE(get(server, "/static/none").starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(server.stop(), 0);
}

TEST(HttpdMiddlewareCommand, SaysOnceThatTheLogCannotBeWritten) {
  Server server({"--access-log", "/dev/full"});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(get(server, "/users/1").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(server.stop(), 0);
  const std::size_t said = server.err().find("access log incomplete");
  ASSERT_NE(said, std::string::npos) << server.err();
  EXPECT_EQ(server.err().find("access log incomplete", said + 1), std::string::npos) << server.err();
}

TEST(HttpdMiddlewareCommand, NamesTheFolderThatIsNone) {
  Process process({PLATEAU_HTTPD, "--port", "0", "--static", "/nonexistent"});
  EXPECT_EQ(process.finish(10'000), 2);
  EXPECT_NE(process.err().find("--static /nonexistent"), std::string::npos) << process.err();
}

}  // namespace
}  // namespace plateau::e2e
