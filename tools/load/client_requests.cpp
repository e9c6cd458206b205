#include "base/clock.h"
#include "load/client.h"

namespace plateau::load {

// Gives what is due to connections with room, the one that has waited longest first.
void Client::dispatch() {
  while (!with_room_.empty() && !holding_back_) {
    Connection& connection = *with_room_.front();
    const bool usable = connection.link() == Link::open && !connection.write_broken();
    if (usable && !issue(connection, monotonic_ns())) return;
    with_room_.pop_front();
    connection.listed = false;
    if (!usable) continue;
    if (connection.in_flight().size() < options_.pipeline) offer(connection);
    flush(connection);
  }
}

// Queues all that is due and fits; false if that is nothing.
bool Client::issue(Connection& connection, std::uint64_t now) {
  const std::uint64_t before = in_flight_;
  while (connection.in_flight().size() < options_.pipeline) {
    const std::optional<Slot> slot = schedule_.take(now);
    if (!slot) break;
    connection.add(common_.requests.of(slot->index), *slot, now);
    ++counts_of(*slot).sent;
    ++in_flight_;
  }
  if (connection.in_flight().size() >= options_.pipeline) set_spare(connection, false);
  return in_flight_ > before;
}

void Client::offer(Connection& connection) {
  set_spare(connection, true);
  if (connection.listed) return;
  connection.listed = true;
  with_room_.push_back(&connection);
}

void Client::set_spare(Connection& connection, bool spare) {
  if (connection.spare == spare) return;
  connection.spare = spare;
  if (spare) {
    ++spare_;
  } else {
    --spare_;
  }
}

// A connection that cannot be written to is left to read(): the server may have answered before it closed.
void Client::flush(Connection& connection) {
  const Io io = connection.flush();
  if (io == Io::broken) set_spare(connection, false);
  watch(connection, io == Io::wants_write);
}

void Client::read(Connection& connection) {
  do {
    const Received received = connection.read(buffer_);
    switch (received.kind) {
      case Received::Kind::nothing:
        return dispatch();
      case Received::Kind::end:
        return peer_closed(connection);
      case Received::Kind::broken:
        return broken(connection, ErrorKind::reset);
      case Received::Kind::bytes:
        if (!take_responses(connection, {buffer_.data(), received.count}, monotonic_ns())) return;
    }
  } while (connection.holds_bytes());
  dispatch();
}

// False if the connection ended over it.
bool Client::take_responses(Connection& connection, std::string_view bytes, std::uint64_t now) {
  while (!bytes.empty()) {
    if (connection.in_flight().empty()) {
      tally_.steps[window_].counts.count(ErrorKind::malformed);
      drop(connection, false);
      return false;
    }
    ResponseReader& reader = connection.reader();
    if (!reader.started()) connection.in_flight().front().first_byte_ns = now;
    bytes.remove_prefix(reader.feed(bytes));
    if (reader.malformed()) {
      broken(connection, ErrorKind::malformed);
      return false;
    }
    if (!reader.done()) continue;
    if (complete(connection, now)) continue;
    if (!bytes.empty()) tally_.steps[window_].counts.count(ErrorKind::malformed);
    return false;
  }
  return true;
}

// Counts the answer to the oldest request. False if the connection ends with it.
bool Client::complete(Connection& connection, std::uint64_t now) {
  ResponseReader& reader = connection.reader();
  Ring<InFlight>& in_flight = connection.in_flight();
  count_answer(connection, in_flight.front(), now);
  in_flight.pop_front();
  --in_flight_;
  if (options_.keep_alive && !reader.closes()) {
    reader.begin(head_only_);
    offer(connection);
    return true;
  }
  for (std::size_t i = 0; i < in_flight.size(); ++i) {
    schedule_.give_back(in_flight[i].slot);
    --counts_of(in_flight[i].slot).sent;
    ++tally_.resent;
  }
  in_flight_ -= in_flight.size();
  drop(connection, true);
  return false;
}

void Client::count_answer(Connection& connection, const InFlight& request, std::uint64_t now) {
  const ResponseReader& reader = connection.reader();
  Counts& counts = counts_of(request.slot);
  counts.latency_ns.record(now - request.slot.scheduled_ns);
  ++counts.answered;
  ++counts.status_class[static_cast<std::size_t>(reader.status() / 100)];
  counts.bytes_in += reader.bytes();
  counts.bytes_out += request.request->bytes();
  check(reader, request, counts);
  while (window_ + 1 < tally_.steps.size() && now >= tally_.steps[window_].end_ns) ++window_;
  StepTally& window = tally_.steps[window_];
  if (window.end_ns == 0 || now < window.end_ns) ++window.in_window;
  tally_.end_ns = now;
  last_open_ns_ = now;
  if (log_) log_->append(connection.peer, request, now, reader.status(), reader.bytes());
}

void Client::check(const ResponseReader& reader, const InFlight& request, Counts& counts) {
  const Answer answer{request.request->target, reader.status(), reader.body_bytes(), reader.body_hash()};
  const std::optional<Mismatch> mismatch = common_.checker.check(answer);
  if (!mismatch) return;
  counts.count(*mismatch);
  if (!tally_.first_mismatch.empty()) return;
  tally_.first_mismatch = options_.method + " " + options_.targets[answer.target].path + " " +
                          common_.checker.describe(*mismatch, answer);
}

}  // namespace plateau::load
