// Clients that read slowly and clients that read at once: what sending waited for.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "base/fd.h"
#include "harness/live_test.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr std::size_t kBody = 16u << 20;
constexpr int kPauseMs = 700;

Fd connect_with_buffer(std::uint16_t port, int bytes) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (bytes) setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) fd.reset();
  return fd;
}

std::size_t read_all(int fd, std::size_t bytes) {
  static std::array<char, 1 << 16> buffer;
  std::size_t got = 0;
  while (got < bytes) {
    const ssize_t n = recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

class SendPath : public LiveTest {
 protected:
  // The client takes the answer after `pause_ms`, with a receive buffer of `buffer` bytes (0: the kernel's).
  nlohmann::json waits(int buffer, int pause_ms) {
    Server server = start_httpd({"--engine", "thread", "--body", "single"});
    EXPECT_NE(server.port(), 0) << server.child().err();
    Capture capture({"explain", "--pid", server.pid_text(), "--count", "1", "--format", "json"});
    EXPECT_TRUE(capture.ready()) << capture.child().err();
    const Fd client = connect_with_buffer(server.port(), buffer);
    const std::string request = "GET /bytes/" + std::to_string(kBody) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_EQ(send(client.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    poll(nullptr, 0, pause_ms);
    EXPECT_GE(read_all(client.get(), kBody), kBody);
    EXPECT_EQ(capture.finish(), 0) << capture.child().err();
    const auto json = nlohmann::json::parse(capture.child().out());
    EXPECT_EQ(json.at("total").at("requests"), 1);
    return json.at("send_path");
  }
};

std::uint64_t ms(const nlohmann::json& path, const char* key) {
  return path.at(key).get<std::uint64_t>() / 1'000'000;
}

TEST_F(SendPath, WaitsForAReceiverThatDoesNotRead) {
  const auto path = waits(16 << 10, kPauseMs);
  EXPECT_EQ(path.at("connections"), 1);
  EXPECT_GE(ms(path, "receiver_limited_ns"), kPauseMs * 9 / 10) << path;
  EXPECT_GE(path.at("busy_ns"), path.at("receiver_limited_ns")) << path;
  EXPECT_GE(ms(path, "acknowledged_after_ns"), kPauseMs * 9 / 10) << path;
}

TEST_F(SendPath, DoesNotWaitForAReceiverThatReadsAtOnce) {
  const auto path = waits(0, 0);
  EXPECT_EQ(path.at("connections"), 1);
  EXPECT_GE(path.at("bytes_acknowledged").get<std::size_t>(), kBody / 2) << path;
  EXPECT_LE(ms(path, "receiver_limited_ns"), kPauseMs / 4) << path;
}

}  // namespace
}  // namespace plateau::live
