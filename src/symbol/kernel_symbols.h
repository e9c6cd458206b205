// Kernel address → function, and kernel stack → what the thread waits for.
#pragma once

#include <cstdint>
#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "symbol/kernel_wait.h"
#include "symbol/lock_class.h"

namespace plateau::symbol {

// The text symbols of the running kernel and its modules, as they were when loaded: about 3 MB for 70,000
// symbols. Immutable, so free to share among threads.
class KernelSymbols {
 public:
  // Reads /proc/kallsyms. Fails (ExitCode::unsupported) where the kernel hides the addresses.
  static Result<KernelSymbols> load();

  // The same from any text of that form: "address type name [module]" lines. Other lines are skipped.
  static Result<KernelSymbols> parse(std::istream& text);

  // The function that holds `address`; empty if none does. Valid as long as this object.
  std::string_view name_of(std::uint64_t address) const;

  // Return addresses, innermost first, as bpf_get_stack() delivers them.
  KernelWait classify(std::span<const std::uint64_t> stack) const;
  // Likewise; the stack is of a wait for one of the kernel's own locks, the probe's own functions included.
  LockClass classify_lock(std::span<const std::uint64_t> stack) const;

  std::size_t size() const { return symbols_.size(); }

 private:
  struct Symbol {
    std::uint64_t address;
    std::uint32_t name;  // where in names_; ended by '\0'
  };

  void add(std::uint64_t address, std::string_view name);
  std::vector<std::string_view> names_of(std::span<const std::uint64_t> stack) const;

  std::vector<Symbol> symbols_;  // ascending
  std::string names_;
};

}  // namespace plateau::symbol
