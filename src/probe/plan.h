// What this kernel and these privileges allow, decided once before the load.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "probe/kernel.h"
#include "probe/privileges.h"
#include "probe/signal.h"

namespace plateau::probe {

// A provider of a signal, as far as it was looked at.
struct Option {
  const Provider* provider;
  bool looked_at = false;
  bool available = false;
  std::string reason;  // why not
};

struct Choice {
  const Signal* signal;
  bool available = false;
  std::string provider;  // "tp_btf/sched_switch"; "none"; "off": not at this level of detail
  std::string reason;    // why none, or none of those above it
  bool wanted = true;    // at the level of detail that was asked for
  bool forced = false;   // by force_provider: no other will do
  std::vector<Option> options{};
  const Provider* chosen = nullptr;  // null: none
  std::vector<const Hook*> hooks{};  // of the one chosen, those whose place this kernel has
};

struct Plan {
  std::string kernel;  // release
  std::vector<Choice> choices;
  Held privileges;
  bool btf = false;  // /sys/kernel/btf/vmlinux is readable
  Detail detail = Detail::normal;
  std::string go_refused;  // why the kernel takes no probes on Go's runtime; empty: it does, or nobody asked
  std::shared_ptr<Kernel> view;  // null: none
};

// A stack is taken at one page fault in so many, at the most, of those that a CPU serves, whoever's they are:
// a prime, for loops fault in step.
inline constexpr std::uint32_t kFaultPeriod = 61;

// What is to be sampled for a profile; nothing unless asked for.
struct Profile {
  bool cpu = false;
  bool sleep = false;
  bool fault = false;
  bool waker = false;  // with `sleep`: who ends the sleeps

  bool any() const { return cpu || sleep || fault; }
};

// Looks, and tries programs that do nothing where it has no other way to know. A kernel without BTF or a
// caller without privileges gives a plan that says so.
Plan make_plan(Detail detail, Profile profile = {});

// For a kernel of one's own; null: one without BTF.
Plan make_plan(Detail detail, std::shared_ptr<Kernel> kernel, Held privileges, Profile profile = {});

// Looks at the providers below the ones chosen too, which a capture has no use for.
void look_at_all(Plan& plan);

// Has a signal given in another way than the best there is: "SIGNAL=none" takes it away, "SIGNAL=NAME"
// insists on the provider of that name. Usage errors; ExitCode::unsupported where it is not to be had.
Status force_provider(Plan& plan, const std::string& assignment);

// A signal is marked as not available: what misleads without it goes too.
void take_away(Plan& plan, const Signal& signal, const std::string& reason);

// The kernel would not have the provider chosen: the next one is, or none. Returns whether there is one.
bool reject(Plan& plan, const Signal& signal, const std::string& reason);

// A refusal in the words of the kernel's verifier, with what to do about it where that is known.
std::string with_remedy(const std::string& refusal);

// What is missing of a signal as it is given; empty: nothing.
std::string lost(const Choice& choice);

// Whether the plan can show requests; if not, ExitCode::unsupported with what is missing and what to do.
Status check(const Plan& plan);

}  // namespace plateau::probe
