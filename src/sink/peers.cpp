#include "sink/peers.h"

#include <nlohmann/json.hpp>

#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::Summary;
using nlohmann::ordered_json;

constexpr std::size_t kTopPeers = 8;

std::string calls_a_request(const wire::PeerFact& peer, const Summary& summary) {
  if (summary.total.count == 0) return "";
  return format(", %.2f a request", ratio(peer.calls, summary.total.count));
}

}  // namespace

std::string peers_text(const Summary& summary) {
  const auto& peers = summary.facts.peers;
  if (peers.empty()) return "";
  std::string text = "SERVERS THAT IT ASKS\n";
  for (std::size_t i = 0; i < peers.size() && i < kTopPeers; i++) {
    const wire::PeerFact& peer = peers[i];
    text += "  " + peer.address + "  " + format_count(peer.calls) + " calls" +
            calls_a_request(peer, summary) + "; answered after " +
            (peer.answers ? format_duration(peer.answer_ns / peer.answers) + " on average" : "never") + ", " +
            format_bytes(peer.bytes_out) + " out, " + format_bytes(peer.bytes_in) + " in\n";
  }
  if (peers.size() > kTopPeers) text += format("  and %zu more\n", peers.size() - kTopPeers);
  if (const auto lost = summary.facts.lost_peer_calls)
    text += "  " + format_count(lost) + " calls to others were not told apart: too many addresses\n";
  return text;
}

ordered_json peers_json(const Summary& summary) {
  ordered_json json;
  json["peers"] = ordered_json::array();
  for (const wire::PeerFact& peer : summary.facts.peers)
    json["peers"].push_back({{"address", peer.address},
                             {"calls", peer.calls},
                             {"calls_a_request", ratio(peer.calls, summary.total.count)},
                             {"answers", peer.answers},
                             {"answer_sum_ns", peer.answer_ns},
                             {"bytes_out", peer.bytes_out},
                             {"bytes_in", peer.bytes_in}});
  json["lost_calls"] = summary.facts.lost_peer_calls;
  return json;
}

}  // namespace plateau::sink
