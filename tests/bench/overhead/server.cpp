#include "overhead/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "overhead/cpu_time.h"

namespace plateau::overhead {
namespace {

constexpr int kStartMs = 10'000;

// daemon off keeps the master our child; the requests of a connection are not limited, so that the load never
// pays for reconnecting.
constexpr std::string_view kNginxConfiguration = R"(daemon off;
worker_processes 1;
pid FOLDER/pid;
error_log stderr;
events { worker_connections 16384; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi;
  scgi_temp_path FOLDER/scgi;
  server {
    listen 127.0.0.1:PORT backlog=4096;
    location / { return 200 "BODY"; }
  }
}
)";
constexpr std::size_t kBodyBytes = 128;

std::string replaced(std::string text, std::string_view name, const std::string& value) {
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size())
    text.replace(at, name.size(), value);
  return text;
}

Fd bound_socket(std::uint16_t port, sockaddr_in& address) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) fd.reset();
  return fd;
}

// Free a moment ago: the kernel gave it to a socket that is closed again. 0 if there is none.
std::uint16_t free_port() {
  sockaddr_in address;
  const Fd fd = bound_socket(0, address);
  socklen_t size = sizeof(address);
  if (!fd.valid() || getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

const char* server_name(ServerKind kind) {
  if (kind == ServerKind::nginx) return "nginx";
  return kind == ServerKind::httpd ? "plateau-httpd" : "plateau-httpd that waits";
}

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  path_ = (std::filesystem::temp_directory_path(error) / "plateau-overhead-XXXXXX").string();
  if (error || mkdtemp(path_.data()) == nullptr) path_.clear();
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Server::Server(TemporaryFolder folder, Child child, std::uint16_t port)
    : folder_(std::move(folder)), child_(std::move(child)), port_(port) {}

std::string Server::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/";
}

Result<Server> Server::start(ServerKind kind) {
  if (kind == ServerKind::nginx) return start_nginx();
  if (kind == ServerKind::httpd) return start_httpd({"--preset", "fast"});
  return start_httpd({"--engine", "thread", "--section", "global", "--hold", "20us", "--sleep", "100us"});
}

Result<Server> Server::start_nginx() {
  TemporaryFolder folder;
  const std::uint16_t port = free_port();
  if (folder.path().empty() || port == 0) return fail("cannot make a temporary folder or find a free port");
  const std::string file = folder.path() + "/nginx.conf";
  std::string text = replaced(std::string(kNginxConfiguration), "FOLDER", folder.path());
  text =
      replaced(replaced(std::move(text), "PORT", std::to_string(port)), "BODY", std::string(kBodyBytes, 'x'));
  if (!(std::ofstream(file) << text << std::flush)) return fail("cannot write " + file);
  auto child = Child::start({{"nginx", "-c", file, "-e", "stderr"}, kServerCpu});
  if (!child) return child.error();
  const pid_t pid = child->pid();
  const auto ready = [&] { return answers(port) && process_tree(pid).size() > 1; };
  if (auto up = child->wait_until(ready, kStartMs, "its worker"); !up) return up.error();
  return Server(std::move(folder), std::move(*child), port);
}

Result<Server> Server::start_httpd(const std::vector<std::string>& switches) {
  Command command{{PLATEAU_HTTPD, "--port", "0"}, kServerCpu};
  command.arguments.insert(command.arguments.end(), switches.begin(), switches.end());
  auto child = Child::start(command);
  if (!child) return child.error();
  constexpr std::string_view announcement = "listening on 127.0.0.1:";
  const auto announced = [&] {
    const std::size_t found = child->err().find(announcement);
    return found != std::string::npos && child->err().find('\n', found) != std::string::npos;
  };
  if (auto up = child->wait_until(announced, kStartMs, "its announcement"); !up) return up.error();
  const char* const digits = child->err().data() + child->err().find(announcement) + announcement.size();
  std::uint16_t port = 0;
  std::from_chars(digits, child->err().data() + child->err().size(), port);
  if (port == 0) return fail("plateau-httpd does not say its port");
  return Server(TemporaryFolder(), std::move(*child), port);
}

}  // namespace plateau::overhead
