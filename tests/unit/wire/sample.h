// Records and facts to test with.
#pragma once

#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "bpf/lock_record.h"
#include "bpf/turn_record.h"
#include "wire/facts.h"

namespace plateau::wire::test {

// A record in memory aligned as the ring's.
struct Bytes {
  std::vector<std::uint64_t> words;
  std::size_t size = 0;

  std::span<const std::byte> span() const { return std::as_bytes(std::span(words)).first(size); }
  std::span<const std::byte> first(std::size_t n) const { return span().first(n); }
  template <class Fixed>
  Fixed& as() {
    return *static_cast<Fixed*>(static_cast<void*>(words.data()));
  }
};

template <class Fixed>
Bytes record_of(Fixed fixed, std::uint16_t kind, std::string_view behind = {}) {
  Bytes bytes;
  bytes.size = sizeof(Fixed) + behind.size();
  bytes.words.resize((bytes.size + 7) / 8);
  fixed.header.size = static_cast<pl_u32>(bytes.size);
  fixed.header.kind = kind;
  std::memcpy(bytes.words.data(), &fixed, sizeof(fixed));
  if (!behind.empty())
    std::memcpy(static_cast<char*>(static_cast<void*>(bytes.words.data())) + sizeof(fixed), behind.data(),
                behind.size());
  return bytes;
}

inline Bytes turn_of(std::string_view in, std::string_view out, std::uint64_t conn = 1) {
  pl_turn turn{};
  turn.conn = conn;
  turn.in_len = static_cast<pl_u16>(in.size());
  turn.out_len = static_cast<pl_u16>(out.size());
  turn.bytes_in = in.size();
  turn.bytes_out = out.size() + 7;
  turn.tail_len = PL_TAIL;
  return record_of(turn, PL_RECORD_TURN, std::string(in) + std::string(out));
}

inline Bytes close_of(std::uint64_t conn) {
  pl_close close{};
  close.conn = conn;
  close.turns = 3;
  return record_of(close, PL_RECORD_CLOSE);
}

inline Bytes waker_of(std::string_view stack) {
  pl_waker waker{};
  waker.futex = 0x7f0000001000;
  waker.stack_len = static_cast<pl_u32>(stack.size());
  return record_of(waker, PL_RECORD_WAKER, stack);
}

inline Bytes pause_of(std::uint64_t from, std::uint64_t to) {
  pl_pause pause{};
  pause.from_ns = from;
  pause.to_ns = to;
  return record_of(pause, PL_RECORD_PAUSE);
}

Facts sample_facts();
HolderSample sample_holder();

}  // namespace plateau::wire::test
