#include "sink/peers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sink/words.h"

namespace plateau::sink {
namespace {

using attribution::Summary;
using nlohmann::ordered_json;

constexpr std::size_t kTopPeers = 8;

ordered_json peer_json(const wire::PeerFact& peer, const Summary& summary) {
  return {{"address", peer.address},
          {"calls", peer.calls},
          {"calls_a_request", ratio(peer.calls, summary.total.count)},
          {"answers", peer.answers},
          {"answer_sum_ns", peer.answer_ns},
          {"bytes_out", peer.bytes_out},
          {"bytes_in", peer.bytes_in}};
}

std::string calls_a_request(const wire::PeerFact& peer, const Summary& summary) {
  if (summary.total.count == 0) return "";
  return format(", %.2f a request", ratio(peer.calls, summary.total.count));
}

// Of single requests; the calls by address are all that there were.
std::string by_request(const Summary& summary) {
  const attribution::AskedStats& asked = summary.asked;
  if (asked.requests == 0) return "  which request made which call is not known\n";
  return format("  of %s of %s requests it is known how many they made: ",
                format_count(asked.requests).c_str(), format_count(summary.total.count).c_str()) +
         format("%s, %.2f each, %u at most; %s made none\n", format_count(asked.calls).c_str(),
                ratio(asked.calls, asked.requests), asked.most,
                format_count(asked.requests - asked.asking).c_str());
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
  text += by_request(summary);
  if (const auto lost = summary.facts.lost_peer_calls)
    text += "  " + format_count(lost) + " calls to others were not told apart: too many addresses\n";
  return text;
}

ordered_json peers_json(const Summary& summary) {
  ordered_json json;
  json["peers"] = ordered_json::array();
  for (const wire::PeerFact& peer : summary.facts.peers) json["peers"].push_back(peer_json(peer, summary));
  json["lost_calls"] = summary.facts.lost_peer_calls;
  json["by_request"] = {{"requests", summary.asked.requests},
                        {"asking", summary.asked.asking},
                        {"calls", summary.asked.calls},
                        {"most", summary.asked.most}};
  return json;
}

std::vector<wire::PeerFact> called_peers(const Summary& summary) {
  std::vector<wire::PeerFact> peers = summary.facts.peers;
  std::erase_if(peers, [](const wire::PeerFact& peer) { return peer.calls == 0; });
  std::stable_sort(peers.begin(), peers.end(),
                   [](const wire::PeerFact& a, const wire::PeerFact& b) { return a.calls > b.calls; });
  return peers;
}

// The kernel side counts calls only while requests are looked at.
double calls_per_second(const Summary& summary, const wire::PeerFact& peer) {
  const std::uint64_t ns = summary.facts.end_ns - summary.facts.start_ns;
  const double watched = static_cast<double>(ns) * summary.watched();
  return watched > 0 ? static_cast<double>(peer.calls) * 1e9 / watched : 0;
}

ordered_json called_peers_json(const Summary& summary, std::size_t most) {
  const auto peers = called_peers(summary);
  ordered_json json;
  json["peers"] = ordered_json::array();
  for (std::size_t i = 0; i < peers.size() && i < most; i++) {
    json["peers"].push_back(peer_json(peers[i], summary));
    json["peers"].back()["calls_per_second"] = calls_per_second(summary, peers[i]);
  }
  json["left_out"] = peers.size() > most ? peers.size() - most : 0;
  json["lost_calls"] = summary.facts.lost_peer_calls;
  return json;
}

}  // namespace plateau::sink
