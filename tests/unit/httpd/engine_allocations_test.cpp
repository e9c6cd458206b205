// What the fast presets claim of a whole engine: a request allocates nothing.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>

#include "allocations.h"
#include "httpd/engine.h"
#include "httpd/listener.h"
#include "httpd/uring.h"

namespace plateau::httpd {
namespace {

constexpr std::string_view kRequest = "GET /users/7 HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kBody = "\r\n\r\n{\"id\":7,\"name\":\"user\"}\n";

Fd connect_to(int listener) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  return client;
}

int ask(const Fd& client, int requests) {
  int right = 0;
  std::array<char, 4096> answer;
  for (int i = 0; i < requests; ++i) {
    if (::send(client.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) break;
    const ssize_t size = ::recv(client.get(), answer.data(), answer.size(), 0);
    if (size <= 0) break;
    right += std::string_view(answer.data(), static_cast<std::size_t>(size)).ends_with(kBody) ? 1 : 0;
  }
  return right;
}

class EngineAllocations : public testing::TestWithParam<EngineKind> {
 protected:
  // How often an engine's thread allocates in its life over one connection of `requests`.
  static std::uint64_t of_serving(int requests) {
    Options options;
    options.port = 0;
    options.engine = GetParam();
    options.bottleneck.hot_path = true;
    Service service(options, nullptr);
    Result<Listener> listener = listen_on(options);
    EXPECT_TRUE(listener.ok());
    const Fd stop(::eventfd(0, EFD_CLOEXEC));
    std::uint64_t counted = 0;
    std::thread server([&] {
      const std::uint64_t before = allocations();
      const std::unique_ptr<Engine> engine = make_engine(service);
      EXPECT_TRUE(engine->prepare());
      const Result<bool> drained = engine->run(listener->socket.get(), stop.get());
      EXPECT_TRUE(drained.ok() && *drained);
      counted = allocations() - before;
    });
    EXPECT_EQ(ask(connect_to(listener->socket.get()), requests), requests);
    const std::uint64_t one = 1;
    EXPECT_EQ(::write(stop.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
    server.join();
    return counted;
  }
};

INSTANTIATE_TEST_SUITE_P(All, EngineAllocations, testing::Values(EngineKind::epoll, EngineKind::io_uring),
                         [](const auto& engine) {
                           return std::string(engine.param == EngineKind::epoll ? "epoll" : "io_uring");
                         });

TEST_P(EngineAllocations, DoNotGrowWithTheRequests) {
  if (GetParam() == EngineKind::io_uring && !Uring().open()) GTEST_SKIP() << "this kernel gives no ring";
  const std::uint64_t few = of_serving(101);
  EXPECT_EQ(few > 0, kAllocationsCounted);
  EXPECT_EQ(of_serving(1009), few);
}

}  // namespace
}  // namespace plateau::httpd
