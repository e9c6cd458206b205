#include "app/recorder.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace plateau::app {
namespace {

template <class Record>
Record& as(std::span<std::byte> bytes) {
  return *static_cast<Record*>(static_cast<void*>(bytes.data()));
}

}  // namespace

Recorder::Recorder(wire::CaptureWriter writer, bool midway) : writer_(std::move(writer)), midway_(midway) {}

// The ring's bytes are not ours to change: a copy is scrubbed and written.
void Recorder::record(std::span<const std::byte> bytes) {
  copy_.resize((bytes.size() + 7) / 8);
  std::memcpy(copy_.data(), bytes.data(), bytes.size());
  const auto copy = std::as_writable_bytes(std::span(copy_)).first(bytes.size());
  if (midway_ && !moved_to_origin(copy)) return;
  const auto kind = as<pl_header>(copy).kind;
  if (kind == PL_RECORD_TURN) scrubber_.scrub(copy);
  if (kind == PL_RECORD_CLOSE) scrubber_.forget(as<pl_close>(copy).conn);
  writer_.record(copy);
}

bool Recorder::moved_to_origin(std::span<std::byte> record) {
  const auto kind = as<pl_header>(record).kind;
  if (kind == PL_RECORD_TURN) {
    auto& turn = as<pl_turn>(record);
    auto found = origins_.find(turn.conn);
    if (found == origins_.end()) {
      if (turn.part != 0 || origins_.size() >= kMaxConnections) return false;
      found =
          origins_.insert({turn.conn, {turn.seq, turn.in_offset, turn.out_offset, turn.retransmits}}).first;
    }
    const Origin& origin = found->second;
    turn.seq -= origin.seq;
    turn.in_offset -= origin.in_offset;
    turn.out_offset -= origin.out_offset;
    turn.retransmits -= std::min(turn.retransmits, origin.retransmits);
  } else if (kind == PL_RECORD_CLOSE) {
    auto& close = as<pl_close>(record);
    const auto found = origins_.find(close.conn);
    if (found == origins_.end()) return false;
    close.turns -= std::min(close.turns, found->second.seq);
    close.bytes_in -= std::min(close.bytes_in, found->second.in_offset);
    close.bytes_out -= std::min(close.bytes_out, found->second.out_offset);
    origins_.erase(found);
  }
  return true;
}

}  // namespace plateau::app
