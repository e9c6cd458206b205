// handover MODE: HTTP servers whose sockets go from process to process. Each answers a path with the path.
//
//   workers      on SIGUSR1 forks three workers, each of which executes this program anew on the listener
//   listener     on SIGUSR1 hands its listener to a worker that it has already (SCM_RIGHTS)
//   connections  accepts, and hands each connection to one of two workers (SCM_RIGHTS)
//   both         serves IPv6 and IPv4 on one socket
//   unix PATH    serves on a Unix socket
//   mptcp        serves on a socket made for MPTCP
//   late_mptcp   the same, but begins to listen on SIGUSR1
//   reuse        has other things under the number of each connection's descriptor before the next comes
//   launch PROGRAM ARGUMENT…  on SIGUSR1 forks a child that executes the program
//   serve FD     what a worker is
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace {

using plateau::Fd;

constexpr int kBacklog = 1024;

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

struct Connection {
  Fd fd;
  std::string in;
};

// Answers the requests that are whole; false: the connection is over.
bool answer(Connection& connection) {
  std::array<char, 8192> bytes;
  const ssize_t got = ::recv(connection.fd.get(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  connection.in.append(bytes.data(), static_cast<std::size_t>(got));
  for (std::size_t end = 0; (end = connection.in.find("\r\n\r\n")) != std::string::npos;) {
    const std::string head = connection.in.substr(0, end + 2);
    connection.in.erase(0, end + 4);
    const std::size_t at = head.find(' ') + 1;
    const std::string path = head.substr(at, head.find(' ', at) - at);
    const bool last = head.find("\r\nConnection: close\r\n") != std::string::npos;
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(path.size()) +
                             (last ? "\r\nConnection: close" : "") + "\r\n\r\n" + path;
    if (::send(connection.fd.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0 || last) return false;
  }
  return true;
}

// A descriptor that came over a Unix socket; invalid: none is to come.
Fd take(int from) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  if (::recvmsg(from, &message, MSG_CMSG_CLOEXEC) <= 0) return Fd();
  int fd = -1;
  const cmsghdr* const head = CMSG_FIRSTHDR(&message);
  if (head != nullptr) std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
  return Fd(fd);
}

bool hand(int to, int fd) {
  char byte = 'f';
  iovec data{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  cmsghdr* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(head), &fd, sizeof fd);
  return ::sendmsg(to, &message, MSG_NOSIGNAL) == 1;
}

bool reuses = false;

// What looks like HTTP goes through a pipe and a file under a descriptor's number that was a connection's.
void haunt(int number) {
  constexpr std::string_view kGhost =
      "GET /ghost HTTP/1.1\r\n\r\nHTTP/1.1 500 Ghost\r\nContent-Length: 0\r\n\r\n";
  std::array<char, 128> bytes;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  const Fd out(ends[0]), in(ends[1]);
  const Fd file(::memfd_create("ghost", MFD_CLOEXEC));
  const auto whole = static_cast<ssize_t>(kGhost.size());
  if (out.get() > number || ::write(in.get(), kGhost.data(), kGhost.size()) != whole ||
      ::read(out.get(), bytes.data(), bytes.size()) != whole ||
      ::write(file.get(), kGhost.data(), kGhost.size()) != whole ||
      ::pread(file.get(), bytes.data(), bytes.size(), 0) != whole)
    fail("a ghost");
}

// `next` gives the next connection: accepted on `source`, or received over it. Several may wait for one
// source: it does not block.
template <class Next>
int serve(int source, const Next& next) {
  std::vector<Connection> connections;
  for (;;) {
    std::vector<pollfd> watched{{source, POLLIN, 0}};
    for (const Connection& connection : connections) watched.push_back({connection.fd.get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    for (std::size_t i = 1; i < watched.size(); i++)
      if (watched[i].revents != 0 && !answer(connections[i - 1])) {
        const int number = connections[i - 1].fd.get();
        connections[i - 1].fd.reset();
        if (reuses) haunt(number);
      }
    std::erase_if(connections, [](const Connection& connection) { return !connection.fd.valid(); });
    if (watched[0].revents == 0) continue;
    if (Fd fd = next(); fd.valid()) connections.push_back({std::move(fd), {}});
  }
}

int serve_listener(int listener) {
  return serve(listener, [listener] { return Fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)); });
}

void await_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  int number = 0;
  while (sigwait(&set, &number) != 0) {
  }
}

Fd listen_on(int family, const std::string& path, int protocol = 0, bool late = false) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK, protocol));
  if (!fd.valid()) fail("socket");
  sockaddr_storage address{};
  socklen_t length = sizeof(sockaddr_in);
  if (family == AF_UNIX) {
    auto* const local = reinterpret_cast<sockaddr_un*>(&address);
    path.copy(local->sun_path, sizeof local->sun_path - 1);
    length = sizeof *local;
  } else if (family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr = in6addr_any;
    length = sizeof(sockaddr_in6);
  } else {
    reinterpret_cast<sockaddr_in*>(&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  address.ss_family = static_cast<sa_family_t>(family);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, length) != 0 || ::getsockname(fd.get(), generic, &length) != 0) fail("bind");
  if (!late && ::listen(fd.get(), kBacklog) != 0) fail("listen");
  if (family == AF_UNIX)
    std::fprintf(stderr, "listening on %s\n", path.c_str());
  else
    std::fprintf(stderr, "listening on 127.0.0.1:%u\n",
                 static_cast<unsigned>(ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port)));
  if (!late) return fd;
  await_signal();
  if (::listen(fd.get(), kBacklog) != 0) fail("listen");
  std::fputs("listens now\n", stderr);
  return fd;
}

pid_t fork_worker() {
  const pid_t worker = ::fork();
  if (worker == 0) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return worker;
}

[[noreturn]] void idle() {
  for (;;) ::pause();
}

int run_workers(char* program) {
  const Fd listener = listen_on(AF_INET, "");
  await_signal();
  std::string text = std::to_string(listener.get()), mode = "serve";
  for (int i = 0; i < 3; i++) {
    if (fork_worker() != 0) continue;
    std::array<char*, 4> arguments{program, mode.data(), text.data(), nullptr};
    ::execv("/proc/self/exe", arguments.data());
    std::_Exit(1);
  }
  std::fputs("workers\n", stderr);
  idle();
}

// A worker that serves what comes over the socket returned.
Fd start_taker(bool listeners) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) std::exit(1);
  Fd ours(pair[0]);
  const Fd theirs(pair[1]);
  if (fork_worker() != 0) return ours;
  ours.reset();
  if (listeners) {
    const Fd listener = take(theirs.get());
    std::exit(serve_listener(listener.get()));
  }
  std::exit(serve(theirs.get(), [&] { return take(theirs.get()); }));
}

int run_listener() {
  const Fd worker = start_taker(true);
  Fd listener = listen_on(AF_INET, "");
  await_signal();
  if (!hand(worker.get(), listener.get())) return 1;
  listener.reset();
  std::fputs("handed over\n", stderr);
  idle();
}

int run_launch(char** command) {
  std::fputs("waiting\n", stderr);
  await_signal();
  if (fork_worker() == 0) {
    ::execv(command[0], command);
    std::_Exit(1);
  }
  idle();
}

int run_connections() {
  const std::array<Fd, 2> workers{start_taker(false), start_taker(false)};
  const Fd listener = listen_on(AF_INET, "");
  for (std::size_t i = 0;;) {
    pollfd ready{listener.get(), POLLIN, 0};
    ::poll(&ready, 1, -1);
    const Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.valid() && !hand(workers[i++ % workers.size()].get(), connection.get())) return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "workers") return run_workers(argv[0]);
  if (mode == "listener") return run_listener();
  if (mode == "connections") return run_connections();
  reuses = mode == "reuse";
  if (reuses) return serve_listener(listen_on(AF_INET, "").get());
  if (mode == "launch" && argc > 2) return run_launch(argv + 2);
  if (mode == "both") return serve_listener(listen_on(AF_INET6, "").get());
  if (mode == "unix" && argc > 2) return serve_listener(listen_on(AF_UNIX, argv[2]).get());
  if (mode == "mptcp" || mode == "late_mptcp")
    return serve_listener(listen_on(AF_INET, "", IPPROTO_MPTCP, mode == "late_mptcp").get());
  if (mode == "serve" && argc > 2) return serve_listener(std::atoi(argv[2]));
  std::fputs(
      "usage: handover workers|listener|connections|both|unix PATH|mptcp|late_mptcp|reuse|launch PROGRAM\n",
      stderr);
  return 2;
}
