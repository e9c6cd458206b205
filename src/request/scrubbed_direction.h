// One direction of a connection, followed to know which of its bytes are heads and chunk sizes, and blanked
// out beyond that. For this folder only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunked.h"
#include "http/framing.h"

namespace plateau::request {

// Where things lie in the stream, as its events tell.
class ScrubMap {
 public:
  using Test = bool (*)(std::string_view);

  // `begins`: may these bytes, where a head should be, be taken for the beginning of one?
  explicit ScrubMap(Test begins) : begins_(begins) {}

  struct Piece {
    std::uint64_t offset = 0;  // in the stream
    std::uint64_t size = 0;    // bytes of the head
    bool foreign = false;      // not HTTP/1 from here on
    bool pending = false;      // goes on beyond the record
    bool chunked = false;      // a chunked body follows
  };

  template <class Head>
  void on_event(const http::Event<Head>& event);

  // The stream has read the record's bytes: `pending` tells that it is inside a head, up to its `offset`.
  void end_record(bool pending, std::uint64_t offset);
  // Blanks `bytes`, whose first is at stream offset `start`, and starts over with the pieces.
  void blank(std::span<char> bytes, std::uint64_t start);
  // `bytes` passed unseen.
  void skip(std::uint64_t bytes);
  // The next byte, at `offset`, begins a message; or nobody knows what it is.
  void restart(std::uint64_t offset);

 private:
  void blank_head(std::span<char> bytes, const Piece& piece, std::uint64_t start);
  void blank_body(std::span<char> bytes);

  Test begins_;
  std::vector<Piece> pieces_;
  std::uint64_t next_head_ = 0;  // stream offset at which a head is to begin
  bool in_body_ = false;
  bool chunked_ = false;  // the present body
  http::ChunkDecoder chunks_;
  std::string begun_;  // of a head that an earlier record began: its bytes there, as they were
};

template <class Stream>
struct ScrubbedDirection {
  explicit ScrubbedDirection(ScrubMap::Test begins) : map(begins) {}

  Stream stream;
  ScrubMap map;
  std::uint64_t expected = 0;  // offset, as the kernel side counts, at which the next record is to go on

  void resync() {
    if (stream.tunnelled()) return;
    stream.resync();
    map.restart(stream.offset());
  }
  void abandon() {
    if (stream.tunnelled()) return;
    stream.abandon();
    map.restart(stream.offset());
  }
};

template <class Head>
void ScrubMap::on_event(const http::Event<Head>& event) {
  using http::EventKind;
  switch (event.kind) {
    case EventKind::head:
      in_body_ = true;
      if constexpr (requires { event.head.interim; }) in_body_ = !event.head.interim;
      next_head_ = event.offset + event.head.size;
      pieces_.push_back(
          {event.offset, event.head.size, false, false, event.head.framing == http::BodyFraming::chunked});
      return;
    case EventKind::head_cut:
      pieces_.push_back({event.offset, UINT64_MAX});
      return;
    case EventKind::malformed:
      if (!in_body_) pieces_.push_back({event.offset, UINT64_MAX, true});
      in_body_ = false;
      return;
    case EventKind::message_end:
      in_body_ = false;
      next_head_ = event.offset;
      return;
    case EventKind::lost:
    case EventKind::truncated:
      in_body_ = false;
      return;
  }
}

}  // namespace plateau::request
