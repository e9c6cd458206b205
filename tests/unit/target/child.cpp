#include "child.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace plateau::target::test {
namespace {

std::int64_t told_in_child = 0;

}  // namespace

void Child::tell(std::int64_t value) {
  told_in_child = value;
}

pid_t Child::fork_worker() {
  const pid_t parent = getpid();
  const pid_t worker = fork();
  if (worker != 0) return worker;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it died before this could be asked for
  for (;;) pause();
}

Child::Child(const std::function<void()>& body) {
  int ready[2];
  if (pipe(ready) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    if (write(ready[1], &told_in_child, sizeof(told_in_child)) != sizeof(told_in_child)) _exit(1);
    for (;;) pause();
  }
  close(ready[1]);
  if (read(ready[0], &told_, sizeof(told_)) != sizeof(told_)) told_ = 0;
  close(ready[0]);
}

Child::~Child() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

Listener::Listener(int family) : fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(family);
  socklen_t size = sizeof(sockaddr_in6);
  const int on = 1;
  if (family == AF_INET6) {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
  } else {
    size = sizeof(sockaddr_in);
    reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!fd.valid() || bind(fd.get(), generic, size) != 0 || listen(fd.get(), 16) != 0) return;
  if (getsockname(fd.get(), generic, &size) != 0) return;
  port = ntohs(family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                  : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

Connection::Connection(const Listener& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  getsockname(listener.fd.get(), generic, &size);
  client = Fd(socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(client.get(), generic, size) != 0) return;
  server = Fd(accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

}  // namespace plateau::target::test
