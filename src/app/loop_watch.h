// The accounts of the target's threads that wait for events, over a capture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bpf/loop_table.h"
#include "bpf/turn_record.h"
#include "wire/facts.h"

namespace plateau::app {

// The account as of `now_ns`, what goes on at that moment included. `addresses`: of the listening sockets.
wire::LoopFact loop_fact(const pl_loop& loop, const std::vector<std::string>& addresses,
                         std::uint64_t now_ns);

// "127.0.0.1:8080", "[::1]:8080".  Empty: of another family.
std::string address_text(std::uint16_t family, const pl_u8 (&address)[16], std::uint16_t port);

// "127.0.0.1:8080"; "127.0.0.1:8080 #2" where several sockets listen there. Empty: not known.
std::vector<std::string> listener_names(const std::vector<pl_addr>& addresses);

// Pure.
class LoopWatch {
 public:
  // A thread has ended. Threads of one kind are kept in one, and beyond a number of kinds in "other".
  void ended(const pl_loop& loop);

  // One for each of these, as of `now_ns`; those with the fewest waits by kind where there are many; and
  // those of ended threads, by kind.
  std::vector<wire::LoopFact> facts(const std::vector<pl_loop>& loops, const std::vector<pl_addr>& listeners,
                                    std::uint64_t now_ns) const;

 private:
  std::map<std::string, wire::LoopFact> ended_;  // by kind
};

}  // namespace plateau::app
