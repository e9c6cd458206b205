#include "app/lab/nginx.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string_view>

#include "base/fd.h"

namespace plateau::app::lab {
namespace {

// A master that is killed leaves its workers behind, so there is none. The requests of a connection are not
// limited, so that the load never pays for reconnecting.
constexpr std::string_view kTemplate = R"(daemon off;
master_process off;
pid PID;
error_log stderr;
events { worker_connections 16384; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  server {
    listen 127.0.0.1:PORT backlog=4096;
    location / { return 200 "BODY"; }
    DIRECTIVES
  }
}
)";
constexpr std::size_t kBodyBytes = 1024;

void replace(std::string& text, std::string_view name, const std::string& value) {
  const std::size_t at = text.find(name);
  if (at != std::string::npos) text.replace(at, name.size(), value);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

std::string nginx_configuration(std::uint16_t port, const std::string& pid_path,
                                const std::vector<std::string>& directives) {
  std::string lines;
  for (const std::string& directive : directives) lines += directive + ";\n    ";
  std::string text(kTemplate);
  replace(text, "PID", pid_path);
  replace(text, "PORT", std::to_string(port));
  replace(text, "BODY", std::string(kBodyBytes, 'x'));
  replace(text, "DIRECTIVES", lines);
  return text;
}

std::uint16_t free_port() {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.get(), generic, size) != 0 || getsockname(fd.get(), generic, &size) != 0) return 0;
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace plateau::app::lab
