#include "app/accept_queues.h"

#include <algorithm>
#include <map>

namespace plateau::app {
namespace {

constexpr std::size_t kMaxQueues = 1024;
constexpr std::size_t kMaxAddresses = 64;

}  // namespace

void AcceptQueues::take(const target::TcpSocket& socket) {
  auto known = queues_.find(socket.cookie);
  if (known == queues_.end()) {
    if (queues_.size() >= kMaxQueues) return;
    known = queues_.emplace(socket.cookie, Queue{}).first;
    known->second.fact.address = socket.local.text();
    known->second.drops_before = begun_ ? 0 : socket.drops;
  }
  wire::AcceptQueueFact& fact = known->second.fact;
  fact.sockets = 1;
  fact.backlog = socket.out_queue;
  fact.length = socket.in_queue;
  fact.longest = std::max(fact.longest, socket.in_queue);
  fact.looks++;
  fact.full_looks += socket.in_queue > socket.out_queue;  // the kernel lets one more in than asked for
  fact.drops = socket.drops - known->second.drops_before;
}

std::vector<wire::AcceptQueueFact> AcceptQueues::facts() const {
  std::map<std::string, wire::AcceptQueueFact> by_address;
  for (const auto& [cookie, queue] : queues_) {
    const auto& one = queue.fact;
    const auto [at, fresh] = by_address.try_emplace(one.address, one);
    if (fresh) continue;
    wire::AcceptQueueFact& all = at->second;
    if (one.longest > all.longest) {
      all.longest = one.longest;
      all.backlog = one.backlog;
    }
    all.length = std::max(all.length, one.length);
    all.sockets += one.sockets;
    all.looks += one.looks;
    all.full_looks += one.full_looks;
    all.drops += one.drops;
  }
  std::vector<wire::AcceptQueueFact> facts;
  for (auto& [address, fact] : by_address)
    if (facts.size() < kMaxAddresses) facts.push_back(std::move(fact));
  return facts;
}

}  // namespace plateau::app
