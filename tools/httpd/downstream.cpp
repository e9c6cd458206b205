#include "httpd/downstream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "httpd/downstream_message.h"

namespace plateau::httpd {
namespace {

Error start_error(const char* what) {
  return fail(std::string("--downstream: ") + what + ": " + std::strerror(errno));
}

Result<Fd> listen_on_loopback(sockaddr_in& address, int backlog) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  sockaddr* const generic = reinterpret_cast<sockaddr*>(&address);
  if (!socket.valid() || bind(socket.get(), generic, length) != 0 || listen(socket.get(), backlog) != 0 ||
      getsockname(socket.get(), generic, &length) != 0) {
    return start_error("cannot listen for the helper");
  }
  return socket;
}

// Between fork and exec only what is safe after a fork of a program with threads.
[[noreturn]] void become_helper(const std::array<const char*, 7>& arguments, int listener, int life) {
  setsid();
  if (fork() != 0) _exit(0);
  const int nowhere = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= 2; ++fd) dup2(nowhere, fd);
  fcntl(listener, F_SETFD, 0);
  fcntl(life, F_SETFD, 0);
  execv("/proc/self/exe", const_cast<char* const*>(arguments.data()));
  _exit(127);
}

Status spawn_helper(int listener, int life, std::uint32_t connections, std::uint64_t delay_ns) {
  const std::array<std::string, 4> numbers = {std::to_string(listener), std::to_string(life),
                                              std::to_string(connections), std::to_string(delay_ns)};
  const std::array<const char*, 7> arguments = {"plateau-downstream",
                                                kDownstreamHelper,
                                                numbers[0].c_str(),
                                                numbers[1].c_str(),
                                                numbers[2].c_str(),
                                                numbers[3].c_str(),
                                                nullptr};
  const pid_t child = fork();
  if (child == 0) become_helper(arguments, listener, life);
  if (child < 0) return start_error("cannot start the helper");
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return success();
}

}  // namespace

Result<std::unique_ptr<Downstream>> Downstream::start(std::uint32_t connections, std::uint64_t delay_ns) {
  sockaddr_in address{};
  Result<Fd> listener = listen_on_loopback(address, static_cast<int>(connections));
  if (!listener) return listener.error();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return start_error("pipe");
  const Fd helpers_end(ends[0]);
  std::unique_ptr<Downstream> made(new Downstream);
  made->life_ = Fd(ends[1]);
  if (Status status = spawn_helper(listener->get(), helpers_end.get(), connections, delay_ns); !status) {
    return status.error();
  }
  for (std::uint32_t i = 0; i < connections; ++i) {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (!socket.valid() ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
      return start_error("cannot connect to the helper");
    }
    made->free_.push_back(socket.get());
    made->sockets_.push_back(std::move(socket));
  }
  return made;
}

int Downstream::take() {
  std::unique_lock lock(mutex_);
  given_back_.wait(lock, [this] { return !free_.empty(); });
  const int connection = free_.back();
  free_.pop_back();
  return connection;
}

void Downstream::give_back(int connection) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(connection);
  }
  given_back_.notify_one();
}

void Downstream::ask(int connection) {
  DownstreamMessage message{};
  const bool answered = ::send(connection, message.data(), message.size(), MSG_NOSIGNAL) > 0 &&
                        ::recv(connection, message.data(), message.size(), MSG_WAITALL) > 0;
  static std::atomic_flag said;
  if (!answered && !said.test_and_set()) {
    std::fputs("plateau-httpd: the downstream helper has gone; requests go on without it\n", stderr);
  }
}

}  // namespace plateau::httpd
