// What this kernel and these privileges allow, decided once before the load.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "probe/signal.h"

namespace plateau::probe {

struct Choice {
  const Signal* signal;
  bool available = false;
  std::string provider;  // "tp_btf/…" or "iter/…"; "none"
  std::string reason;    // why not, if not available
  bool wanted = true;    // at the level of detail that was asked for
};

struct Plan {
  std::string kernel;  // release
  std::vector<Choice> choices;
  bool privileged = false;  // CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN
  bool btf = false;         // /sys/kernel/btf/vmlinux is readable
  Detail detail = Detail::normal;
};

// What is to be sampled for a profile; nothing unless asked for.
struct Profile {
  bool cpu = false;
  bool sleep = false;
};

// Looks, loads nothing. A kernel without BTF or a caller without privileges gives a plan that says so.
Plan make_plan(Detail detail, Profile profile = {});

// Has a signal given in another way than the best there is: "SIGNAL=none" takes it away, "SIGNAL=tp_btf" or
// "SIGNAL=iter" insists on what it has. Usage errors; ExitCode::unsupported where it is not to be had.
Status force_provider(Plan& plan, const std::string& assignment);

// A signal is marked as not available: what misleads without it goes too.
void take_away(Plan& plan, const Signal& signal, const std::string& reason);

// Whether the plan can show requests; if not, ExitCode::unsupported with what is missing and what to do.
Status check(const Plan& plan);

}  // namespace plateau::probe
