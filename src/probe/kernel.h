// What the running kernel offers to attach to: found by looking and trying, never by its version.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "probe/signal.h"

namespace plateau::probe {

class Kernel {
 public:
  virtual ~Kernel() = default;

  // How many arguments a tracepoint hands over, or a function takes; nothing: there is none of that name.
  virtual std::optional<unsigned> arguments_of(Kind kind, const std::string& place) const = 0;

  // Why programs of this kind may not be attached; empty: they may. Tries it with a program that does
  // nothing, on the function, until it has gone well once.
  virtual std::string refusal(Kind kind, const std::string& function) = 0;
};

// Knows of the places that the table of signals names. Null: the kernel offers no BTF.
std::shared_ptr<Kernel> running_kernel();

}  // namespace plateau::probe
