// The socket that the web server listens on.
#pragma once

#include <cstdint>

#include "base/fd.h"
#include "base/result.h"
#include "sink/listen_address.h"

namespace plateau::sink::web {

struct Listener {
  Fd socket;
  std::uint16_t port = 0;  // as given, or the one that the kernel chose
};

// Fails if the address is taken or not to be had, and says why.
Result<Listener> listen_on(const ListenAddress& address);

}  // namespace plateau::sink::web
