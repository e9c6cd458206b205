#include "probe/plan.h"

#include <bpf/btf.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>

namespace plateau::probe {
namespace {

constexpr unsigned kCapSysAdmin = 21, kCapPerfmon = 38, kCapBpf = 39;  // linux/capability.h

std::uint64_t effective_capabilities() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.rfind("CapEff:", 0) == 0) return std::strtoull(line.c_str() + 7, nullptr, 16);
  return 0;
}

bool has_privileges() {
  const auto caps = effective_capabilities();
  const auto has = [caps](unsigned cap) { return (caps >> cap & 1) != 0; };
  return has(kCapSysAdmin) || (has(kCapBpf) && has(kCapPerfmon));
}

struct BtfDeleter {
  void operator()(btf* b) const { btf__free(b); }
};

Choice choose(const Signal& signal, const btf* kernel) {
  Choice choice{&signal, false, "none", "", true};
  if (signal.sampling == Sampling::cpu) {
    choice.available = true;
    choice.provider = "perf_event/cpu-clock";
    return choice;
  }
  if (!signal.tracepoint) {
    choice.available = true;
    choice.provider = std::string("iter/") + signal.name;
    return choice;
  }
  const std::string type = std::string("btf_trace_") + signal.tracepoint;
  if (btf__find_by_name_kind(kernel, type.c_str(), BTF_KIND_TYPEDEF) >= 0) {
    choice.available = true;
    choice.provider = std::string("tp_btf/") + signal.tracepoint;
  } else {
    choice.reason = std::string("this kernel has no tracepoint ") + signal.tracepoint;
  }
  return choice;
}

void leave_out(Choice& choice, const std::string& reason) {
  choice.wanted = choice.available = false;
  choice.provider = "off";
  choice.reason = reason;
}

std::string needs_detail(const Signal& signal) {
  return std::string("only with --detail ") + kDetailNames[static_cast<std::size_t>(signal.detail)] +
         " or more";
}

bool is_asked_for(const Signal& signal, Profile profile) {
  if (signal.sampling == Sampling::cpu) return profile.cpu;
  return signal.sampling == Sampling::off || profile.sleep;
}

const char* provider_kind(const Signal& signal) {
  if (signal.sampling == Sampling::cpu) return "perf_event";
  return signal.tracepoint ? "tp_btf" : "iter";
}

}  // namespace

Plan make_plan(Detail detail, Profile profile) {
  Plan plan;
  plan.detail = detail;
  utsname name{};
  if (uname(&name) == 0) plan.kernel = name.release;
  plan.privileged = has_privileges();
  const std::unique_ptr<btf, BtfDeleter> kernel(btf__load_vmlinux_btf());
  plan.btf = kernel != nullptr;
  for (const auto& signal : signals()) {
    Choice choice{&signal, false, "none", "this kernel offers no BTF", true};
    if (plan.btf) choice = choose(signal, kernel.get());
    if (signal.detail > detail) leave_out(choice, needs_detail(signal));
    if (!is_asked_for(signal, profile))
      leave_out(choice, "only for a profile: plateau flame, plateau record --profile");
    plan.choices.push_back(std::move(choice));
  }
  for (const auto& choice : plan.choices)
    if (choice.wanted && !choice.available) take_away(plan, *choice.signal, std::string(choice.reason));
  return plan;
}

void take_away(Plan& plan, const Signal& signal, const std::string& reason) {
  for (auto& choice : plan.choices) {
    if (choice.signal != &signal || !choice.wanted) continue;
    choice.available = false;
    choice.provider = "none";
    choice.reason = reason;
  }
  for (const auto& other : plan.choices)
    if (other.available && other.signal->partner && signal.name == std::string_view(other.signal->partner))
      take_away(plan, *other.signal, std::string("misleads without '") + signal.name + "'");
}

Status force_provider(Plan& plan, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string name = assignment.substr(0, equals);
  const std::string provider = equals == std::string::npos ? "" : assignment.substr(equals + 1);
  for (auto& choice : plan.choices) {
    if (name != choice.signal->name) continue;
    if (provider == "none") {
      take_away(plan, *choice.signal, "taken away by --provider");
      return success();
    }
    if (provider != provider_kind(*choice.signal))
      return fail("--provider: '" + name + "' has the providers none and " + provider_kind(*choice.signal) +
                      ", not '" + provider + "'",
                  ExitCode::usage);
    if (!choice.available)
      return fail("--provider " + assignment + ": " + choice.reason, ExitCode::unsupported);
    return success();
  }
  return fail("--provider: '" + assignment + "' is not SIGNAL=PROVIDER (see: plateau doctor)",
              ExitCode::usage);
}

Status check(const Plan& plan) {
  if (!plan.btf)
    return fail("kernel " + plan.kernel + " offers no BTF (/sys/kernel/btf/vmlinux): use one built with " +
                    "CONFIG_DEBUG_INFO_BTF",
                ExitCode::unsupported);
  if (!plan.privileged)
    return fail("no privilege to load BPF programs: run as root, or with CAP_BPF and CAP_PERFMON",
                ExitCode::unsupported);
  for (const auto& choice : plan.choices)
    if (choice.signal->required && !choice.available)
      return fail("kernel " + plan.kernel + " cannot tell '" + choice.signal->name + "': " + choice.reason +
                      " (see: plateau doctor)",
                  ExitCode::unsupported);
  return success();
}

}  // namespace plateau::probe
