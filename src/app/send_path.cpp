#include "app/send_path.h"

#include <algorithm>
#include <utility>

namespace plateau::app {
namespace {

constexpr std::size_t kMaxConnections = 16'384;

std::uint64_t growth(std::uint64_t now, std::uint64_t before) {
  return now > before ? now - before : 0;
}

}  // namespace

void SendPath::begin_look() {
  fact_.looks++;
  skipped_ = ktls_ = 0;
}

void SendPath::take(const target::TcpSocket& socket) {
  ktls_ += socket.upper == "tls";
  if (!socket.measured) return;
  auto known = connections_.find(socket.cookie);
  const bool fresh = known == connections_.end();
  if (fresh) {
    if (connections_.size() >= kMaxConnections) {
      skipped_++;
      return;
    }
    known = connections_.emplace(socket.cookie, Connection{}).first;
    fact_.connections++;
  }
  Connection now{socket.busy_us,
                 socket.receiver_limited_us,
                 socket.buffer_limited_us,
                 socket.bytes_acknowledged,
                 socket.bytes_retransmitted,
                 fact_.looks};
  const Connection before = std::exchange(known->second, now);
  if (fact_.looks == 1 || (fresh && fact_.skipped)) return;  // it may have been there all along
  fact_.busy_us += growth(now.busy_us, before.busy_us);
  fact_.receiver_limited_us += growth(now.receiver_limited_us, before.receiver_limited_us);
  fact_.buffer_limited_us += growth(now.buffer_limited_us, before.buffer_limited_us);
  fact_.bytes_acknowledged += growth(now.acknowledged, before.acknowledged);
  fact_.bytes_retransmitted += growth(now.retransmitted, before.retransmitted);
  if (now.acknowledged == before.acknowledged) return;
  fact_.round_trips++;
  fact_.round_trip_sum_us += socket.round_trip_us;
  fact_.round_trip_max_us = std::max<std::uint64_t>(fact_.round_trip_max_us, socket.round_trip_us);
}

void SendPath::end_look() {
  std::erase_if(connections_, [&](const auto& entry) { return entry.second.look != fact_.looks; });
  fact_.skipped = std::max(fact_.skipped, skipped_);
  fact_.ktls = std::max(fact_.ktls, ktls_);
}

}  // namespace plateau::app
