// A server that does not accept for a while: who waits, and who is turned away.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/fd.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr std::uint32_t kBacklog = 8;
constexpr int kClients = 40;

Fd begin_to_connect(std::uint16_t port) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
  return fd;
}

class AcceptQueue : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (IsSkipped()) return;
    server_ =
        std::make_unique<Server>(start_httpd({"--engine", "epoll", "--backlog", std::to_string(kBacklog)}));
    ASSERT_NE(server_->port(), 0) << server_->child().err();
  }
  void TearDown() override {
    if (server_) server_->child().signal(SIGCONT);
  }

  // What explain says of a time in which the server is stopped and the clients come.
  std::string explain_overrun(const std::string& format) {
    Capture capture({"explain", "--pid", server_->pid_text(), "--duration", "60s", "--format", format});
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    server_->child().signal(SIGSTOP);
    std::vector<Fd> clients;
    for (int i = 0; i < kClients; i++) clients.push_back(begin_to_connect(server_->port()));
    EXPECT_EQ(capture.stop(SIGINT), 0) << capture.child().err();
    server_->child().signal(SIGCONT);
    return capture.child().out();
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  std::unique_ptr<Server> server_;
};

TEST_F(AcceptQueue, ThatOverflowsIsTheLimit) {
  const auto json = nlohmann::json::parse(explain_overrun("json")).at("accept_queues");
  ASSERT_EQ(json.at("queues").size(), 1u) << json;
  const auto& queue = json["queues"][0];
  EXPECT_EQ(queue.at("address"), address());
  EXPECT_EQ(queue.at("backlog"), kBacklog);
  EXPECT_EQ(queue.at("longest"), kBacklog + 1);
  EXPECT_GE(queue.at("full_looks"), 1);
  EXPECT_GE(queue.at("drops"), kClients - static_cast<int>(kBacklog) - 1) << json;
  EXPECT_GE(json.at("namespace").at("overflows"), kClients - static_cast<int>(kBacklog) - 1);
}

TEST_F(AcceptQueue, ThatOverflowsIsToldInWords) {
  std::string text = explain_overrun("text");
  for (char& c : text)
    if (c == '\n') c = ' ';
  EXPECT_NE(text.find("The accept queue of " + address() + " was full (8 of 8), and "), std::string::npos)
      << text;
  EXPECT_NE(text.find(" attempts to connect were dropped"), std::string::npos) << text;
}

TEST_F(AcceptQueue, ThatNobodyOverrunsIsNoLimit) {
  constexpr int kRequests = 23;
  Capture capture(
      {"explain", "--pid", server_->pid_text(), "--count", std::to_string(kRequests), "--format", "json"});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  for (int i = 0; i < kRequests; i++) {
    HttpConnection client(server_->port());
    ASSERT_EQ(client.exchange("/").status, 200);
  }
  EXPECT_EQ(capture.finish(), 0);
  const auto json = nlohmann::json::parse(capture.child().out()).at("accept_queues");
  ASSERT_EQ(json.at("queues").size(), 1u);
  EXPECT_EQ(json["queues"][0].at("drops"), 0);
  EXPECT_LE(json["queues"][0].at("longest"), 1);
  EXPECT_EQ(json.at("text"), "");
}

}  // namespace
}  // namespace plateau::live
