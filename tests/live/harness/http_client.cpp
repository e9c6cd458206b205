#include "harness/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr int kTimeoutS = 10;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "\r\nContent-Length: ";

Fd connect_to(std::uint16_t port, int protocol) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol));
  const timeval limit{kTimeoutS, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

std::string own_end(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

bool send_all(int fd, std::string_view text) {
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

// "0100007F:1F90", as /proc/net/tcp has it.
std::string proc_name(const sockaddr_in& address) {
  char name[16];
  std::snprintf(name, sizeof name, "%08X:%04X", address.sin_addr.s_addr, ntohs(address.sin_port));
  return name;
}

// Bytes that wait in the other end of a connection over loopback.
std::size_t unread_by_server(int fd) {
  sockaddr_in own{}, other{};
  socklen_t length = sizeof own;
  getsockname(fd, reinterpret_cast<sockaddr*>(&own), &length);
  length = sizeof other;
  getpeername(fd, reinterpret_cast<sockaddr*>(&other), &length);
  const std::string wanted = proc_name(other) + " " + proc_name(own) + " ";
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    if (line.find(wanted) == std::string::npos) continue;
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues;
    fields >> slot >> local >> remote >> state >> queues;
    return std::stoul(queues.substr(queues.find(':') + 1), nullptr, 16);
  }
  return 0;
}

std::optional<std::uint64_t> number_after(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const char* const begin = text.data() + at + label.size();
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  return error == std::errc() && end != begin ? std::optional(number) : std::nullopt;
}

// One of fetch_all's connections, and the request that it is at.
class Worker {
 public:
  Worker(std::uint16_t port, bool keep_alive) : port_(port), keep_alive_(keep_alive) {}

  bool start(const std::string& path) {
    if (!connection_ || !keep_alive_) connection_.emplace(port_);
    return connection_->connected() && connection_->send(path, keep_alive_);
  }
  HttpConnection& connection() { return *connection_; }

 private:
  std::uint16_t port_;
  bool keep_alive_;
  std::optional<HttpConnection> connection_;
};

}  // namespace

HttpConnection::HttpConnection(std::uint16_t port, int protocol) : socket_(connect_to(port, protocol)) {
  const int on = 1;
  if (connected()) setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connected()) peer_ = own_end(fd());
}

std::string HttpConnection::begin(const std::string& path, bool keep_alive) {
  received_.clear();
  answer_ = {.path = path, .peer = peer_, .seq = sent_++};
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + (keep_alive ? "" : "Connection: close\r\n") +
         "\r\n";
}

bool HttpConnection::send(const std::string& path, bool keep_alive) {
  return send_all(fd(), begin(path, keep_alive));
}

bool HttpConnection::send_split(const std::string& path, std::size_t ahead) {
  const std::string whole = begin(path, true);
  const std::string_view text = whole;
  return send_all(fd(), text.substr(0, ahead)) &&
         wait_until([this] { return unread_by_server(fd()) == 0; }, kTimeoutS * 1000) &&
         send_all(fd(), text.substr(ahead));
}

HttpConnection::Progress HttpConnection::receive() {
  std::array<char, 65536> bytes;
  const ssize_t count = ::recv(fd(), bytes.data(), bytes.size(), 0);
  if (count <= 0) return Progress::failed;
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return parse();
}

HttpConnection::Progress HttpConnection::parse() {
  const std::size_t head_end = received_.find(kHeadEnd);
  if (head_end == std::string::npos) return Progress::incomplete;
  const std::string_view head(received_.data(), head_end);
  const auto status = number_after(head, "HTTP/1.1 ");
  const auto length = number_after(head, kLength);
  if (!status || !length) return Progress::failed;
  const std::uint64_t whole = head_end + kHeadEnd.size() + *length;
  if (received_.size() < whole) return Progress::incomplete;
  if (received_.size() > whole) return Progress::failed;
  answer_.status = static_cast<int>(*status);
  answer_.bytes = whole;
  return Progress::complete;
}

Answer HttpConnection::exchange(const std::string& path) {
  Progress progress = send(path, true) ? Progress::incomplete : Progress::failed;
  while (progress == Progress::incomplete) progress = receive();
  return answer_;
}

std::vector<Answer> fetch_all(std::uint16_t port, const std::vector<std::string>& paths,
                              std::size_t connections, bool keep_alive) {
  std::vector<Answer> answers;
  std::vector<Worker> workers;
  for (std::size_t i = std::min(connections, paths.size()); i > 0; --i)
    workers.emplace_back(port, keep_alive);
  std::vector<pollfd> watched;
  auto next = paths.begin();
  for (Worker& worker : workers) {
    if (!worker.start(*next++)) return answers;
    watched.push_back({worker.connection().fd(), POLLIN, 0});
  }
  while (answers.size() < paths.size()) {
    if (::poll(watched.data(), watched.size(), kTimeoutS * 1000) <= 0) return answers;
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (watched[i].revents == 0) continue;
      const auto progress = workers[i].connection().receive();
      if (progress == HttpConnection::Progress::failed) return answers;
      if (progress == HttpConnection::Progress::incomplete) continue;
      answers.push_back(workers[i].connection().answer());
      const bool more = next != paths.end();
      if (more && !workers[i].start(*next++)) return answers;
      watched[i].fd = more ? workers[i].connection().fd() : -1;
    }
  }
  return answers;
}

}  // namespace plateau::live
