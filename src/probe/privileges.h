// What each capability is for: needed to attach, of use, or kept for what a capture does later.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/capabilities.h"
#include "base/result.h"

namespace plateau::probe {

struct Privilege {
  unsigned capability;  // linux/capability.h
  const char* name;     // "CAP_BPF"
  bool required;        // no probes without it
  bool kept;            // while a capture runs: what goes on beside the probes needs it
  const char* use;
  const char* without;  // what is lost
};

// Those that are of use, the required ones first. A capability that is not in the list is never needed.
std::span<const Privilege> privileges();

struct Held {
  Capabilities capabilities = 0;
  bool own_namespace = false;  // they count in a user namespace of its own alone, not for the kernel's BPF
};

// Of the calling thread.
Held held_privileges();

bool holds(const Held& held, const Privilege& privilege);

// Names of the required ones that are not held.
std::vector<std::string> lacking(const Held& held);

// ExitCode::unsupported with the names of the required ones that are not held.
Status check(const Held& held);

// Those that a capture needs once its probes are on, whatever they are; see Session::needed_privileges().
Capabilities kept_privileges();

}  // namespace plateau::probe
