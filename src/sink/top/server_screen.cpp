#include <string>

#include "sink/peers.h"
#include "sink/top/parts.h"
#include "sink/words.h"

namespace plateau::sink::top {
namespace {

using wire::PeerFact;

constexpr std::size_t kCallRate = 9, kCallShare = 9, kAnswer = 9, kSilent = 11;
constexpr std::size_t kServerFixed = 1 + kCallRate + kCallShare + kAnswer + kSilent, kShortestAddress = 12;

std::string line_of(const LiveView& view, const PeerFact& peer) {
  const auto& window = view.window;
  const std::uint64_t silent = peer.calls > peer.answers ? peer.calls - peer.answers : 0;
  return right(per_second(calls_per_second(window, peer)), kCallRate) +
         right(format("%.2f", ratio(peer.calls, window.total.count)), kCallShare) +
         right(peer.answers ? format_duration(peer.answer_ns / peer.answers) : "-", kAnswer) +
         right(format_percent(ratio(silent, peer.calls)), kSilent);
}

}  // namespace

std::vector<Line> server_screen(const LiveView& view, Size size) {
  const std::size_t name =
      size.columns > kServerFixed + kShortestAddress ? size.columns - kServerFixed : kShortestAddress;
  std::vector<Line> text;
  text.push_back(
      {{" " + left("SERVER THAT IT ASKS", name) + right("CALLS/S", kCallRate) +
            right("/REQUEST", kCallShare) + right("ANSWER", kAnswer) + right("UNANSWERED", kSilent),
        Paint::faint}});
  const auto peers = called_peers(view.window);
  const std::size_t rows = size.rows ? size.rows : peers.size() + 1;
  const std::size_t shown = peers.size() < rows ? peers.size() : rows > 2 ? rows - 2 : 0;
  for (std::size_t i = 0; i < shown; i++)
    text.push_back({{" " + left(peers[i].address, name) + line_of(view, peers[i])}});
  if (peers.empty()) text.push_back({{" it asked none in this time"}});
  if (shown < peers.size()) text.push_back({{" and " + std::to_string(peers.size() - shown) + " more"}});
  return text;
}

}  // namespace plateau::sink::top
