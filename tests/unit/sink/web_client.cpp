#include "web_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace plateau::sink {

Fd connect_to(std::uint16_t port) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{10, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (connect(fd.get(), static_cast<const sockaddr*>(static_cast<const void*>(&to)), sizeof(to)) != 0)
    return Fd();
  return fd;
}

bool send_text(const Fd& connection, const std::string& text) {
  return send(connection.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::string read_all(const Fd& connection) {
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = read(connection.get(), buffer, sizeof(buffer))) > 0;)
    answer.append(buffer, static_cast<std::size_t>(n));
  return answer;
}

std::string get(std::uint16_t port, const std::string& path, const std::string& headers) {
  const Fd connection = connect_to(port);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: plateau\r\nConnection: close\r\n" + headers + "\r\n";
  return connection.valid() && send_text(connection, request) ? read_all(connection) : "";
}

std::string body_of(const std::string& answer) {
  const std::size_t blank = answer.find("\r\n\r\n");
  return blank == std::string::npos ? "" : answer.substr(blank + 4);
}

}  // namespace plateau::sink
