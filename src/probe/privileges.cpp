#include "probe/privileges.h"

#include <linux/capability.h>

#include <array>
#include <fstream>

namespace plateau::probe {
namespace {

constexpr std::array<Privilege, 8> kTable{{
    {CAP_BPF, "CAP_BPF", true, false, "loads programs and maps, and reads the maps", "no probes"},
    {CAP_PERFMON, "CAP_PERFMON", true, false, "attaches them to the kernel", "no probes"},
    {CAP_SYS_PTRACE, "CAP_SYS_PTRACE", false, true,
     "looks into processes of other users and more privileged ones: descriptors, mappings, executables",
     "runtime, listening sockets, accept queues and roads around TCP of such a target are not known, and "
     "lock holders have no names"},
    {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", false, true,
     "reads other users' folders in /proc, and their executables",
     "as without CAP_SYS_PTRACE, for the processes and files of other users"},
    {CAP_SYSLOG, "CAP_SYSLOG", false, false, "reads the addresses of kernel functions",
     "sleeps that no system call explains are unattributed"},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN", false, false,
     "measures what the probes cost, enters a target's network namespace, and sets kprobes where "
     "perf_event_paranoid is 3",
     "the probes' cost is assumed, not measured; accept queues and the send path of a target in another "
     "network namespace are not known"},
    {CAP_SYS_NICE, "CAP_SYS_NICE", false, false, "goes before the target's threads",
     "records may be lost while hundreds of threads want a CPU"},
    {CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", false, false, "writes results to other users' folders",
     "results go to folders that the user may write to"},
}};

// What stands in for another: the kernel takes CAP_SYS_ADMIN for the two that were once a part of it.
Capabilities accepted_for(unsigned capability) {
  const Capabilities itself = capability_bit(capability);
  return capability == CAP_BPF || capability == CAP_PERFMON ? itself | capability_bit(CAP_SYS_ADMIN) : itself;
}

// In the first one IDs are what they are.
bool in_own_user_namespace() {
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0, outside = 0, length = 0;
  if (!(map >> inside >> outside >> length)) return false;
  return inside != 0 || outside != 0 || length != 0xffffffff;
}

}  // namespace

std::span<const Privilege> privileges() {
  return kTable;
}

Held held_privileges() {
  return {effective_capabilities(), in_own_user_namespace()};
}

bool holds(const Held& held, const Privilege& privilege) {
  return !held.own_namespace && (held.capabilities & accepted_for(privilege.capability)) != 0;
}

std::vector<std::string> lacking(const Held& held) {
  std::vector<std::string> names;
  for (const auto& privilege : privileges())
    if (privilege.required && !holds(held, privilege)) names.emplace_back(privilege.name);
  return names;
}

Status check(const Held& held) {
  std::string names;
  for (const auto& name : lacking(held)) names += (names.empty() ? "" : " and ") + name;
  if (names.empty()) return success();
  if (held.own_namespace)
    return fail(
        "no privilege to load BPF programs: this is a user namespace, whose capabilities do not count "
        "for it; run outside of it, as root or with " +
            names,
        ExitCode::unsupported);
  return fail("no privilege to load BPF programs: " + names + " missing; run as root, or with " + names,
              ExitCode::unsupported);
}

Capabilities kept_privileges() {
  Capabilities kept = 0;
  for (const auto& privilege : privileges())
    if (privilege.kept) kept |= capability_bit(privilege.capability);
  return kept;
}

}  // namespace plateau::probe
