#include "probe/plan.h"

#include <sys/utsname.h>

#include <algorithm>

namespace plateau::probe {
namespace {

const char* kind_of_place(Kind kind) {
  return kind == Kind::tp_btf ? "tracepoint" : "function";
}

// Why the kernel has no place for a hook; empty: it has.
std::string obstacle(const Kernel& kernel, const Hook& hook) {
  if (!has_place(hook.kind)) return {};
  const auto arguments = kernel.arguments_of(hook.kind, hook.place);
  if (!arguments) return std::string("this kernel has no ") + kind_of_place(hook.kind) + " " + hook.place;
  const bool enough = hook.kind == Kind::tp_btf ? *arguments >= hook.arguments : *arguments == hook.arguments;
  if (hook.arguments == 0 || enough) return {};
  return std::string(hook.place) + " has " + std::to_string(*arguments) + " arguments here, not " +
         std::to_string(hook.arguments);
}

std::string obstacle(Kernel& kernel, const Provider& provider) {
  for (const auto& hook : provider.hooks) {
    if (!hook.place || hook.optional) continue;
    if (auto why = obstacle(kernel, hook); !why.empty()) return why;
  }
  return kernel.refusal(provider.hooks[0].kind, provider.hooks[0].place);
}

void look_at(Option& option, Kernel& kernel) {
  if (option.looked_at) return;
  option.looked_at = true;
  option.reason = obstacle(kernel, *option.provider);
  option.available = option.reason.empty();
}

void take(Choice& choice, const Option& option, const Kernel& kernel) {
  choice.available = true;
  choice.chosen = option.provider;
  choice.provider = option.provider->text();
  choice.hooks.clear();
  for (const auto& hook : option.provider->hooks)
    if (hook.place && (!hook.optional || obstacle(kernel, hook).empty())) choice.hooks.push_back(&hook);
}

void take_none(Choice& choice, const std::string& reason) {
  choice.available = false;
  choice.chosen = nullptr;
  choice.provider = "none";
  choice.reason = reason;
  choice.hooks.clear();
}

std::string reason_of(const Choice& choice, const Option& option) {
  const std::string name = option.provider->name;
  return choice.options.size() > 1 ? name + ": " + option.reason : option.reason;
}

// The best there is. The reason tells of the ones above it.
void choose(Choice& choice, Kernel& kernel) {
  std::string reasons;
  for (auto& option : choice.options) {
    look_at(option, kernel);
    if (option.available) {
      take(choice, option, kernel);
      choice.reason = reasons;
      return;
    }
    reasons += (reasons.empty() ? "" : "; ") + reason_of(choice, option);
  }
  take_none(choice, reasons);
}

void leave_out(Choice& choice, const std::string& reason) {
  choice.wanted = false;
  choice.provider = "off";
  choice.reason = reason;
}

std::string needs_detail(const Signal& signal) {
  return std::string("only with --detail ") + kDetailNames[static_cast<std::size_t>(signal.detail)] +
         " or more";
}

bool is_asked_for(const Signal& signal, Profile profile) {
  switch (signal.sampling) {
    case Sampling::cpu:
      return profile.cpu;
    case Sampling::sleep:
      return profile.sleep;
    case Sampling::fault:
      return profile.fault;
    case Sampling::waker:
      return profile.sleep && profile.waker;
    case Sampling::off:
      break;
  }
  return true;
}

std::vector<Option> options_of(const Signal& signal) {
  std::vector<Option> options;
  for (const auto& provider : signal.providers)
    if (provider.name) options.push_back({&provider, false, false, ""});
  return options;
}

Choice* find(Plan& plan, const std::string& signal) {
  const auto found =
      std::ranges::find_if(plan.choices, [&](const Choice& choice) { return signal == choice.signal->name; });
  return found == plan.choices.end() ? nullptr : &*found;
}

std::string names_of(const Choice& choice) {
  std::string names = "none";
  for (std::size_t i = 0; i < choice.options.size(); i++)
    names += (i + 1 < choice.options.size() ? ", " : " and ") + std::string(choice.options[i].provider->name);
  return names;
}

}  // namespace

Plan make_plan(Detail detail, Profile profile) {
  return make_plan(detail, running_kernel(), held_privileges(), profile);
}

Plan make_plan(Detail detail, std::shared_ptr<Kernel> kernel, Held privileges, Profile profile) {
  Plan plan;
  plan.detail = detail;
  utsname name{};
  if (uname(&name) == 0) plan.kernel = name.release;
  plan.privileges = privileges;
  plan.btf = kernel != nullptr;
  plan.view = std::move(kernel);
  for (const auto& signal : signals()) {
    Choice choice{.signal = &signal, .provider = "none", .reason = "this kernel offers no BTF"};
    choice.options = options_of(signal);
    if (signal.detail > detail)
      leave_out(choice, needs_detail(signal));
    else if (!is_asked_for(signal, profile))
      leave_out(choice, "only for a profile: plateau flame, plateau record --profile");
    else if (plan.btf)
      choose(choice, *plan.view);
    plan.choices.push_back(std::move(choice));
  }
  for (const auto& choice : plan.choices)
    if (choice.wanted && !choice.available) take_away(plan, *choice.signal, std::string(choice.reason));
  return plan;
}

void look_at_all(Plan& plan) {
  if (!plan.view) return;
  for (auto& choice : plan.choices)
    for (auto& option : choice.options) look_at(option, *plan.view);
}

void take_away(Plan& plan, const Signal& signal, const std::string& reason) {
  for (auto& choice : plan.choices)
    if (choice.signal == &signal && choice.wanted) take_none(choice, reason);
  for (const auto& other : plan.choices)
    if (other.available && other.signal->partner && signal.name == std::string_view(other.signal->partner))
      take_away(plan, *other.signal, std::string("misleads without '") + signal.name + "'");
}

bool reject(Plan& plan, const Signal& signal, const std::string& reason) {
  Choice* choice = find(plan, signal.name);
  for (auto& option : choice->options) {
    if (option.provider != choice->chosen) continue;
    option.available = false;
    option.reason = reason;
  }
  if (choice->forced)
    take_none(*choice, reason);
  else
    choose(*choice, *plan.view);
  if (!choice->available) take_away(plan, signal, std::string(choice->reason));
  return choice->available;
}

Status force_provider(Plan& plan, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string provider = equals == std::string::npos ? "" : assignment.substr(equals + 1);
  Choice* choice = find(plan, assignment.substr(0, equals));
  if (!choice)
    return fail("--provider: '" + assignment + "' is not SIGNAL=PROVIDER (see: plateau doctor)",
                ExitCode::usage);
  if (provider == "none") {
    take_away(plan, *choice->signal, "taken away by --provider");
    return success();
  }
  const auto option = std::ranges::find_if(
      choice->options, [&](const Option& candidate) { return provider == candidate.provider->name; });
  if (option == choice->options.end())
    return fail("--provider: '" + std::string(choice->signal->name) + "' has the providers " +
                    names_of(*choice) + ", not '" + provider + "'",
                ExitCode::usage);
  if (!choice->wanted || !plan.view)
    return fail("--provider " + assignment + ": " + choice->reason, ExitCode::unsupported);
  look_at(*option, *plan.view);
  if (!option->available)
    return fail("--provider " + assignment + ": " + option->reason, ExitCode::unsupported);
  choice->forced = true;
  take(*choice, *option, *plan.view);
  choice->reason = "by --provider";
  return success();
}

// The helpers that read memory are in every kernel, and taken away by lockdown alone.
std::string with_remedy(const std::string& refusal) {
  if (refusal.find("bpf_probe_read") == std::string::npos) return refusal;
  return refusal +
         " (it is locked down for confidentiality and lets no program read memory: boot with "
         "lockdown=integrity or none)";
}

std::string lost(const Choice& choice) {
  if (choice.chosen) return choice.chosen->lost;
  return choice.signal->without;
}

Status check(const Plan& plan) {
  if (!plan.btf)
    return fail("kernel " + plan.kernel + " offers no BTF (/sys/kernel/btf/vmlinux): use one built with " +
                    "CONFIG_DEBUG_INFO_BTF",
                ExitCode::unsupported);
  if (auto able = check(plan.privileges); !able) return able;
  for (const auto& choice : plan.choices)
    if (choice.signal->required && !choice.available)
      return fail("kernel " + plan.kernel + " cannot tell '" + choice.signal->name + "': " + choice.reason +
                      " (see: plateau doctor)",
                  ExitCode::unsupported);
  return success();
}

}  // namespace plateau::probe
