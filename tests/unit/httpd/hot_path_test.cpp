#include "httpd/hot_path.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "allocations.h"
#include "httpd/connection.h"

namespace plateau::httpd {
namespace {

constexpr std::string_view kRequest = "GET /users/7 HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n";
constexpr std::string_view kOther = "GET /status/404 HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kBody = "\r\n\r\n{\"id\":7,\"name\":\"user\"}\n";

Options fast() {
  Options options;
  options.engine = EngineKind::epoll;
  options.bottleneck.hot_path = true;
  return options;
}

class HotPathTest : public testing::Test {
 protected:
  HotPathTest() : service_(fast(), nullptr), hot_(service_) {}

  Service service_;
  HotPath hot_;
};

TEST_F(HotPathTest, KnowsWhatItHasLearned) {
  EXPECT_TRUE(hot_.answer(kRequest).empty());
  hot_.learn(kRequest);
  const std::string answer(hot_.answer(kRequest));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with(kBody)) << answer;
  const std::string three = std::string(kRequest) + std::string(kRequest) + std::string(kRequest);
  EXPECT_EQ(hot_.answer(three), answer + answer + answer);
  EXPECT_TRUE(hot_.answer(three.substr(0, three.size() - 1)).empty());
  EXPECT_TRUE(hot_.answer(std::string(kRequest) + "X").empty());
}

TEST_F(HotPathTest, LearnsOnlyPlainRequestsThatSucceed) {
  for (const std::string request :
       {"GET /users/7 HTTP/1.1\r\n\r\n", "GET /users/7 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /users/7 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /users/7 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /users/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
        "GET /users/7 HTTP/1.1\r\nHost: a\r\n", "GET /users/7 HTTP/1.1\nHost: a\n\n"}) {
    hot_.learn(request);
    EXPECT_TRUE(hot_.answer(request).empty()) << request;
  }
}

TEST_F(HotPathTest, ForgetsTheOldestOfManyHeads) {
  const auto request = [](int id) {
    return "GET /users/" + std::to_string(id) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  for (int id = 100; id < 140; ++id) hot_.learn(request(id));
  EXPECT_TRUE(hot_.answer(request(100)).empty());
  EXPECT_NE(hot_.answer(request(139)).find("{\"id\":139,"), std::string_view::npos);
}

// A plain transport that counts its calls.
class CountingTransport final : public Transport {
 public:
  CountingTransport(Fd socket, int& receives, int& sends)
      : Transport(Fd(::dup(socket.get()))), plain_(std::move(socket)), receives_(receives), sends_(sends) {}

  IoResult receive(std::span<char> space, std::uint64_t* stamp_ns) override {
    ++receives_;
    return plain_.receive(space, stamp_ns);
  }
  IoResult send(std::string_view bytes) override {
    ++sends_;
    return plain_.send(bytes);
  }
  IoResult sendv(std::span<const iovec> pieces) override { return plain_.sendv(pieces); }

 private:
  PlainTransport plain_;
  int& receives_;
  int& sends_;
};

TEST_F(HotPathTest, TakesOneReadOneWriteAndNoAllocationARequest) {
  constexpr int kRequests = 1009;
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  const Fd client(ends[0]);
  int receives = 0;
  int sends = 0;
  Connection connection(service_, std::make_unique<CountingTransport>(Fd(ends[1]), receives, sends), 1, "p",
                        nullptr);
  connection.answer_from(&hot_);
  char answer[16 * 1024];
  const auto exchange = [&](std::string_view request) {
    EXPECT_EQ(::send(client.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    EXPECT_EQ(connection.drive(Connection::Blocking::no), Connection::Outcome::want_read);
    const ssize_t size = ::recv(client.get(), answer, sizeof answer, 0);
    return std::string_view(answer, size > 0 ? static_cast<std::size_t>(size) : 0);
  };
  EXPECT_TRUE(exchange(kRequest).ends_with(kBody));
  receives = sends = 0;
  const std::uint64_t before = allocations();
  int right = 0;
  for (int i = 0; i < kRequests; ++i) right += exchange(kRequest).ends_with(kBody) ? 1 : 0;
  EXPECT_EQ(allocations(), before);
  EXPECT_EQ(right, kRequests);
  EXPECT_EQ(receives, kRequests);
  EXPECT_EQ(sends, kRequests);

  receives = sends = 0;
  std::string pipeline;
  for (int i = 0; i < 53; ++i) pipeline += kRequest;
  EXPECT_TRUE(exchange(pipeline).ends_with(kBody));
  EXPECT_EQ(receives, 1);
  EXPECT_EQ(sends, 1);
}

TEST_F(HotPathTest, TheTruthLogHasWhatIsAnsweredFromMemory) {
  const std::string path = testing::TempDir() + "hot-truth-" + std::to_string(::getpid()) + ".jsonl";
  std::size_t answered = 0;
  {
    Result<std::unique_ptr<Truth>> truth = Truth::open(path);
    ASSERT_TRUE(truth.ok());
    Service service(fast(), std::move(truth).value());
    HotPath hot(service);
    TruthBuffer buffer(*service.truth);
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    const Fd client(ends[0]);
    Connection connection(service, std::make_unique<PlainTransport>(Fd(ends[1])), 1, "p", &buffer);
    connection.answer_from(&hot);
    const std::string pipeline = std::string(kRequest) + std::string(kRequest) + std::string(kRequest);
    for (const std::string_view bytes : {kRequest, std::string_view(pipeline), kRequest, kOther, kRequest}) {
      ASSERT_EQ(::send(client.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
      EXPECT_EQ(connection.drive(Connection::Blocking::no), Connection::Outcome::want_read);
    }
    char answers[16 * 1024];
    answered = static_cast<std::size_t>(::recv(client.get(), answers, sizeof answers, 0));
  }
  std::vector<nlohmann::json> lines;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) lines.push_back(nlohmann::json::parse(text));
  std::remove(path.c_str());
  ASSERT_EQ(lines.size(), 7u);
  std::size_t sent = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const nlohmann::json& line = lines[i];
    const bool other = i == 5;
    EXPECT_EQ(line["seq"], i) << line;
    EXPECT_EQ(line["method"], "GET");
    EXPECT_EQ(line["path"], other ? "/status/404" : "/users/7");
    EXPECT_EQ(line["status"], other ? 404 : 200);
    EXPECT_EQ(line["bytes_in"], other ? kOther.size() : kRequest.size());
    EXPECT_NE(line["tid_read"], 0);
    EXPECT_EQ(line["tid_read"], line["tid_write"]);
    EXPECT_LE(line["read_ns"], line["stages"]["send"][0]) << line;
    EXPECT_LE(line["stages"]["send"][0], line["write_ns"]) << line;
    EXPECT_EQ(line["stages"]["send"][1], line["write_ns"]) << line;
    sent += line["bytes_out"].get<std::size_t>();
  }
  EXPECT_EQ(sent, answered);
}

// The client takes nothing: the answer to the pipeline goes out in part, and is lost.
TEST_F(HotPathTest, TheTruthLogCountsWhatWasSentOfALostAnswer) {
  const std::string path = testing::TempDir() + "hot-lost-" + std::to_string(::getpid()) + ".jsonl";
  {
    Result<std::unique_ptr<Truth>> truth = Truth::open(path);
    ASSERT_TRUE(truth.ok());
    TruthBuffer buffer(**truth);
    hot_.learn(kRequest);
    const std::size_t one = hot_.answer(kRequest).size();
    Session session(service_);
    HotLog log;
    const std::string pipeline = std::string(kRequest) + std::string(kRequest) + std::string(kRequest);
    log.begin(hot_, pipeline, {.read_ns = 5, .tid = 7}, session);
    log.end(buffer, connection_prefix(1, "p"), 2 * one - 10);
    log.begin(hot_, kRequest, {.read_ns = 6, .tid = 7}, session);
    log.end(buffer, connection_prefix(1, "p"), 0);
  }
  std::vector<nlohmann::json> lines;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) lines.push_back(nlohmann::json::parse(text));
  std::remove(path.c_str());
  ASSERT_EQ(lines.size(), 4u);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i]["seq"], i);
  EXPECT_EQ(lines[0]["bytes_out"], lines[3]["bytes_out"]);
  EXPECT_EQ(lines[1]["bytes_out"], 10);
  EXPECT_EQ(lines[2]["bytes_out"], 0);
  EXPECT_NE(lines[0]["write_ns"], 0);
  EXPECT_EQ(lines[1]["write_ns"], 0);
  EXPECT_EQ(lines[2]["write_ns"], 0);
  EXPECT_NE(lines[3]["write_ns"], 0);
}

}  // namespace
}  // namespace plateau::httpd
