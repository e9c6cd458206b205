#include "harness/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "harness/http_client.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr int kStartMs = 30'000;
constexpr int kStopMs = 30'000;
constexpr std::uint64_t kFiles = 4096;
constexpr const char* kNginx = "/usr/sbin/nginx";

std::uint16_t announced_port(Child& child) {
  const std::string line = child.wait_for_line("listening on ", kStartMs);
  const std::size_t colon = line.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) std::from_chars(line.data() + colon + 1, line.data() + line.size(), port);
  return port;
}

// It answers a path with the path.
std::string nginx_configuration(const std::string& folder, std::uint16_t port, int workers) {
  return "daemon off; worker_processes " + std::to_string(workers) + "; pid " + folder +
         "/nginx.pid;\n"
         "error_log stderr warn; worker_rlimit_nofile 4096; events { worker_connections 2048; }\n"
         "http { access_log off; client_body_temp_path " +
         folder + "/body; proxy_temp_path " + folder + "/proxy; fastcgi_temp_path " + folder +
         "/fastcgi; uwsgi_temp_path " + folder + "/uwsgi; scgi_temp_path " + folder +
         "/scgi;\n"
         "  keepalive_requests 1000000; keepalive_timeout 300s; default_type text/plain;\n"
         "  server { listen 127.0.0.1:" +
         std::to_string(port) + " backlog=1024; location / { return 200 $request_uri; } } }\n";
}

}  // namespace

Server::~Server() {
  if (child_) stop();
}

std::string Server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::string Server::distinct_path(std::uint64_t i) const {
  if (sized_paths_) return "/bytes/" + std::to_string(i);
  return "/n/" + std::to_string(i) + "/" + std::string(i % 503, 'x');
}

int Server::stop() {
  child_->signal(SIGTERM);
  return child_->finish(kStopMs);
}

Server start_httpd(const std::vector<std::string>& switches, const ChildOptions& options) {
  std::vector<std::string> command = {PLATEAU_HTTPD};
  command.insert(command.end(), switches.begin(), switches.end());
  if (std::find(switches.begin(), switches.end(), "--port") == switches.end())
    command.insert(command.end(), {"--port", "0"});
  Server server;
  server.child_ = std::make_unique<Child>(command, options);
  server.port_ = announced_port(*server.child_);
  server.sized_paths_ = true;
  return server;
}

Server start_nginx(int workers) {
  Server server;
  server.folder_ = std::make_unique<Folder>();
  const std::string configuration = server.folder_->file("nginx.conf");
  const std::uint16_t port = free_port();
  write_file(configuration, nginx_configuration(server.folder_->path(), port, workers));
  server.child_ = std::make_unique<Child>(
      std::vector<std::string>{kNginx, "-p", server.folder_->path(), "-c", configuration},
      ChildOptions{.open_files = kFiles});
  const auto up = [&] {
    return children_of(server.pid()).size() == static_cast<std::size_t>(workers) &&
           HttpConnection(port).connected();
  };
  if (wait_until(up, kStartMs)) server.port_ = port;
  return server;
}

Server start_go() {
  Server server;
  server.child_ =
      std::make_unique<Child>(std::vector<std::string>{GO_HTTP}, ChildOptions{.open_files = kFiles});
  server.port_ = announced_port(*server.child_);
  return server;
}

Server start_go_stages(const std::vector<std::string>& switches, const std::string& build) {
  std::vector<std::string> command = {std::string(GO_STAGES) + build};
  command.insert(command.end(), switches.begin(), switches.end());
  Server server;
  server.child_ = std::make_unique<Child>(command, ChildOptions{.open_files = kFiles});
  server.port_ = announced_port(*server.child_);
  return server;
}

Server start_ring(const std::vector<std::string>& switches) {
  std::vector<std::string> command = {RING};
  command.insert(command.end(), switches.begin(), switches.end());
  Server server;
  server.child_ = std::make_unique<Child>(command, ChildOptions{});
  server.port_ = announced_port(*server.child_);
  return server;
}

Server start_handover(const std::string& mode) {
  Server server;
  server.child_ = std::make_unique<Child>(std::vector<std::string>{HANDOVER, mode});
  server.port_ = announced_port(*server.child_);
  return server;
}

std::string missing_nginx() {
  return std::filesystem::exists(kNginx) ? "" : std::string(kNginx) + " is not installed";
}

std::string missing_go() {
  return std::string_view(GO_HTTP).empty() ? "no Go compiler was found when the build was configured" : "";
}

std::uint16_t free_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, length) != 0 || ::getsockname(fd.get(), generic, &length) != 0) return 0;
  return ntohs(address.sin_port);
}

std::vector<pid_t> children_of(pid_t pid) {
  const std::string text = std::to_string(pid);
  std::ifstream file("/proc/" + text + "/task/" + text + "/children");
  std::vector<pid_t> pids;
  for (pid_t child = 0; file >> child;) pids.push_back(child);
  return pids;
}

std::vector<pid_t> threads_of(pid_t pid) {
  std::vector<pid_t> tids;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", error)) {
    tids.push_back(static_cast<pid_t>(std::stol(entry.path().filename())));
  }
  return tids;
}

}  // namespace plateau::live
