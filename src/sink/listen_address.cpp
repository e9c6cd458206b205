#include "sink/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/fd.h"

namespace plateau::sink {
namespace {

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

sockaddr_in socket_address(const ListenAddress& address) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr);
  return v4;
}

std::string reason(int error) {
  if (error == EADDRINUSE) return "address in use";
  if (error == EACCES) return "permission denied";
  if (error == EADDRNOTAVAIL) return "no such address on this machine";
  return std::strerror(error);
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  ListenAddress address;
  address.host = host.empty() || host == "localhost" ? "127.0.0.1" : std::string(host);
  in_addr ip{};
  if (parse_port(port, address.port) && inet_pton(AF_INET, address.host.c_str(), &ip) == 1) return address;
  return fail(
      "'" + std::string(text) + "' is not an address to listen on: write it as 127.0.0.1:9464 (IPv4 only)",
      ExitCode::usage);
}

void knock(const ListenAddress& address) {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_in to = socket_address(address);
  if (fd.valid())
    (void)connect(fd.get(), static_cast<const sockaddr*>(static_cast<const void*>(&to)), sizeof(to));
}

std::string why_not_listen(const ListenAddress& address) {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in to = socket_address(address);
  const int on = 1;
  if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(fd.get(), static_cast<const sockaddr*>(static_cast<const void*>(&to)), sizeof(to)) != 0 ||
      listen(fd.get(), 1) != 0)
    return reason(errno);
  return "";
}

}  // namespace plateau::sink
