// Route templates: "/users/17/orders" becomes "/users/{id}/orders", with bounded memory and label counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::http {

// Segments become {id} where they look like one (number, date, UUID, 8 or more hex digits, long mixed token,
// e-mail address, more than 64 bytes, not printable ASCII), and where too many different ones were seen at
// the same place: that place then collapses to {id}, except for the children that each take at least four
// times their even share of its requests (so that a scan for holes does not wipe out the names of a busy
// service). Empty segments and path parameters (";…") are dropped; segments beyond the 12th become one
// "{rest}".
//
// Time: a repeated path costs one hash and one cache slot; another one a walk down a tree.
class RouteTable {
 public:
  using Id = std::uint32_t;
  static constexpr Id kOther = 0;  // named "other": beyond max_routes

  // At most `max_routes` live routes; a place with more than `max_children` literal segments collapses.
  explicit RouteTable(std::size_t max_routes = 200, std::size_t max_children = 50);
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;
  RouteTable& operator=(RouteTable&&) noexcept;

  // The route of a path (RequestHead::target). "*" is itself; what begins with neither "/" nor is "*" is
  // "{authority}"; an empty path (not known) is "{unknown}". These three do not count as live routes.
  Id template_of(std::string_view path);

  // A collapse merges routes. An id given out before stays valid: canonical() is the route it belongs to now,
  // and name() that route's name. Aggregates by id are to be merged by canonical() before they are shown.
  Id canonical(Id id) const;
  // Valid until the next template_of(). An id never given out is "other".
  std::string_view name(Id id) const;

  std::size_t size() const { return live_; }                // live routes, "other" not counted
  std::uint64_t overflowed() const { return overflowed_; }  // lookups answered by "other"
  std::uint64_t collapsed() const { return collapsed_; }    // places turned to {id}
  std::size_t ids() const { return routes_.size(); }        // ids given out so far, "other" included

 private:
  struct Node;
  struct Route {
    std::string name;
    std::uint64_t hits = 0;
    Id merged_into = 0;  // itself while live; else its new home, which may have moved on
  };
  struct Cached {
    std::uint64_t hash = 0;
    Id id = 0;
    std::uint32_t epoch = 0;  // valid when it is the table's
  };

  Id hit(Id id);
  Id resolve(std::string_view path);
  Id place(std::string_view path);
  Node* child_of(Node& node, std::string_view segment);
  Id route_at(Node& node);
  bool has_room() const;
  void collapse(Node& node);
  std::uint64_t hits_under(const Node& node) const;
  void bury(const Node& node);
  void adopt(Id orphan);

  std::size_t max_routes_;
  std::size_t max_children_;
  std::size_t live_ = 0;
  std::uint64_t overflowed_ = 0;
  std::uint64_t collapsed_ = 0;
  std::vector<Route> routes_;
  std::vector<Id> orphans_;  // routes whose place collapsed, to be merged
  std::vector<Cached> cache_;
  std::uint32_t epoch_ = 1;
  std::unique_ptr<Node> root_;
};

}  // namespace plateau::http
