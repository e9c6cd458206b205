// The listening socket and the process limits it needs.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "httpd/options.h"

namespace plateau::httpd {

struct Listener {
  Fd socket;            // non-blocking
  std::string address;  // as in "127.0.0.1:8080", with the port the kernel picked
};

// Binds and listens. Accepted sockets inherit TCP_NODELAY and, with --truth-stamps, receive timestamps.
Result<Listener> listen_on(const Options& options);

// One more listener on the same address, with SO_REUSEPORT.
Result<Fd> listen_beside(int listener, const Options& options);

enum class AcceptStatus : std::uint8_t {
  accepted,
  none,      // nobody is waiting
  exhausted  // no descriptors or memory; try again later
};

struct Accepted {
  AcceptStatus status = AcceptStatus::none;
  Fd socket;
  std::string peer;  // as in "127.0.0.1:43210"; empty unless asked for
};

// Takes the next waiting connection; the socket is non-blocking if `non_blocking`.
Accepted accept_from(int listener, bool non_blocking, bool want_peer);

// The other end's address, as in "127.0.0.1:43210".
std::string peer_of(int socket);

// Raises the soft limit of open files to the hard one.
void raise_file_limit();

}  // namespace plateau::httpd
