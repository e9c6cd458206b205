#include "load/address.h"

#include <netdb.h>

#include <cstring>
#include <memory>

namespace plateau::load {

Result<Address> resolve(const Url& url) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &list);
  if (error != 0) return fail("cannot resolve " + url.host + ": " + gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, list->ai_addr, list->ai_addrlen);
  address.length = list->ai_addrlen;
  return address;
}

}  // namespace plateau::load
