#include "scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <csignal>

#include "base/clock.h"
#include "tls_identity.h"

namespace plateau::e2e {
namespace {

constexpr timeval kLongest{10, 0};

}  // namespace

Peer::Peer(Fd socket, SSL_CTX* tls) : socket_(std::move(socket)) {
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kLongest, sizeof kLongest);
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kLongest, sizeof kLongest);
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  SSL_set_fd(ssl_, socket_.get());
  if (SSL_accept(ssl_) != 1) socket_.reset();
}

Peer::~Peer() {
  if (ssl_ != nullptr && socket_.valid()) SSL_shutdown(ssl_);
  SSL_free(ssl_);
}

long Peer::read_some(char* into, std::size_t size) {
  if (!socket_.valid()) return 0;
  if (ssl_ != nullptr) return SSL_read(ssl_, into, static_cast<int>(size));
  return ::recv(socket_.get(), into, size, 0);
}

std::string Peer::read_head() {
  while (true) {
    const std::size_t end = received_.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::string head = received_.substr(0, end + 4);
      received_.erase(0, end + 4);
      return head;
    }
    std::array<char, 4096> bytes;
    const long count = read_some(bytes.data(), bytes.size());
    if (count <= 0) return {};
    received_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

void Peer::write(std::string_view bytes) {
  if (socket_.valid() && ssl_ != nullptr) SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  while (socket_.valid() && ssl_ == nullptr && !bytes.empty()) {
    const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Peer::answer(std::string_view body, std::string_view fields) {
  std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  write(text.append(fields).append("\r\n").append(body));
}

void Peer::finish() {
  if (ssl_ != nullptr && socket_.valid()) SSL_shutdown(ssl_);
  ::shutdown(socket_.get(), SHUT_WR);
  std::array<char, 4096> bytes;
  while (socket_.valid() && ::recv(socket_.get(), bytes.data(), bytes.size(), 0) > 0) {
  }
  socket_.reset();
}

void Peer::reset() {
  const linger at_once{1, 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.reset();
}

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listen();
}

ScriptedServer::ScriptedServer(Script script, TlsServer tls)
    : script_(std::move(script)), refuse_every_(tls.refuse_every) {
  std::signal(SIGPIPE, SIG_IGN);
  tls_.reset(make_server_context());
  if (tls_ && tls.version != 0) {
    SSL_CTX_set_min_proto_version(tls_.get(), tls.version);
    SSL_CTX_set_max_proto_version(tls_.get(), tls.version);
  }
  listen();
}

void ScriptedServer::listen() {
  listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), length);
  ::listen(listener_.get(), 1024);
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

void ScriptedServer::accept_all() {
  for (int number = 0;; ++number) {
    Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) return;
    if (refuse_every_ != 0 && number % refuse_every_ == refuse_every_ - 1) continue;
    const std::lock_guard lock(mutex_);
    accepted_.push_back(monotonic_ns());
    threads_.emplace_back([this, number, fd = socket.release()] {
      Peer peer(Fd(fd), tls_.get());
      script_(peer, number);
    });
  }
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  threads_.clear();
}

std::string ScriptedServer::url(const std::string& path) const {
  return (tls_ ? "https" : "http") + std::string("://127.0.0.1:") + std::to_string(port_) + path;
}

std::vector<std::uint64_t> ScriptedServer::accepted() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

}  // namespace plateau::e2e
