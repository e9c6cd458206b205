#include "httpd/receive_stamps.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/fd.h"
#include "httpd/sleep.h"
#include "httpd/transport.h"

namespace plateau::httpd {
namespace {

constexpr int kInARow = 3;
constexpr std::uint64_t kPauseNs = 1'000'000;

struct Pair {
  Fd client;
  Fd server;  // asks for stamps
};

std::optional<Pair> loopback_pair() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const int on = 1;
  Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (setsockopt(listener.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0 ||
      bind(listener.get(), generic, length) != 0 || listen(listener.get(), 1) != 0 ||
      getsockname(listener.get(), generic, &length) != 0 || connect(client.get(), generic, length) != 0) {
    return std::nullopt;
  }
  Fd server(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!server.valid()) return std::nullopt;
  return Pair{std::move(client), std::move(server)};
}

bool next_is_stamped(Transport& client, Transport& server) {
  std::array<char, 8> space;
  std::uint64_t stamp_ns = 0;
  return client.send("x").status == IoStatus::done &&
         server.receive(space, &stamp_ns).status == IoStatus::done && stamp_ns != 0;
}

}  // namespace

bool wait_for_receive_stamps(std::uint64_t timeout_ns) {
  std::optional<Pair> pair = loopback_pair();
  if (!pair) return false;
  PlainTransport client(std::move(pair->client));
  PlainTransport server(std::move(pair->server));
  const std::uint64_t deadline = monotonic_ns() + timeout_ns;
  int stamped = 0;
  while (true) {
    stamped = next_is_stamped(client, server) ? stamped + 1 : 0;
    const std::uint64_t now = monotonic_ns();
    if (stamped == kInARow || now >= deadline) return stamped == kInARow;
    sleep_until_ns(now + kPauseNs);
  }
}

}  // namespace plateau::httpd
