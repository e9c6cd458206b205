#include "httpd/route.h"

#include <limits>

#include "httpd/options.h"
#include "toolkit/duration.h"

namespace plateau::httpd {
namespace {

Route error(int status) {
  return {.kind = RouteKind::error, .status = status};
}

struct Numbered {
  std::string_view prefix;
  RouteKind kind;
  std::uint64_t max;
};

constexpr Numbered kNumbered[] = {
    {"/bytes/", RouteKind::bytes, kMaxBody},
    {"/chunked/", RouteKind::chunked, kMaxBody},
    {"/users/", RouteKind::user, std::numeric_limits<std::uint64_t>::max()},
    {"/status/", RouteKind::status, 599},
};

Route numbered(std::string_view path) {
  for (const Numbered& row : kNumbered) {
    if (!path.starts_with(row.prefix)) continue;
    const auto number = toolkit::parse_number(path.substr(row.prefix.size()), row.max);
    if (!number) return error(400);
    if (row.kind != RouteKind::status) return {.kind = row.kind, .number = *number};
    if (*number < 200) return error(400);
    return {.kind = row.kind, .status = static_cast<int>(*number)};
  }
  return error(404);
}

}  // namespace

Route route_of(const RequestHead& head) {
  if (head.kind == Method::unknown) return error(501);
  const bool reads = head.kind == Method::get || head.kind == Method::head;
  Route route;
  if (head.path == "/") {
    route.kind = RouteKind::root;
  } else if (head.path == "/echo") {
    route.kind = RouteKind::echo;
  } else {
    route = numbered(head.path);
  }
  if (route.kind == RouteKind::error) return route;
  const bool allowed = route.kind == RouteKind::echo ? head.kind == Method::post : reads;
  if (allowed) return route;
  return {
      .kind = RouteKind::error, .status = 405, .allow = route.kind == RouteKind::echo ? "POST" : "GET, HEAD"};
}

}  // namespace plateau::httpd
