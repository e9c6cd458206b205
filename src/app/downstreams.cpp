#include "app/downstreams.h"

#include <algorithm>

namespace plateau::app {
namespace {

constexpr std::size_t kMaxServers = 1024;
constexpr std::size_t kToldServers = 16;

}  // namespace

void Downstreams::take(const target::TcpSocket& socket) {
  const std::string address = socket.peer.text();
  if (now_.size() < kMaxServers || now_.contains(address)) now_[address]++;
}

void Downstreams::end_look() {
  for (const auto& [address, connections] : now_) {
    if (most_.size() >= kMaxServers && !most_.contains(address)) continue;
    std::uint32_t& most = most_[address];
    most = std::max(most, connections);
  }
}

std::vector<wire::DownstreamFact> Downstreams::facts() const {
  std::vector<wire::DownstreamFact> facts;
  for (const auto& [address, connections] : most_) facts.push_back({address, connections});
  std::stable_sort(facts.begin(), facts.end(),
                   [](const auto& a, const auto& b) { return a.connections > b.connections; });
  if (facts.size() > kToldServers) facts.resize(kToldServers);
  return facts;
}

}  // namespace plateau::app
