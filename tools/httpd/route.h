// From a request's head to what will be answered.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "httpd/request_head.h"

namespace plateau::httpd {

enum class RouteKind : std::uint8_t {
  root,
  bytes,
  user,
  order,
  echo,
  json,
  status,
  chunked,
  file,
  options,
  error
};

struct Route {
  RouteKind kind = RouteKind::error;
  int status = 200;
  std::string_view pattern = {};              // as in "/users/{id}"; static storage, empty if none matched
  std::array<std::uint64_t, 2> numbers = {};  // the values of {…}, in order
  std::string_view rest = {};                 // of /static/{path}; points into the head's path
  std::string_view allow = {};                // methods to name in a 405; static storage
};

// Never fails: what cannot be served comes back as RouteKind::error with 400, 404, 405 or 501.
Route route_of(const RequestHead& head);

}  // namespace plateau::httpd
