#include "model/other_servers.h"

#include <cmath>

#include "base/units.h"

namespace plateau::model {
namespace {

constexpr std::size_t kNamed = 3;
constexpr double kUnused = 0.35;  // of a pool that requests wait for: hand-overs take their time too
constexpr double kSlack = 0.5;    // connections, by which the average may miss

}  // namespace

std::string connections_text(const std::vector<wire::DownstreamFact>& downstreams) {
  std::string text;
  for (std::size_t i = 0; i < downstreams.size() && i < kNamed; i++) {
    const auto& [address, connections] = downstreams[i];
    text += (i ? ", " : "") + format_count(connections);
    if (i == 0) text += connections == 1 ? " connection" : " connections";
    text += " to " + address;
  }
  if (downstreams.size() > kNamed) text += " and others";
  return text;
}

const wire::DownstreamFact* pool_of(const std::vector<wire::DownstreamFact>& downstreams, double busy) {
  const wire::DownstreamFact* nearest = nullptr;
  for (const auto& one : downstreams) {
    const double size = one.connections;
    if (busy > size + kSlack || busy < size * (1 - kUnused) - kSlack) continue;
    if (!nearest || std::abs(size - busy) < std::abs(nearest->connections - busy)) nearest = &one;
  }
  return nearest;
}

}  // namespace plateau::model
