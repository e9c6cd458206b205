#include "app/loop_watch.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "attribution/event_loops.h"

namespace plateau::app {
namespace {

constexpr std::size_t kMaxThreads = 128;  // told one by one
constexpr std::size_t kMaxKinds = 32;

std::string name_of(const pl_loop& loop) {
  return {loop.comm, strnlen(loop.comm, sizeof(loop.comm))};
}

void fold(std::map<std::string, wire::LoopFact>& kinds, wire::LoopFact fact) {
  std::string kind = attribution::thread_kind(fact.thread);
  if (!kinds.contains(kind) && kinds.size() >= kMaxKinds) kind = "other";
  fact.thread = kind;
  fact.tid = 0;
  fact.listeners.clear();
  const auto [at, fresh] = kinds.try_emplace(kind, fact);
  if (!fresh) attribution::add_loop(at->second, fact);
}

}  // namespace

std::string address_text(std::uint16_t family, const pl_u8 (&address)[16], std::uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family == PL_FAMILY_INET && inet_ntop(AF_INET, address, text.data(), text.size()))
    return text.data() + (":" + std::to_string(port));
  if (family == PL_FAMILY_INET6 && inet_ntop(AF_INET6, address, text.data(), text.size()))
    return "[" + std::string(text.data()) + "]:" + std::to_string(port);
  return "";
}

wire::LoopFact loop_fact(const pl_loop& loop, const std::vector<std::string>& addresses,
                         std::uint64_t now_ns) {
  wire::LoopFact fact;
  fact.thread = name_of(loop);
  fact.tgid = loop.tgid;
  fact.tid = loop.tid;
  for (std::size_t i = 0; i < addresses.size() && i < PL_LISTENERS; i++)
    if ((loop.listeners >> i & 1) && !addresses[i].empty()) fact.listeners.push_back(addresses[i]);
  const std::uint64_t end = loop.ended_ns ? loop.ended_ns : std::max(now_ns, loop.since_ns);
  const std::uint64_t present = end > loop.since_ns ? end - loop.since_ns : 0;
  fact.elapsed_ns = end - loop.born_ns;
  fact.waits = loop.sleeps;
  fact.wait_ns = loop.slept_ns;
  fact.waiting_ns = loop.slept_ns + (loop.state == PL_STATE_POLL ? present : 0);
  fact.run_ns = loop.run_ns + (loop.state == PL_STATE_RUN ? present : 0);
  fact.runqueue_ns = loop.runq_ns + (loop.state == PL_STATE_RUNQ ? present : 0);
  fact.buckets.assign(std::begin(loop.buckets), std::end(loop.buckets));
  while (!fact.buckets.empty() && fact.buckets.back() == 0) fact.buckets.pop_back();
  return fact;
}

std::vector<std::string> listener_names(const std::vector<pl_addr>& addresses) {
  std::vector<std::string> texts;
  for (const auto& address : addresses)
    texts.push_back(address_text(address.family, address.local, address.local_port));
  std::vector<std::string> names = texts;
  for (std::size_t i = 0; i < texts.size(); i++) {
    if (texts[i].empty() || std::count(texts.begin(), texts.end(), texts[i]) == 1) continue;
    names[i] +=
        " #" + std::to_string(std::count(texts.begin(), texts.begin() + static_cast<long>(i) + 1, texts[i]));
  }
  return names;
}

void LoopWatch::ended(const pl_loop& loop) {
  fold(ended_, loop_fact(loop, {}, loop.ended_ns));
}

std::vector<wire::LoopFact> LoopWatch::facts(const std::vector<pl_loop>& loops,
                                             const std::vector<pl_addr>& listeners,
                                             std::uint64_t now_ns) const {
  const auto names = listener_names(listeners);
  std::vector<wire::LoopFact> facts;
  for (const auto& loop : loops) facts.push_back(loop_fact(loop, names, now_ns));
  std::stable_sort(facts.begin(), facts.end(),
                   [](const wire::LoopFact& a, const wire::LoopFact& b) { return a.waits > b.waits; });
  auto kinds = ended_;
  for (std::size_t i = kMaxThreads; i < facts.size(); i++) fold(kinds, std::move(facts[i]));
  if (facts.size() > kMaxThreads) facts.resize(kMaxThreads);
  for (auto& [kind, fact] : kinds) facts.push_back(std::move(fact));
  return facts;
}

}  // namespace plateau::app
