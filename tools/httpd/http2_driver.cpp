#include "httpd/http2_driver.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "httpd/stamp_clock.h"

namespace plateau::httpd {
namespace {

constexpr std::size_t kReadSize = 32 * 1024;
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kTelling = 3;  // no HTTP/1 method that is served begins with these bytes

int this_thread_id() {
  thread_local const int tid = ::gettid();
  return tid;
}

}  // namespace

bool begins_http2(std::string_view bytes) {
  const std::size_t size = std::min(bytes.size(), kPreface.size());
  return size >= kTelling && bytes.substr(0, size) == kPreface.substr(0, size);
}

Http2Driver::Http2Driver(const Parts& parts)
    : parts_(parts), session_(parts.service, parts.peer, parts.watch) {}

Http2Driver::~Http2Driver() {
  session_.give_up();
  keep_records();
}

void Http2Driver::received(std::string_view bytes, const Receipt& receipt) {
  session_.received(bytes, receipt);
}

IoStatus Http2Driver::read_some() {
  do {
    if (const IoStatus status = flush(); status != IoStatus::done) return status;
    if (has_work()) return IoStatus::done;
    if (session_.done() || ended_) return IoStatus::gone;
    const IoStatus status = receive();
    if (status != IoStatus::done && status != IoStatus::gone) return status;
  } while (ended_ || has_work() || parts_.transport.buffered());
  return flush() == IoStatus::want_write ? IoStatus::want_write : IoStatus::want_read;
}

IoStatus Http2Driver::drive(bool blocking, bool may_read) {
  may_read = may_read || parts_.transport.buffered();
  while (true) {
    if (parts_.service.stopping.load(std::memory_order_relaxed)) session_.announce_end();
    if (const IoStatus status = flush(); status != IoStatus::done) return status;
    if (Http2Stream* const stream = session_.next()) {
      work(*stream);
      continue;
    }
    if (parts_.service.stopping.load(std::memory_order_relaxed) && session_.idle() &&
        !parts_.transport.waiting()) {
      session_.finish();
      if (const IoStatus status = flush(); status != IoStatus::done) return status;
    }
    if (session_.done() || ended_) return IoStatus::gone;
    if (!may_read) return IoStatus::want_read;
    const IoStatus status = receive();
    if (status != IoStatus::done && status != IoStatus::gone) return status;
    may_read = blocking || ended_ || parts_.transport.buffered();
  }
}

IoStatus Http2Driver::flush() {
  while (true) {
    const std::string_view pending = session_.pending();
    if (pending.empty()) break;
    const IoResult io = parts_.transport.send(pending);
    if (io.status != IoStatus::done) return io.status;
    const bool clocked = parts_.truth != nullptr;
    session_.sent(io.count, clocked ? stamp_clock().now() : 0);
  }
  keep_records();
  return IoStatus::done;
}

IoStatus Http2Driver::receive() {
  std::array<char, kReadSize> space;
  std::uint64_t stamp_ns = 0;
  const bool clocked = parts_.truth != nullptr;
  const IoResult io = parts_.transport.receive(space, clocked ? &stamp_ns : nullptr);
  if (io.status == IoStatus::gone) {
    ended_ = true;
    session_.ended();
  }
  if (io.status != IoStatus::done) return io.status;
  Receipt receipt;
  if (clocked) {
    receipt.read_ns = stamp_clock().now();
    receipt.tid = this_thread_id();
    if (stamp_ns != 0) receipt.rx_ns = parts_.service.truth->to_monotonic(stamp_ns);
  }
  session_.received({space.data(), io.count}, receipt);
  return io.status;
}

void Http2Driver::work(Http2Stream& stream) {
  parts_.service.workload.run(stream.record().stages);
  session_.answer(stream);
}

void Http2Driver::keep_records() {
  for (const auto& stream : session_.take_finished()) {
    stream->exchange().finished(stream->record());
    if (parts_.truth == nullptr) continue;
    Span& send = at(stream->record().stages, Stage::send);
    if (send.end < send.begin) send.end = stamp_clock().now();
    stream->record().tid_write = this_thread_id();
    parts_.truth->append(parts_.truth_prefix, stream->record());
  }
}

}  // namespace plateau::httpd
