// Bounds the series of locks: the ones that requests waited for most have series of their own, the rest is
// `other`.
//
// Which locks those are changes, and a counter must not go backwards: each lock's growth is booked where the
// lock stands at the time, once. A lock that loses its place keeps what was booked on it, unseen, for its
// return.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "attribution/summary.h"

namespace plateau::sink {

struct LockSeries {
  std::string lock;    // "0x7f12…", or "other"
  std::string pid;     // empty for "other"
  std::string holder;  // function; empty: not known
  std::uint64_t wait_ns = 0;
  std::uint64_t request_wait_ns = 0;
  std::uint64_t waits = 0;
  std::uint64_t handovers = 0;
};

// Not thread-safe. Grows with the locks seen, which the kernel side bounds.
class LockLedger {
 public:
  explicit LockLedger(std::size_t places = 20) : places_(places) {}

  // Books the growth since the last call; `locks` as in attribution::Summary, the most waited for first. An
  // older state than the last one is nothing new. "other" comes last, and only once something was booked on
  // it.
  std::vector<LockSeries> update(const std::vector<attribution::LockStats>& locks);

 private:
  struct Counts {
    std::uint64_t wait_ns = 0;
    std::uint64_t request_wait_ns = 0;
    std::uint64_t waits = 0;
    std::uint64_t handovers = 0;
  };
  struct Account {
    Counts seen;
    Counts booked;  // while it had a place
    std::string holder;
  };
  using Key = std::pair<std::uint32_t, std::uint64_t>;  // process, address

  static void book(Account& account, Counts& onto, const attribution::LockStats& lock);
  static LockSeries series_of(const Counts& counts);

  std::size_t places_;
  std::map<Key, Account> accounts_;
  Counts other_;
};

}  // namespace plateau::sink
