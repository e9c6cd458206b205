#include "http/route.h"

#include <algorithm>
#include <functional>

#include "http/segment.h"

namespace plateau::http {
namespace {

constexpr std::string_view kId = "{id}";
constexpr std::string_view kRest = "{rest}";
constexpr std::size_t kMaxDepth = 12;
constexpr std::size_t kCacheSlots = 4096;  // a power of two
constexpr std::size_t kIdsPerRoute = 16;   // ids ever given out, for each route allowed
constexpr std::uint64_t kKeptShare = 4;    // a collapse keeps children with as many times their even share
constexpr RouteTable::Id kAsterisk = 1;
constexpr RouteTable::Id kAuthority = 2;
constexpr RouteTable::Id kUnknown = 3;
constexpr std::size_t kFixedRoutes = 4;  // with kOther

// Cuts the next segment off the path; false at its end.
bool next_segment(std::string_view& path, std::string_view& segment) {
  const std::size_t begin = path.find_first_not_of('/');
  if (begin == std::string_view::npos) return false;
  const std::size_t end = std::min(path.find('/', begin), path.size());
  segment = path.substr(begin, end - begin);
  path.remove_prefix(end);
  return true;
}

}  // namespace

struct RouteTable::Node {
  Node* parent = nullptr;
  std::string segment;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> any;  // {id}
  Id route = kOther;          // kOther: no path ends here
  bool collapsed = false;

  std::string name() const {
    if (parent == nullptr) return "/";
    return parent->parent == nullptr ? "/" + segment : parent->name() + "/" + segment;
  }
};

RouteTable::RouteTable(std::size_t max_routes, std::size_t max_children)
    : max_routes_(max_routes),
      max_children_(max_children),
      cache_(kCacheSlots),
      root_(std::make_unique<Node>()) {
  for (const char* name : {"other", "*", "{authority}", "{unknown}"}) {
    routes_.push_back(Route{name, 0, static_cast<Id>(routes_.size())});
  }
}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

RouteTable::Id RouteTable::template_of(std::string_view path) {
  if (path.empty()) return kUnknown;
  if (path.front() != '/') return path == "*" ? kAsterisk : kAuthority;
  const std::uint64_t hash = std::hash<std::string_view>{}(path);
  Cached& slot = cache_[hash & (kCacheSlots - 1)];
  if (slot.hash == hash && slot.epoch == epoch_) return hit(slot.id);
  const Id id = resolve(path);
  slot = Cached{hash, id, epoch_};
  return hit(id);
}

RouteTable::Id RouteTable::canonical(Id id) const {
  if (id >= routes_.size()) return kOther;
  while (routes_[id].merged_into != id) id = routes_[id].merged_into;
  return id;
}

std::string_view RouteTable::name(Id id) const {
  return routes_[canonical(id)].name;
}

RouteTable::Id RouteTable::hit(Id id) {
  ++routes_[id].hits;
  if (id == kOther) ++overflowed_;
  return id;
}

RouteTable::Id RouteTable::resolve(std::string_view path) {
  const Id id = place(path);
  while (!orphans_.empty()) {
    const Id orphan = orphans_.back();
    orphans_.pop_back();
    adopt(orphan);
  }
  return canonical(id);
}

// Walks to the path's place in the tree, making it if there is room, and returns the route there.
RouteTable::Id RouteTable::place(std::string_view path) {
  Node* node = root_.get();
  std::string_view segment;
  for (std::size_t depth = 0; next_segment(path, segment); ++depth) {
    if (depth == kMaxDepth) {
      segment = kRest;
      path = {};
    }
    segment = segment.substr(0, segment.find(';'));
    if (segment.empty()) continue;
    node = child_of(*node, segment);
    if (node == nullptr) return kOther;
  }
  return route_at(*node);
}

// Null if there is no such child and no room for another route.
RouteTable::Node* RouteTable::child_of(Node& node, std::string_view segment) {
  bool any = segment == kId || is_identifier(segment);
  if (!any) {
    const auto found = node.literals.find(segment);
    if (found != node.literals.end()) return found->second.get();
    if (!node.collapsed && node.literals.size() >= max_children_) collapse(node);
    any = node.collapsed;
  }
  if (any && node.any != nullptr) return node.any.get();
  if (!has_room()) return nullptr;
  std::unique_ptr<Node>& slot = any ? node.any : node.literals[std::string(segment)];
  slot = std::make_unique<Node>();
  slot->parent = &node;
  slot->segment = any ? kId : segment;
  return slot.get();
}

RouteTable::Id RouteTable::route_at(Node& node) {
  if (node.route != kOther || !has_room()) return node.route;
  node.route = static_cast<Id>(routes_.size());
  routes_.push_back(Route{node.name(), 0, node.route});
  ++live_;
  return node.route;
}

bool RouteTable::has_room() const {
  return live_ < max_routes_ && routes_.size() - kFixedRoutes < max_routes_ * kIdsPerRoute;
}

void RouteTable::collapse(Node& node) {
  std::uint64_t total = 0;
  for (const auto& [segment, child] : node.literals) total += hits_under(*child);
  const std::uint64_t children = node.literals.size();
  std::erase_if(node.literals, [&](const auto& entry) {
    if (hits_under(*entry.second) * children >= total * kKeptShare && total > 0) return false;
    bury(*entry.second);
    return true;
  });
  node.collapsed = true;
  ++collapsed_;
  ++epoch_;
}

std::uint64_t RouteTable::hits_under(const Node& node) const {
  std::uint64_t hits = node.route == kOther ? 0 : routes_[node.route].hits;
  for (const auto& [segment, child] : node.literals) hits += hits_under(*child);
  return node.any == nullptr ? hits : hits + hits_under(*node.any);
}

void RouteTable::bury(const Node& node) {
  if (node.route != kOther) {
    orphans_.push_back(node.route);
    --live_;
  }
  for (const auto& [segment, child] : node.literals) bury(*child);
  if (node.any != nullptr) bury(*node.any);
}

// Gives a route of a collapsed place a new home: where its own name leads now.
void RouteTable::adopt(Id orphan) {
  const std::string name = std::move(routes_[orphan].name);
  const Id home = place(name);
  routes_[orphan].merged_into = home;
  routes_[home].hits += routes_[orphan].hits;
}

}  // namespace plateau::http
