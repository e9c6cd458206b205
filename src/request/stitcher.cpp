#include "request/stitcher.h"

#include <cstring>
#include <iterator>
#include <utility>

namespace plateau::request {
namespace {

std::vector<std::uint64_t> copy_record(const pl_close& close) {
  std::vector<std::uint64_t> copy(sizeof(close) / 8);
  std::memcpy(copy.data(), &close, sizeof(close));
  return copy;
}

std::vector<std::uint64_t> copy_record(const wire::Turn& turn) {
  const pl_turn& fixed = *turn.fixed;
  std::vector<std::uint64_t> copy((sizeof(fixed) + turn.in.size() + turn.out.size() + 7) / 8);
  auto* bytes = static_cast<char*>(static_cast<void*>(copy.data()));
  std::memcpy(bytes, &fixed, sizeof(fixed));
  if (!turn.in.empty()) std::memcpy(bytes + sizeof(fixed), turn.in.data(), turn.in.size());
  if (!turn.out.empty())
    std::memcpy(bytes + sizeof(fixed) + turn.in.size(), turn.out.data(), turn.out.size());
  if (turn.parks) copy.insert(copy.end(), std::begin(turn.parks->ns), std::end(turn.parks->ns));
  return copy;
}

wire::Turn turn_of(const std::vector<std::uint64_t>& copy) {
  const auto* fixed = static_cast<const pl_turn*>(static_cast<const void*>(copy.data()));
  const char* payload = static_cast<const char*>(static_cast<const void*>(copy.data())) + sizeof(pl_turn);
  wire::Turn turn{fixed, {payload, fixed->in_len}, {payload + fixed->in_len, fixed->out_len}};
  if (fixed->flags & PL_TURN_PARKS)
    turn.parks = static_cast<const pl_parks*>(
        static_cast<const void*>(copy.data() + copy.size() - sizeof(pl_parks) / 8));
  return turn;
}

constexpr std::uint8_t kManyParts = 255;

// A record's fixed part and what stands behind it.
template <class Fixed>
std::span<const std::byte> bytes_of(const Fixed& fixed) {
  return {static_cast<const std::byte*>(static_cast<const void*>(&fixed)), fixed.header.size};
}

}  // namespace

Stitcher::Stitcher(RequestSink sink, StitcherLimits limits) : sink_(std::move(sink)), limits_(limits) {}

Stitcher::Connection& Stitcher::connection(std::uint64_t id) {
  const auto [it, fresh] = connections_.try_emplace(id);
  Connection& connection = it->second;
  if (fresh) {
    connection.age = by_age_.insert(by_age_.end(), id);
    if (connections_.size() > limits_.connections) evict_oldest();
  } else {
    by_age_.splice(by_age_.end(), by_age_, connection.age);
  }
  return connection;
}

void Stitcher::evict_oldest() {
  const std::uint64_t oldest = by_age_.front();
  by_age_.pop_front();
  const auto it = connections_.find(oldest);
  // The end of a Unix socket's connection is not always seen: it may have been long ago.
  if (!it->second.local || !it->second.conversation.idle()) counters_.evicted++;
  forgetful_ = true;
  connections_.erase(it);
}

bool Stitcher::in_order(const Connection& connection, const pl_turn& fixed) {
  const auto [seq, part] = connection.next;
  if (fixed.seq == seq && fixed.part == part) return true;
  const bool many = fixed.previous_parts == kManyParts && part >= kManyParts;
  const bool previous_whole = fixed.previous_parts == part || many;
  return fixed.seq == seq + 1 && fixed.part == 0 && previous_whole && connection.started;
}

void Stitcher::turn(const wire::Turn& turn) {
  const pl_turn& fixed = *turn.fixed;
  Connection& connection = this->connection(fixed.conn);
  connection.local = fixed.addr.family == PL_FAMILY_UNIX;
  if (in_order(connection, fixed)) {
    accept(connection, turn, false);
    if (!connection.held.empty()) accept_held(connection);
  } else if (Place{fixed.seq, fixed.part} > connection.next) {
    connection.held[{fixed.seq, fixed.part}] = {copy_record(turn), fixed.header.ts};
    if (connection.held.size() > limits_.held_per_connection) give_up(connection);
  } else {
    return;  // already given up on, and counted
  }
  watch(fixed.conn, connection);
  if (!connection.held_close.empty()) {
    if (caught_up(connection, close_of(connection)))
      finish_close(connections_.find(fixed.conn), close_of(connection), true);
  }
}

void Stitcher::accept(Connection& connection, const wire::Turn& turn, bool gap) {
  connection.started = true;
  connection.next = {turn.fixed->seq, turn.fixed->part + 1u};
  if (record_sink_) record_sink_(bytes_of(*turn.fixed));
  connection.conversation.turn(turn, gap, counters_, sink_);
}

void Stitcher::accept_held(Connection& connection) {
  while (!connection.held.empty()) {
    const auto first = connection.held.begin();
    const wire::Turn turn = turn_of(first->second.record);
    const bool overtaken = first->first < connection.next;
    if (!overtaken && !in_order(connection, *turn.fixed)) return;
    if (!overtaken) accept(connection, turn, false);
    connection.held.erase(first);
  }
}

// What the held records wait for is lost.
void Stitcher::give_up(Connection& connection) {
  if (connection.held.empty()) return;
  const auto first = connection.held.begin();
  const wire::Turn turn = turn_of(first->second.record);
  count_missing(connection, turn.fixed->seq + (turn.fixed->part != 0));
  accept(connection, turn, true);
  connection.held.erase(first);
  accept_held(connection);
}

// Turns before `turns` that never came. Once connections were forgotten, one that turns up in its middle may
// be one of those: nothing is counted then.
void Stitcher::count_missing(const Connection& connection, std::uint32_t turns) {
  if (!connection.started && forgetful_) return;
  const std::uint32_t seen = connection.started ? connection.next.first + 1 : 0;
  if (turns > seen) counters_.missing_turns += turns - seen;
}

bool Stitcher::caught_up(const Connection& connection, const pl_close& close) {
  return close.turns == 0 || (connection.started && connection.next.first + 1 == close.turns &&
                              connection.next.second >= close.last_parts);
}

void Stitcher::close(const wire::Close& close) {
  const auto it = connections_.find(close.fixed->conn);
  if (it == connections_.end() && close.fixed->turns == 0) return;
  Connection& connection = this->connection(close.fixed->conn);
  if (caught_up(connection, *close.fixed)) {
    finish_close(connections_.find(close.fixed->conn), *close.fixed, true);
    return;
  }
  connection.held_close = copy_record(*close.fixed);
  connection.close_ts = close.fixed->header.ts;
  watch(close.fixed->conn, connection);
}

// The connection is closed and its last records did not come.
void Stitcher::lose_end(Connections::iterator it) {
  Connection& connection = it->second;
  while (!connection.held.empty()) give_up(connection);
  count_missing(connection, close_of(connection).turns);
  finish_close(it, close_of(connection), false);
}

const pl_close& Stitcher::close_of(const Connection& connection) {
  return *static_cast<const pl_close*>(static_cast<const void*>(connection.held_close.data()));
}

void Stitcher::finish_close(Connections::iterator it, const pl_close& close, bool whole) {
  if (record_sink_) record_sink_(bytes_of(close));
  if (paused_) it->second.conversation.interrupt(counters_);
  it->second.conversation.close(whole, counters_, sink_);
  by_age_.erase(it->second.age);
  connections_.erase(it);
}

void Stitcher::pause(const wire::Pause& pause) {
  paused_ = pause.fixed->from_ns == pause.fixed->to_ns;
  for (auto& [id, connection] : connections_) connection.conversation.interrupt(counters_);
  if (record_sink_) record_sink_(bytes_of(*pause.fixed));
}

void Stitcher::watch(std::uint64_t id, Connection& connection) {
  if (connection.watched) return;
  if (connection.conversation.idle() && connection.held.empty() && connection.held_close.empty()) return;
  connection.watched = true;
  watched_.push_back(id);
}

void Stitcher::sweep(std::uint64_t now_ns) {
  const auto due = [now_ns](std::uint64_t since, std::uint64_t after) {
    return now_ns > since && now_ns - since > after;
  };
  std::vector<std::uint64_t> still;
  for (const std::uint64_t id : std::exchange(watched_, {})) {
    const auto it = connections_.find(id);
    if (it == connections_.end()) continue;
    Connection& connection = it->second;
    while (!connection.held.empty() && due(connection.held.begin()->second.ts, limits_.hold_ns))
      give_up(connection);
    if (!connection.held_close.empty() && due(connection.close_ts, limits_.hold_ns)) {
      lose_end(it);
      continue;
    }
    if (due(connection.conversation.last_activity_ns(), limits_.quiet_ns))
      connection.conversation.quiet(counters_, sink_);
    connection.watched = false;
    watch(id, connection);
  }
}

void Stitcher::finish() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    const auto here = it++;
    while (!here->second.held.empty()) give_up(here->second);
    here->second.conversation.quiet(counters_, sink_);
    if (!here->second.held_close.empty()) lose_end(here);
  }
}

std::size_t Stitcher::under_way() const {
  std::size_t n = 0;
  for (const auto& [id, connection] : connections_) n += !connection.conversation.idle();
  return n;
}

}  // namespace plateau::request
