#include "httpd/route.h"

#include <limits>
#include <optional>

#include "httpd/options.h"
#include "toolkit/duration.h"

namespace plateau::httpd {
namespace {

constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();

// {n} stands for one segment that is a number of at most `max`; {path} for all that is left.
struct Row {
  std::string_view pattern;
  RouteKind kind;
  bool posts;  // POST, else GET and HEAD
  std::uint64_t max = kAnyNumber;
};

constexpr Row kRoutes[] = {
    {"/", RouteKind::root, false},
    {"/bytes/{n}", RouteKind::bytes, false, kMaxBody},
    {"/chunked/{n}", RouteKind::chunked, false, kMaxBody},
    {"/users/{id}", RouteKind::user, false},
    {"/users/{id}/orders/{order}", RouteKind::order, false},
    {"/status/{code}", RouteKind::status, false, 599},
    {"/echo", RouteKind::echo, true},
    {"/json", RouteKind::json, true},
    {"/static/{path}", RouteKind::file, false},
};

std::string_view take_segment(std::string_view& text) {
  const std::size_t end = text.find('/', 1);
  const std::string_view segment = text.substr(0, end);
  text.remove_prefix(segment.size());
  return segment;
}

// The route with its parameters as text, if the shape of `path` is that of the row.
struct Shape {
  std::array<std::string_view, 2> parameters;
  std::size_t count = 0;
  std::string_view rest;
};

std::optional<Shape> match(std::string_view pattern, std::string_view path) {
  Shape shape;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    if (wanted == "/{path}") {
      shape.rest = path.substr(1);
      return shape;
    }
    const std::string_view found = take_segment(path);
    if (wanted.starts_with("/{")) {
      shape.parameters[shape.count++] = found.substr(1);
    } else if (wanted != found) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return shape;
}

Route error(int status, std::string_view pattern = {}) {
  return {.kind = RouteKind::error, .status = status, .pattern = pattern};
}

Route filled(const Row& row, const Shape& shape) {
  Route route{.kind = row.kind, .pattern = row.pattern, .rest = shape.rest};
  for (std::size_t i = 0; i < shape.count; ++i) {
    const auto number = toolkit::parse_number(shape.parameters[i], row.max);
    if (!number) return error(400, row.pattern);
    route.numbers[i] = *number;
  }
  if (row.kind != RouteKind::status) return route;
  if (route.numbers[0] < 200) return error(400, row.pattern);
  route.status = static_cast<int>(route.numbers[0]);
  return route;
}

Route find(std::string_view path, Method method) {
  for (const Row& row : kRoutes) {
    const std::optional<Shape> shape = match(row.pattern, path);
    if (!shape) continue;
    Route route = filled(row, *shape);
    if (route.kind == RouteKind::error) return route;
    const bool allowed = row.posts ? method == Method::post : method == Method::get || method == Method::head;
    if (allowed) return route;
    return {.kind = RouteKind::error,
            .status = 405,
            .pattern = row.pattern,
            .allow = row.posts ? "POST" : "GET, HEAD"};
  }
  return error(404);
}

}  // namespace

Route route_of(const RequestHead& head) {
  if (head.kind == Method::unknown || head.kind == Method::connect) return error(501);
  const bool reads = head.kind == Method::get || head.kind == Method::head;
  if (reads && head.path == "/") return {.kind = RouteKind::root, .pattern = kRoutes[0].pattern};
  if (head.path == "*" && head.kind == Method::options) {
    return {.kind = RouteKind::options, .status = 204, .pattern = "*", .allow = "GET, HEAD, POST, OPTIONS"};
  }
  if (!head.path.starts_with('/')) return error(400);
  return find(head.path, head.kind);
}

}  // namespace plateau::httpd
