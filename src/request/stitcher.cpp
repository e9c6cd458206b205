#include "request/stitcher.h"

#include <algorithm>
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

Stitcher::Stitcher(RequestSink sink, StitcherLimits limits)
    : sink_([this, to = std::move(sink)](const Request& request) { emit(request, to); }), limits_(limits) {}

void Stitcher::emit(const Request& request, const RequestSink& sink) const {
  const auto paused = stops_.collector_ns(request.tgid, request.ready_ns, request.end_ns);
  const bool assists = stops_.tells_assists(request.tgid, request.ready_ns);
  if (!paused && !assists) {
    sink(request);
    return;
  }
  Request known = request;
  known.gc_assist_known = assists;
  known.gc_pause_known = paused.has_value();
  known.gc_pause_ns = paused.value_or(0);
  sink(known);
}

void Stitcher::stop(const wire::Stop& stop) {
  stops_.add(*stop.fixed);
  if (record_sink_) record_sink_(bytes_of(*stop.fixed));
}

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
  while (!it->second.held.empty()) drop_first(it->second);
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
    hold(connection, turn);
  } else {
    return;  // already given up on, and counted
  }
  watch(fixed.conn, connection);
  end_if_closed(connections_.find(fixed.conn), false);
}

void Stitcher::hold(Connection& connection, const wire::Turn& turn) {
  const pl_turn& fixed = *turn.fixed;
  const auto [held, fresh] = connection.held.try_emplace({fixed.seq, fixed.part});
  if (!fresh) return;
  if (connection.held.size() == 1) connection.waits = waiting_.insert(waiting_.end(), fixed.conn);
  held->second = {copy_record(turn), fixed.header.ts};
  held_bytes_ += held->second.bytes();
  if (connection.held.size() > limits_.held_per_connection) give_up(connection);
  while (held_bytes_ > limits_.held_bytes) make_room();
}

void Stitcher::drop_first(Connection& connection) {
  const auto first = connection.held.begin();
  held_bytes_ -= first->second.bytes();
  connection.held.erase(first);
  if (connection.held.empty()) waiting_.erase(connection.waits);
}

void Stitcher::make_room() {
  const std::uint64_t id = waiting_.front();
  give_up(connections_.at(id));
}

void Stitcher::accept(Connection& connection, const wire::Turn& turn, bool gap) {
  connection.started = true;
  connection.last_event_ns =
      std::max({connection.last_event_ns, turn.fixed->recv_last_ns, turn.fixed->send_last_ns});
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
    drop_first(connection);
  }
}

// What the held records wait for is lost.
void Stitcher::give_up(Connection& connection) {
  if (connection.held.empty()) return;
  const auto first = connection.held.begin();
  const wire::Turn turn = turn_of(first->second.record);
  count_missing(connection, turn.fixed->seq + (turn.fixed->part != 0));
  count_missing_parts(connection, *turn.fixed);
  accept(connection, turn, true);
  drop_first(connection);
  accept_held(connection);
}

// Turns before `turns` that never came. Once connections were forgotten, one that turns up in its middle may
// be one of those: nothing is counted then.
void Stitcher::count_missing(const Connection& connection, std::uint32_t turns) {
  if (!connection.started && forgetful_) return;
  const std::uint32_t seen = connection.started ? connection.next.first + 1 : 0;
  if (turns > seen) counters_.missing_turns += turns - seen;
}

// The later parts that never came, as far as they can be counted, of the turn of the first record that did
// and of the one before it.
void Stitcher::count_missing_parts(const Connection& connection, const pl_turn& first) {
  if (!connection.started && forgetful_) return;
  const auto [seq, part] = connection.next;
  std::uint32_t missing = 0;
  if (connection.started && first.seq == seq) {
    missing = first.part - part;
  } else {
    if (first.part > 1) missing += first.part - 1u;
    const bool known = first.part == 0 && first.previous_parts < kManyParts;
    const std::uint32_t seen = connection.started && first.seq == seq + 1 ? part : 1;
    if (known && first.previous_parts > seen) missing += first.previous_parts - seen;
  }
  counters_.missing_parts += missing;
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

// If its end was seen and its last records have come, or, where it is `over`, whether they have or not.
bool Stitcher::end_if_closed(Connections::iterator it, bool over) {
  if (it->second.held_close.empty()) return false;
  const bool whole = caught_up(it->second, close_of(it->second));
  if (whole)
    finish_close(it, close_of(it->second), true);
  else if (over)
    lose_end(it);
  return whole || over;
}

// The connection is closed and its last records did not come.
void Stitcher::lose_end(Connections::iterator it) {
  Connection& connection = it->second;
  while (!connection.held.empty()) give_up(connection);
  const pl_close& close = close_of(connection);
  count_missing(connection, close.turns);
  const std::uint32_t seen = connection.next.first + 1 == close.turns ? connection.next.second : 1;
  if (connection.started && close.last_parts > seen) counters_.missing_parts += close.last_parts - seen;
  finish_close(it, close, caught_up(connection, close));
}

const pl_close& Stitcher::close_of(const Connection& connection) {
  return *static_cast<const pl_close*>(static_cast<const void*>(connection.held_close.data()));
}

void Stitcher::finish_close(Connections::iterator it, const pl_close& close, bool whole) {
  if (record_sink_) record_sink_(bytes_of(close));
  if (paused_) it->second.conversation.interrupt(counters_);
  it->second.conversation.close(whole, counters_, sink_);
  while (!it->second.held.empty()) drop_first(it->second);
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

void Stitcher::losses(const Losses& lost, std::uint64_t now_ns) {
  losses_told_ = true;
  if (lost != std::exchange(lost_, lost)) lost_by_ns_ = now_ns;
  count_never_came();
}

// What was lost may be missed later, or never: what never came is at least what is missing beyond all losses,
// at any time.
void Stitcher::count_never_came() {
  const auto raise = [](std::uint64_t& count, std::uint64_t missing, std::uint64_t lost) {
    if (missing > lost) count = std::max(count, missing - lost);
  };
  raise(counters_.never_came_turns, counters_.missing_turns, lost_.turns);
  raise(counters_.never_came_parts, counters_.missing_parts, lost_.parts);
}

// How long a record that the connection lacks is waited for. It was lost, if at all, after the last event of
// those before it.
std::uint64_t Stitcher::patience(const Connection& connection) const {
  const bool may_be_lost = !losses_told_ || (lost_by_ns_ && lost_by_ns_ >= connection.last_event_ns);
  return may_be_lost ? limits_.hold_ns : limits_.starved_ns;
}

void Stitcher::sweep(std::uint64_t now_ns) {
  const auto due = [now_ns](std::uint64_t since, std::uint64_t after) {
    return now_ns > since && now_ns - since > after;
  };
  for (const std::uint64_t id : std::exchange(watched_, {})) {
    const auto it = connections_.find(id);
    if (it == connections_.end()) continue;
    Connection& connection = it->second;
    while (!connection.held.empty() && due(connection.held.begin()->second.ts, patience(connection)))
      give_up(connection);
    if (end_if_closed(it, due(connection.close_ts, patience(connection)))) continue;
    const bool whole = connection.held.empty() && connection.held_close.empty();
    if (whole && due(connection.conversation.last_activity_ns(), limits_.quiet_ns))
      connection.conversation.quiet(counters_, sink_);
    connection.watched = false;
    watch(id, connection);
  }
  if (losses_told_) count_never_came();
}

void Stitcher::finish() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    const auto here = it++;
    while (!here->second.held.empty()) give_up(here->second);
    here->second.conversation.quiet(counters_, sink_);
    if (!here->second.held_close.empty()) lose_end(here);
  }
  count_never_came();
}

std::size_t Stitcher::under_way() const {
  std::size_t n = 0;
  for (const auto& [id, connection] : connections_) n += !connection.conversation.idle();
  return n;
}

}  // namespace plateau::request
