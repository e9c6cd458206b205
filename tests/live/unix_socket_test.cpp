// A server on a Unix socket: its requests are seen like those that come over TCP.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "harness/folder.h"
#include "harness/live_test.h"

namespace plateau::live {
namespace {

class Client {
 public:
  explicit Client(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd_.reset();
  }

  bool exchange(const std::string& path, bool last = false) { return ask(path, last) && hear(path); }

  bool ask(const std::string& path, bool last = false) {
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + (last ? "Connection: close\r\n" : "") + "\r\n";
    return ::send(fd_.get(), request.data(), request.size(), MSG_NOSIGNAL) > 0;
  }

  // Whether the answer is the path.
  bool hear(const std::string& path) {
    std::array<char, 4096> bytes;
    const ssize_t got = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    return got > 0 && std::string_view(bytes.data(), static_cast<std::size_t>(got)).ends_with("\r\n" + path);
  }

 private:
  Fd fd_;
};

class UnixSocket : public LiveTest {
 protected:
  UnixSocket() : path_(folder_.file("socket")), server_({HANDOVER, "unix", path_}) {
    EXPECT_NE(server_.wait_for_line("listening on ", 5'000), "") << server_.err();
  }

  Folder folder_;
  std::string path_;
  Child server_;
};

void expect_right(const SeenRequest& request) {
  EXPECT_EQ(request.framing, "exact") << request.path;
  EXPECT_EQ(request.outcome, "answered") << request.path;
  EXPECT_EQ(request.status, 200) << request.path;
  EXPECT_EQ(request.peer, "unix") << request.path;
  EXPECT_EQ(stage_sum(request), request.latency_ns.value_or(1)) << request.path;
}

TEST_F(UnixSocket, EveryRequestIsSeen) {
  constexpr std::size_t kConnections = 13, kEach = 37, kLone = 211;
  std::vector<Client> clients;
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients.emplace_back(path_);
    ASSERT_TRUE(clients.back().exchange("/before"));
  }
  Capture capture(requests_of(server_.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  std::map<std::string, bool> sent;  // whether it is its connection's first since the attach
  const auto say = [&](Client& client, bool first, bool last) {
    const std::string path = "/" + std::to_string(sent.size()) + std::string(sent.size() % 97, 'x');
    sent[path] = first;
    ASSERT_TRUE(client.exchange(path, last)) << path;
  };
  for (std::size_t round = 0; round < kEach; ++round)
    for (Client& client : clients) say(client, round == 0, false);
  const std::size_t old = sent.size();
  for (std::size_t i = 0; i < kLone; ++i) {
    Client client(path_);
    say(client, false, i % 2 == 0);
  }
  capture.settle(sent.size());
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(capture.child().err(), "plateau: ready\n");
  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_EQ(seen.size(), old + kLone);
  for (const SeenRequest& request : seen) {
    ASSERT_TRUE(sent.contains(request.path)) << request.path;
    EXPECT_EQ(request.partial, sent[request.path]) << request.path;
    expect_right(request);
    sent.erase(request.path);
    if (HasFailure()) return;
  }
}

TEST_F(UnixSocket, IsNamedWhereItListens) {
  const std::string pid = std::to_string(server_.pid());
  const Ended doctor = run_plateau({"doctor", "--pid", pid});
  EXPECT_NE(doctor.out.find("listening    unix:" + path_ + "\n"), std::string::npos) << doctor.out;
  EXPECT_EQ(doctor.out.find("no listening socket"), std::string::npos) << doctor.out;
  Capture capture({"explain", "--pid", pid});
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  Client client(path_);
  ASSERT_TRUE(client.exchange("/named"));
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_NE(capture.child().out().find("(PID " + pid + ") on unix:" + path_ + "\n"), std::string::npos)
      << capture.child().out();
}

// The wait for the server begins when the bytes come, for a connection's first request too.
TEST_F(UnixSocket, AFirstRequestWaitsFromItsArrivalOn) {
  Capture capture(requests_of(server_.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  server_.signal(SIGSTOP);
  Client client(path_);
  ASSERT_TRUE(client.ask("/late"));
  ::poll(nullptr, 0, 250);
  server_.signal(SIGCONT);
  ASSERT_TRUE(client.hear("/late"));
  capture.settle(1);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), 1u);
  expect_right(seen[0]);
  EXPECT_GT(seen[0].latency_ns.value_or(0), 200'000'000u);
}

}  // namespace
}  // namespace plateau::live
