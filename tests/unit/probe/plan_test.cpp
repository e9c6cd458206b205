// Which provider is chosen on which kernel.
#include "probe/plan.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace plateau::probe {
namespace {

// Has every tracepoint and function of the table, with as many arguments as the programs count on, except
// for what a test takes from it.
class FakeKernel : public Kernel {
 public:
  std::optional<unsigned> arguments_of(Kind kind, const std::string& place) const override {
    if (missing.contains(std::string(kind == Kind::tp_btf ? "tp:" : "fn:") + place)) return std::nullopt;
    const auto changed = arguments.find(place);
    return changed == arguments.end() ? wanted(kind, place) : changed->second;
  }

  std::string refusal(Kind kind, const std::string&) override {
    tries++;
    return refused.contains(kind) ? "the kernel refuses it" : "";
  }

  std::set<std::string> missing;
  std::map<std::string, unsigned> arguments;
  std::set<Kind> refused;
  int tries = 0;

 private:
  static unsigned wanted(Kind kind, const std::string& place) {
    for (const auto& signal : signals())
      for (const auto& provider : signal.providers)
        for (const auto& hook : provider.hooks)
          if (hook.place && hook.place == place && (hook.kind == Kind::tp_btf) == (kind == Kind::tp_btf))
            return hook.arguments;
    return 0;
  }
};

constexpr Held kAll{~Capabilities{0}, false};

struct Choices {
  std::shared_ptr<FakeKernel> kernel = std::make_shared<FakeKernel>();

  Plan plan(Detail detail = Detail::high) const {
    return make_plan(detail, kernel, kAll, {.cpu = true, .sleep = true, .fault = true, .waker = true});
  }
};

const Choice& of(const Plan& plan, const std::string& signal) {
  return *std::ranges::find_if(plan.choices, [&](const Choice& c) { return signal == c.signal->name; });
}

std::vector<std::string> places(const Choice& choice) {
  std::vector<std::string> names;
  for (const Hook* hook : choice.hooks) names.emplace_back(hook->place);
  return names;
}

TEST(Plan, LooksForWakersOnlyOfSleepsThatAreLookedAt) {
  const Choices choices;
  const auto provider = [&](Profile profile) {
    return of(make_plan(Detail::low, choices.kernel, kAll, profile), "profile_waker").provider;
  };
  EXPECT_EQ(provider({.sleep = true}), "off");
  EXPECT_EQ(provider({.cpu = true, .waker = true}), "off");
  EXPECT_EQ(provider({.sleep = true, .waker = true}), "tp_btf/sched_waking");
}

TEST(Plan, TakesTheFirstProviderWhereTheKernelHasAll) {
  const Plan plan = Choices().plan();
  for (const auto& choice : plan.choices) {
    EXPECT_EQ(choice.chosen, choice.options.front().provider) << choice.signal->name;
    EXPECT_EQ(choice.reason, "") << choice.signal->name;
  }
  EXPECT_EQ(of(plan, "received").provider, "tp_btf/sock_recv_length");
  EXPECT_TRUE(check(plan));
}

TEST(Plan, TakesFunctionsWhereTheTracepointsAreMissing) {
  Choices old;
  old.kernel->missing = {"tp:sock_recv_length", "tp:sock_send_length", "tp:sk_data_ready",
                         "tp:io_uring_submit_req"};
  const Plan plan = old.plan();
  EXPECT_EQ(of(plan, "received").provider, "fexit/inet_recvmsg");
  EXPECT_EQ(of(plan, "received").reason, "tp_btf: this kernel has no tracepoint sock_recv_length");
  EXPECT_EQ(places(of(plan, "sent")),
            (std::vector<std::string>{"inet_sendmsg", "inet6_sendmsg", "inet_sendpage"}));
  EXPECT_EQ(of(plan, "ready").provider, "fentry/sock_def_readable");
  EXPECT_EQ(of(plan, "ring").provider, "tp_btf_sqe/io_uring_submit_sqe");
  EXPECT_TRUE(check(plan));
}

TEST(Plan, LeavesOutAnOptionalHookThatTheKernelHasNoPlaceFor) {
  Choices newer;
  newer.kernel->missing = {"tp:sock_send_length", "fn:inet_sendpage"};
  EXPECT_EQ(places(of(newer.plan(), "sent")), (std::vector<std::string>{"inet_sendmsg", "inet6_sendmsg"}));
}

TEST(Plan, TakesNoFunctionWhoseArgumentsHaveChanged) {
  Choices changed;
  changed.kernel->missing = {"tp:sock_recv_length"};
  changed.kernel->arguments = {{"inet6_recvmsg", 5}};
  const Plan plan = changed.plan();
  EXPECT_EQ(of(plan, "received").provider, "fexit_tcp/tcp_recvmsg");
  EXPECT_NE(of(plan, "received").reason.find("inet6_recvmsg has 5 arguments here, not 4"), std::string::npos)
      << of(plan, "received").reason;
}

TEST(Plan, FallsToTheNextKindWhereOneIsRefused) {
  Choices locked;
  locked.kernel->refused = {Kind::fentry, Kind::fexit};
  EXPECT_EQ(of(locked.plan(), "copy_in").provider, "kprobe/skb_copy_datagram_iter");
  locked.kernel->refused.insert({Kind::kprobe, Kind::kretprobe});
  const Plan plan = locked.plan();
  EXPECT_EQ(of(plan, "copy_in").provider, "tp_btf/skb_copy_datagram_iovec");
  EXPECT_EQ(of(plan, "copy_in").reason, "fentry: the kernel refuses it; kprobe: the kernel refuses it");
  EXPECT_NE(lost(of(plan, "copy_in")), "");
}

TEST(Plan, SaysWhatIsMissingWhereNothingIsLeft) {
  Choices bare;
  bare.kernel->missing = {"tp:sock_recv_length"};
  bare.kernel->refused = {Kind::fexit};
  const Plan plan = bare.plan();
  EXPECT_FALSE(of(plan, "received").available);
  const Status able = check(plan);
  ASSERT_FALSE(able);
  EXPECT_EQ(able.error().code, ExitCode::unsupported);
  EXPECT_NE(able.error().message.find("cannot tell 'received'"), std::string::npos) << able.error().message;
}

TEST(Plan, ASignalGoesWithTheOneItMisleadsWithout) {
  Choices bare;
  bare.kernel->missing = {"tp:contention_end"};
  const Plan plan = bare.plan();
  EXPECT_FALSE(of(plan, "lock_begin").available);
  EXPECT_EQ(of(plan, "lock_begin").reason, "misleads without 'lock_end'");
}

TEST(Plan, TriesNothingForWhatIsGivenByTracepoints) {
  Choices here;
  const Plan plan = here.plan(Detail::low);
  for (const auto& choice : plan.choices)
    for (const auto& option : choice.options)
      EXPECT_EQ(option.looked_at, option.provider == choice.chosen) << choice.signal->name;
}

TEST(Plan, OfALowerDetailLeavesSignalsOut) {
  const Plan plan = Choices().plan(Detail::normal);
  EXPECT_EQ(of(plan, "copy_in").provider, "off");
  EXPECT_FALSE(of(plan, "copy_in").wanted);
  EXPECT_TRUE(of(plan, "waking").available);
}

TEST(Plan, LookingAtAllKnowsEveryProvider) {
  Plan plan = Choices().plan(Detail::low);
  look_at_all(plan);
  for (const auto& choice : plan.choices)
    for (const auto& option : choice.options) EXPECT_TRUE(option.looked_at && option.available);
}

TEST(Force, InsistsOnAProviderByName) {
  Plan plan = Choices().plan();
  ASSERT_TRUE(force_provider(plan, "received=fexit"));
  EXPECT_EQ(of(plan, "received").provider, "fexit/inet_recvmsg");
  ASSERT_TRUE(force_provider(plan, "copy_in=tp_btf"));
  EXPECT_EQ(of(plan, "copy_in").provider, "tp_btf/skb_copy_datagram_iovec");
}

TEST(Force, IsUnsupportedWhereTheKernelHasItNot) {
  Choices old;
  old.kernel->missing = {"tp:sock_recv_length"};
  Plan plan = old.plan();
  const Status forced = force_provider(plan, "received=tp_btf");
  ASSERT_FALSE(forced);
  EXPECT_EQ(forced.error().code, ExitCode::unsupported);
  EXPECT_NE(forced.error().message.find("this kernel has no tracepoint sock_recv_length"), std::string::npos);
}

TEST(Force, NamesTheProvidersThatThereAre) {
  Plan plan = Choices().plan();
  const Status forced = force_provider(plan, "ready=kprobe");
  ASSERT_FALSE(forced);
  EXPECT_EQ(forced.error().code, ExitCode::usage);
  EXPECT_EQ(forced.error().message,
            "--provider: 'ready' has the providers none, tp_btf and fentry, not 'kprobe'");
}

TEST(Reject, TakesTheNextProvider) {
  Plan plan = Choices().plan();
  const Signal& received = *of(plan, "received").signal;
  EXPECT_TRUE(reject(plan, received, "refused"));
  EXPECT_EQ(of(plan, "received").provider, "fexit/inet_recvmsg");
  EXPECT_EQ(of(plan, "received").reason, "tp_btf: refused");
  EXPECT_TRUE(reject(plan, received, "refused"));
  EXPECT_FALSE(reject(plan, received, "refused"));
  EXPECT_EQ(of(plan, "received").provider, "none");
}

TEST(Reject, OfAForcedProviderTakesNoOther) {
  Plan plan = Choices().plan();
  ASSERT_TRUE(force_provider(plan, "received=fexit"));
  EXPECT_FALSE(reject(plan, *of(plan, "received").signal, "refused"));
  EXPECT_FALSE(of(plan, "received").available);
}

TEST(Reject, CostsTheSignalAlone) {
  Plan plan = Choices().plan();
  EXPECT_FALSE(reject(plan, *of(plan, "waking").signal, "refused"));
  EXPECT_TRUE(check(plan));
}

// What a trial load does under lockdown=confidentiality, where no program that reads memory is let in.
TEST(Reject, OfAllProvidersOfARequiredSignalLeavesNothingToAttach) {
  const Choices choices;
  Plan plan = choices.plan();
  const Signal& received = *of(plan, "received").signal;
  const std::string refusal = with_remedy("program of this type cannot use helper bpf_probe_read_user#112");
  while (reject(plan, received, refusal)) {
  }
  const Status able = check(plan);
  ASSERT_FALSE(able);
  EXPECT_EQ(able.error().code, ExitCode::unsupported);
  EXPECT_NE(able.error().message.find("cannot tell 'received'"), std::string::npos) << able.error().message;
  EXPECT_NE(able.error().message.find("boot with lockdown=integrity"), std::string::npos);
}

TEST(Remedy, IsNamedForWhatLockdownTakesAwayAlone) {
  EXPECT_EQ(with_remedy("R1 invalid mem access 'scalar'"), "R1 invalid mem access 'scalar'");
  for (const std::string helper : {"bpf_probe_read#4", "bpf_probe_read_kernel#113"})
    EXPECT_TRUE(with_remedy("cannot use helper " + helper).starts_with("cannot use helper " + helper + " ("))
        << helper;
}

TEST(Table, EveryProviderHasANameOfItsOwnAndAFirstHook) {
  for (const auto& signal : signals()) {
    std::set<std::string> names;
    for (const auto& provider : signal.providers) {
      if (!provider.name) continue;
      EXPECT_TRUE(names.insert(provider.name).second) << signal.name;
      EXPECT_NE(provider.name, std::string("none"));
      EXPECT_TRUE(provider.hooks[0].place) << signal.name;
      EXPECT_FALSE(provider.hooks[0].optional) << signal.name;
    }
    EXPECT_FALSE(names.empty()) << signal.name;
  }
}

}  // namespace
}  // namespace plateau::probe
