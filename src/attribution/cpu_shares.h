// What parts of the server's computing go to work that a fix may save, by the stacks of a CPU profile. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "wire/profile.h"

namespace plateau::attribution {

struct CpuShares {
  std::uint64_t samples = 0;  // on a CPU; 0: no profile
  // Of the CPU time, 0…1: allocating, freeing and collecting memory, faults on its pages, and the own time of
  // functions that mostly fault (an access that faulted is made again, and misses the TLB and the cache);
  // accepting, watching and closing connections, TLS handshakes among it, all that functions do which do
  // mostly that, and what closing files takes, which cannot be told from it everywhere.
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
  struct Stack {
    Work work = Work::other;
    bool faults = false;                // at a page
    bool own = false;                   // in the function itself, nothing called
    std::uint32_t function = 0;         // innermost one of user space, into functions_; 0: none
    std::vector<std::uint32_t> inside;  // all of user space, each once
    std::uint64_t ns = 0;
  };
  struct Function {
    std::uint64_t own_ns = 0;
    std::uint64_t fault_ns = 0;
    std::uint64_t all_ns = 0;  // with what it calls
    std::uint64_t set_up_ns = 0;
  };
  static Work work_of(const wire::ProfileStack& stack);
  std::uint32_t function_of(const std::string& name);
  void remember_functions(const wire::ProfileStack& stack, Stack& entry);
  std::uint64_t touching_ns() const;
  std::uint64_t set_up_ns() const;

  std::vector<Stack> stacks_;  // by id
  std::vector<Function> functions_{1};
  std::unordered_map<std::string, std::uint32_t> function_ids_;
  std::uint64_t samples_ = 0;
  std::uint64_t all_ns_ = 0;
  std::uint64_t allocation_ns_ = 0;
};

}  // namespace plateau::attribution
