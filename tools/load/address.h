// Where the load goes.
#pragma once

#include <sys/socket.h>

#include "base/result.h"
#include "load/url.h"

namespace plateau::load {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// The first address that the URL's host and port resolve to.
Result<Address> resolve(const Url& url);

}  // namespace plateau::load
