#include "app/peer_facts.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string>

#include "app/loop_watch.h"

namespace plateau::app {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // ::ffff:0:0/96

std::string name_of(const pl_peer& peer) {
  if (peer.family == PL_FAMILY_UNIX) return "unix";
  if (peer.family != PL_FAMILY_INET6 || std::memcmp(peer.addr, kMapped.data(), kMapped.size()) != 0)
    return address_text(peer.family, peer.addr, peer.port);
  pl_u8 address[16] = {};
  std::copy_n(peer.addr + kMapped.size(), 4, address);
  return address_text(PL_FAMILY_INET, address, peer.port);
}

}  // namespace

std::vector<wire::PeerFact> peer_facts(const std::vector<probe::PeerEntry>& entries) {
  std::map<std::string, wire::PeerFact> by_name;
  for (const auto& [peer, calls] : entries) {
    wire::PeerFact& fact = by_name[name_of(peer)];
    fact.calls += calls.calls;
    fact.answers += calls.answers;
    fact.answer_ns += calls.answer_ns;
    fact.bytes_out += calls.bytes_out;
    fact.bytes_in += calls.bytes_in;
  }
  std::vector<wire::PeerFact> facts;
  for (auto& [name, fact] : by_name) {
    fact.address = name;
    facts.push_back(std::move(fact));
  }
  std::stable_sort(facts.begin(), facts.end(),
                   [](const wire::PeerFact& a, const wire::PeerFact& b) { return a.calls > b.calls; });
  return facts;
}

}  // namespace plateau::app
