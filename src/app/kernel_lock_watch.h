// Where in the kernel the target waits for its locks: the stacks that the kernel side has kept, by class.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "probe/session.h"
#include "symbol/kernel_symbols.h"
#include "wire/facts.h"

namespace plateau::app {

class KernelLockWatch {
 public:
  // What is counted by now is not told.
  void start(const probe::Session& session);

  // Until they are there, nothing is told. Must outlive this.
  void set_kernel_symbols(const symbol::KernelSymbols* symbols) { symbols_ = symbols; }

  // Sums never shrink from one call to the next: what a call without symbols left out stays out.
  std::vector<wire::KernelLockFact> facts(const probe::Session& session);

 private:
  symbol::LockClass class_of(const probe::Session& session, std::uint32_t stack);

  const symbol::KernelSymbols* symbols_ = nullptr;
  std::vector<probe::LockStackEntry> before_;
  std::unordered_map<std::uint32_t, symbol::LockClass> classes_;  // by stack
};

}  // namespace plateau::app
