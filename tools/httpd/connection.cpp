#include "httpd/connection.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/clock.h"
#include "httpd/stamp_clock.h"

namespace plateau::httpd {
namespace {

int this_thread_id() {
  thread_local const int tid = ::gettid();
  return tid;
}

Connection::Outcome outcome_of(IoStatus status) {
  switch (status) {
    case IoStatus::want_read:
      return Connection::Outcome::want_read;
    case IoStatus::want_write:
      return Connection::Outcome::want_write;
    case IoStatus::done:
    case IoStatus::gone:
      break;
  }
  return Connection::Outcome::closed;
}

}  // namespace

Connection::Connection(Service& service, std::unique_ptr<Transport> transport, std::uint64_t number,
                       std::string_view peer, TruthBuffer* truth)
    : service_(service),
      transport_(std::move(transport)),
      truth_(truth),
      session_(service, std::string(peer)) {
  service_.watchdog.add(session_.watch(), fd());
  const std::uint64_t limit = service_.options.protocol.max_connections;
  if (limit != 0 && service_.watchdog.size() > limit) session_.turn_away();
  const BodyMode body = service_.options.body;
  if (body != BodyMode::single && body != BodyMode::buffered) {
    sender_ = std::make_unique<BodySender>(body, service_.zerocopy);
  }
  if (truth_ != nullptr) truth_prefix_ = connection_prefix(number, peer);
}

Connection::Outcome Connection::drive(Blocking blocking, Extent extent) {
  if (sender_) sender_->read_completions(fd());
  if (!hot_rest_.empty()) {
    const IoStatus status = send_hot_rest();
    if (status != IoStatus::done) return outcome_of(status);
  }
  bool may_read = extent != Extent::answer || transport_->buffered();
  while (!http2_) {
    const Step step = session_.step();
    if (extent == Extent::read && (step == Step::work || step == Step::write)) return Outcome::request_ready;
    switch (step) {
      case Step::read: {
        if (must_end()) return Outcome::closed;
        if (!may_read) return Outcome::want_read;
        const IoStatus status = hot_ != nullptr && session_.idle() ? receive_hot() : receive();
        may_read = blocking == Blocking::yes || transport_->buffered();
        if (status != IoStatus::done && status != IoStatus::gone) return outcome_of(status);
        break;
      }
      case Step::work:
        work();
        break;
      case Step::write: {
        const IoStatus status = send_pending();
        if (status != IoStatus::done) return outcome_of(status);
        break;
      }
      case Step::proceed:
        session_.proceed();
        break;
      case Step::linger:
        return linger(blocking);
      case Step::close:
        return Outcome::closed;
    }
  }
  return drive_http2(blocking, extent);
}

Connection::Outcome Connection::drive_http2(Blocking blocking, Extent extent) {
  if (extent != Extent::read) {
    return outcome_of(http2_->drive(blocking == Blocking::yes, extent == Extent::all));
  }
  const IoStatus status = http2_->read_some();
  return http2_->has_work() ? Outcome::request_ready : outcome_of(status);
}

void Connection::use(TruthBuffer* truth) {
  truth_ = truth;
  if (http2_) http2_->use(truth);
}

RequestRecord& Connection::record() {
  return http2_ && http2_->has_work() ? http2_->next_record() : session_.record();
}

bool Connection::become_http2(std::string_view bytes, const Receipt& receipt) {
  if (!session_.fresh()) return false;
  if (service_.tls ? !transport_->chose_http2() : !begins_http2(bytes)) return false;
  http2_ = std::make_unique<Http2Driver>(Http2Driver::Parts{.service = service_,
                                                            .transport = *transport_,
                                                            .watch = session_.watch(),
                                                            .peer = session_.peer(),
                                                            .truth_prefix = truth_prefix_,
                                                            .truth = truth_});
  if (session_.turned_away()) http2_->turn_away();
  http2_->received(bytes, receipt);
  return true;
}

// Once the server stops, a connection ends where no request has begun and none is on its way.
bool Connection::must_end() const {
  return service_.stopping.load(std::memory_order_relaxed) && session_.idle() && !transport_->waiting();
}

void Connection::work() {
  service_.workload.run(session_.record().stages);
  if (service_.stopping.load(std::memory_order_relaxed)) {
    session_.more_waiting(transport_->waiting());
  }
  session_.worked();
}

IoResult Connection::receive_into(std::span<char> space, std::uint64_t* stamp_ns) {
  const IoResult io = transport_->receive(space, stamp_ns);
  drained_ = io.count < space.size();
  dry_ = io.count == 0;
  return io;
}

Receipt Connection::receipt(std::uint64_t stamp_ns) const {
  if (truth_ == nullptr) return {};
  return {.rx_ns = stamp_ns == 0 ? 0 : service_.truth->to_monotonic(stamp_ns),
          .read_ns = stamp_clock().now(),
          .tid = this_thread_id()};
}

IoStatus Connection::receive() {
  const std::span<char> space = session_.space();
  std::uint64_t stamp_ns = 0;
  const IoResult io = receive_into(space, service_.options.bottleneck.truth_stamps ? &stamp_ns : nullptr);
  if (io.status == IoStatus::gone) session_.ended();
  if (io.status != IoStatus::done) return io.status;
  const Receipt received = receipt(stamp_ns);
  if (service_.options.protocol.http2 && become_http2({space.data(), io.count}, received)) return io.status;
  session_.received(io.count, received);
  return io.status;
}

// What is not known goes to the session, as if it had received it.
IoStatus Connection::receive_hot() {
  if (service_.stopping.load(std::memory_order_relaxed) || session_.turned_away()) return receive();
  session_.note_activity();
  const std::span<char> space = hot_->space();
  const IoResult io = receive_into(space, nullptr);
  if (io.status == IoStatus::gone) session_.ended();
  if (io.status != IoStatus::done) return io.status;
  const Receipt received = receipt(0);
  const std::string_view bytes(space.data(), io.count);
  const std::string_view answer = hot_->answer(bytes);
  if (answer.empty()) {
    hot_->learn(bytes);
    std::copy(bytes.begin(), bytes.end(), session_.space().begin());
    session_.received(bytes.size(), received);
    return IoStatus::done;
  }
  if (truth_ != nullptr) hot_log_.begin(*hot_, bytes, received, session_);
  return send_hot(answer);
}

IoStatus Connection::send_hot(std::string_view answer) {
  if (transport_->sends_later()) {
    hot_rest_ = answer;
    return send_hot_rest();
  }
  const IoResult io = transport_->send(answer);
  if (io.count == answer.size()) return hot_sent(io.status, 0);
  hot_rest_ = answer.substr(io.count);
  return io.status == IoStatus::gone ? hot_sent(io.status, hot_rest_.size()) : IoStatus::want_write;
}

IoStatus Connection::send_hot_rest() {
  const IoResult io = transport_->send(hot_rest_);
  hot_rest_.erase(0, io.count);
  if (io.status == IoStatus::gone || hot_rest_.empty()) return hot_sent(io.status, hot_rest_.size());
  return io.status == IoStatus::done ? IoStatus::want_write : io.status;
}

IoStatus Connection::hot_sent(IoStatus status, std::size_t unsent) {
  if (truth_ != nullptr) hot_log_.end(*truth_, truth_prefix_, unsent);
  if (status == IoStatus::gone) session_.ended();
  return status;
}

IoStatus Connection::send_pending() {
  Span& send = at(session_.record().stages, Stage::send);
  if (truth_ != nullptr && send.begin == 0 && session_.responding()) send.begin = stamp_clock().now();
  const IoResult io =
      sender_ ? sender_->send(*transport_, session_.output()) : transport_->send(session_.pending());
  if (io.status == IoStatus::gone) record_truth(false);
  if (io.status != IoStatus::done) return io.status;
  session_.sent(io.count);
  if (session_.step() == Step::proceed) record_truth(true);
  return io.status;
}

void Connection::record_truth(bool sent) {
  if (truth_ == nullptr) return;
  RequestRecord& record = session_.record();
  Span& send = at(record.stages, Stage::send);
  const std::uint64_t now = stamp_clock().now();
  if (send.begin != 0) send.end = now;
  if (sent) record.write_ns = now;
  record.tid_write = this_thread_id();
  truth_->append(truth_prefix_, record);
}

Connection::Outcome Connection::linger(Blocking blocking) {
  if (!lingering_) {
    lingering_ = true;
    transport_->finish();
    if (blocking == Blocking::yes) {
      const timeval slice{0, 100'000};
      ::setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &slice, sizeof slice);
    }
  }
  std::array<char, 4096> discarded;
  const std::uint64_t deadline = monotonic_ns() + kLingerNs;
  do {
    if (receive_into(discarded, nullptr).status == IoStatus::gone) return Outcome::closed;
    if (blocking == Blocking::no) return Outcome::want_read;
  } while (monotonic_ns() < deadline && !service_.stopping.load(std::memory_order_relaxed));
  return Outcome::closed;
}

}  // namespace plateau::httpd
