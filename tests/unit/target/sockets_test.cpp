#include "target/sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "child.h"
#include "target/proc_net.h"

namespace plateau::target::test {
namespace {

using testing::ElementsAre;

bool listens(const Sockets& sockets, std::string_view address, std::uint16_t port) {
  return std::any_of(sockets.listening.begin(), sockets.listening.end(), [&](const Socket& socket) {
    return socket.address == address && socket.port == port && socket.listening;
  });
}

TEST(SocketsOf, ListsWhereAProcessListens) {
  const Listener v4(AF_INET);
  ASSERT_NE(v4.port, 0);
  EXPECT_TRUE(listens(sockets_of(getpid()), "127.0.0.1", v4.port));
}

TEST(SocketsOf, ListsIPv6) {
  const Listener v6(AF_INET6);
  if (v6.port == 0) GTEST_SKIP() << "no IPv6 loopback here";
  EXPECT_TRUE(listens(sockets_of(getpid()), "[::1]", v6.port));
}

TEST(SocketsOf, ForgetsWhatIsClosed) {
  Listener listener(AF_INET);
  listener.fd.reset();
  EXPECT_FALSE(listens(sockets_of(getpid()), "127.0.0.1", listener.port));
}

TEST(SocketsOf, NamesASocketWithTwoDescriptorsOnce) {
  const Listener listener(AF_INET);
  const Fd again(dup(listener.fd.get()));
  const auto sockets = sockets_of(getpid()).listening;
  EXPECT_EQ(
      std::count_if(sockets.begin(), sockets.end(), [&](const Socket& s) { return s.port == listener.port; }),
      1);
}

TEST(SocketsOf, CountsEstablishedConnections) {
  const Listener listener(AF_INET);
  const std::size_t before = sockets_of(getpid()).connections;
  const Connection one(listener), two(listener);
  ASSERT_TRUE(one.server.valid() && two.server.valid());
  EXPECT_EQ(sockets_of(getpid()).connections, before + 4);  // both ends of both are ours
}

TEST(ParseUnixListener, TakesStreamSocketsThatListen) {
  const auto named = parse_unix_listener("00000: 00000002 00000000 00010000 0001 01 11429 /run/a b.sock");
  ASSERT_TRUE(named.has_value());
  EXPECT_EQ(named->inode, 11429u);
  EXPECT_EQ(named->path, "/run/a b.sock");
  const auto abstract = parse_unix_listener("00000: 00000002 00000000 00010000 0001 01 11430 @x\x1b[31m");
  ASSERT_TRUE(abstract.has_value());
  EXPECT_EQ(abstract->path, "@x?[31m");
  for (const char* const other : {"Num       RefCount Protocol Flags    Type St Inode Path", "",
                                  "00000: 00000003 00000000 00000000 0001 03 11431 /run/connected",
                                  "00000: 00000002 00000000 00010000 0005 01 11432 /run/packets",
                                  "00000: 00000002 00000000 00010000 0001 01 11433", "00000: 1 1"})
    EXPECT_FALSE(parse_unix_listener(other).has_value()) << other;
}

TEST(SocketsOf, OrdersByPort) {
  const Listener a(AF_INET), b(AF_INET), c(AF_INET);
  const auto sockets = sockets_of(getpid()).listening;
  EXPECT_TRUE(std::is_sorted(sockets.begin(), sockets.end(),
                             [](const Socket& x, const Socket& y) { return x.port < y.port; }));
  EXPECT_GE(sockets.size(), 3u);
}

TEST(SocketsOf, AreNoneWhereThereIsNoProcess) {
  const Sockets none = sockets_of(2147483647);
  EXPECT_TRUE(none.listening.empty());
  EXPECT_EQ(none.connections, 0u);
}

// A server whose workers inherit its listening socket.
TEST(FindByPort, FindsTheOutermostOfThoseThatListen) {
  const Child server([] {
    static const Listener listener(AF_INET);
    const pid_t worker = Child::fork_worker();
    Child::tell(static_cast<std::int64_t>(worker) * 65536 + listener.port);
  });
  const auto worker = static_cast<pid_t>(server.told() / 65536);
  const auto port = static_cast<std::uint16_t>(server.told() % 65536);
  const auto found = find_by_port(port);
  EXPECT_TRUE(listens(sockets_of(worker), "127.0.0.1", port));
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(*found, ElementsAre(server.pid()));
}

TEST(FindByPort, FindsAnIPv6Listener) {
  const Child server([] {
    static const Listener listener(AF_INET6);
    Child::tell(listener.port);
  });
  if (server.told() == 0) GTEST_SKIP() << "no IPv6 loopback here";
  const auto found = find_by_port(static_cast<std::uint16_t>(server.told()));
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(*found, ElementsAre(server.pid()));
}

TEST(FindByPort, SaysThatNothingListens) {
  std::uint16_t port = 0;
  {
    const Listener listener(AF_INET);
    port = listener.port;
  }
  const auto none = find_by_port(port);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ExitCode::no_target);
  EXPECT_NE(none.error().message.find(std::to_string(port)), std::string::npos);
}

TEST(FindByPort, DoesNotTakeAConnectionForAListener) {
  Listener listener(AF_INET);
  const Connection connection(listener);
  ASSERT_TRUE(connection.server.valid());
  listener.fd.reset();
  EXPECT_FALSE(find_by_port(listener.port).ok());
}

}  // namespace
}  // namespace plateau::target::test
