// From a request's head to what will be answered.
#pragma once

#include <cstdint>
#include <string_view>

#include "httpd/request_head.h"

namespace plateau::httpd {

enum class RouteKind : std::uint8_t { root, bytes, user, echo, status, chunked, error };

struct Route {
  RouteKind kind = RouteKind::error;
  int status = 200;
  std::uint64_t number = 0;     // of /bytes/{n}, /users/{id} and /chunked/{n}
  std::string_view allow = {};  // methods to name in a 405; static storage
};

// Never fails: what cannot be served comes back as RouteKind::error with 400, 404, 405 or 501.
Route route_of(const RequestHead& head);

}  // namespace plateau::httpd
