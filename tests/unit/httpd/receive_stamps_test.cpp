#include "httpd/receive_stamps.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "base/fd.h"
#include "httpd/transport.h"

namespace plateau::httpd {
namespace {

// When the kernel received the first byte that goes over a connection to `listener`; 0 if it does not say.
std::uint64_t stamp_of_first_byte(int listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::getsockname(listener, generic, &length), 0);
  EXPECT_EQ(::connect(client.get(), generic, length), 0);
  EXPECT_EQ(::send(client.get(), "x", 1, MSG_NOSIGNAL), 1);
  PlainTransport server(Fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)));
  std::array<char, 8> space;
  std::uint64_t stamp_ns = 0;
  EXPECT_EQ(server.receive(space, &stamp_ns).count, 1u);
  return stamp_ns;
}

// Between the rounds nobody asks for stamps, and the kernel leaves off.
TEST(ReceiveStamps, AreThereAfterTheWait) {
  for (int round = 0; round < 11; ++round) {
    Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ASSERT_EQ(::setsockopt(listener.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    ASSERT_TRUE(wait_for_receive_stamps(5'000'000'000));
    EXPECT_NE(stamp_of_first_byte(listener.get()), 0u) << round;
  }
}

}  // namespace
}  // namespace plateau::httpd
