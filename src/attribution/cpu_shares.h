// What parts of the server's computing go to work that a fix may save, by the stacks of a CPU profile. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "wire/profile.h"

namespace plateau::attribution {

struct CpuShares {
  std::uint64_t samples = 0;  // on a CPU; 0: no profile
  // Of the CPU time, 0…1: allocating, freeing and collecting memory, and faults on its pages; accepting and
  // closing connections, TLS handshakes among it.
  double allocation = 0;
  double set_up = 0;
};

// Fewer samples tell no share.
inline constexpr std::uint64_t kFewestCpuSamples = 100;

class CpuShareCounter {
 public:
  // Each stack before the first sample that has it.
  void stack(const wire::ProfileStack& stack);
  void sample(const wire::StackSample& sample);

  CpuShares shares() const;

 private:
  enum class Work : std::uint8_t { other, allocation, set_up };
  static Work work_of(const wire::ProfileStack& stack);

  std::vector<Work> stacks_;  // by id
  std::uint64_t samples_ = 0;
  std::uint64_t all_ns_ = 0;
  std::uint64_t allocation_ns_ = 0;
  std::uint64_t set_up_ns_ = 0;
};

}  // namespace plateau::attribution
