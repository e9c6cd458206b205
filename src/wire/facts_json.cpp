#include "wire/facts_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace plateau::wire {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProviderFact, signal, provider, reason, lost)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(BypassFact, pid, comm, kind, what, count, possible)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ViewFact, looked_at, hidden, bypasses)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(AcceptQueueFact, address, sockets, backlog, length, longest,
                                                looks, full_looks, drops)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(BacklogFact, overflows, drops, request_drops, cookies)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(DownstreamFact, address, connections)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(SendPathFact, connections, skipped, looks, busy_us,
                                                receiver_limited_us, buffer_limited_us, bytes_acknowledged,
                                                bytes_retransmitted, round_trips, round_trip_sum_us,
                                                round_trip_max_us, ktls)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(CostFact, agent_cpu_s, agent_rss_bytes, window_ns,
                                                window_run_ns, window_requests, missed, bound, full,
                                                paused_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ProfileFact, frequency_hz, sleeps, fault_period, samples,
                                                lost_samples, lost_ends, lost_sleeps, lost_stacks, wakers,
                                                lost_wakers)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(LoopFact, thread, tgid, tid, threads, listeners, elapsed_ns,
                                                waits, wait_ns, waiting_ns, run_ns, runqueue_ns, buckets)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(KernelLockFact, kind, stack_class, waits, wait_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PeerFact, address, calls, answers, answer_ns, bytes_out,
                                                bytes_in)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(HolderSample, ts, futex, wait_ns, weight, tgid, holder_tid,
                                                waiter_tid, frames, modules, cut_short)

// The lock counters are a C struct shared with the kernel side: its fields are listed by hand.
static void to_json(nlohmann::json& json, const LockFact& lock) {
  const pl_lock& d = lock.during;
  json = {{"futex", lock.futex},           {"tgid", lock.tgid},          {"waits", d.waits},
          {"wait_ns", d.wait_ns},          {"owed_waits", d.owed_waits}, {"owed_wait_ns", d.owed_wait_ns},
          {"handovers", d.handovers},      {"services", d.services},     {"service_ns", d.service_ns},
          {"contended_ns", d.contended_ns}};
}

static void from_json(const nlohmann::json& json, LockFact& lock) {
  pl_lock& d = lock.during;
  json.at("futex").get_to(lock.futex);
  json.at("tgid").get_to(lock.tgid);
  d.waits = json.at("waits");
  d.wait_ns = json.at("wait_ns");
  d.owed_waits = json.at("owed_waits");
  d.owed_wait_ns = json.at("owed_wait_ns");
  d.handovers = json.at("handovers");
  d.services = json.at("services");
  d.service_ns = json.at("service_ns");
  d.contended_ns = json.at("contended_ns");
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Facts, version, kernel, comm, executable, runtime, detail,
                                                pids, listening, processes, threads, cpus, allowed_cpus,
                                                realtime_offset_ns, start_ns, end_ns, target_cpu_s,
                                                machine_busy, counters, locks, kernel_locks, providers, view,
                                                accept_queues, backlog, downstreams, send_path, loops, peers,
                                                lost_peer_calls, sockets_unknown, cost, profile, complete)

namespace {

// The fields that hold fractions. Elsewhere one would be converted to an integer that may not hold it.
constexpr std::array<std::string_view, 5> kFractions{"agent_cpu_s", "target_cpu_s", "machine_busy", "bound",
                                                     "full"};

// A capture by an older build has fewer counters: what it did not count is 0.
void add_counters(nlohmann::json& json) {
  if (!json.is_object() || !json.contains("counters") || !json["counters"].is_array()) return;
  while (json["counters"].size() < PL_COUNTERS) json["counters"].push_back(0);
}

template <class T>
Result<T> parse(std::string_view text) {
  bool misplaced = false;
  bool fraction = false;
  const auto watch = [&](int /*depth*/, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event == nlohmann::json::parse_event_t::key)
      fraction =
          std::find(kFractions.begin(), kFractions.end(), value.get<std::string>()) != kFractions.end();
    misplaced |= value.is_number_float() && !fraction;
    return true;
  };
  try {
    nlohmann::json json = nlohmann::json::parse(text, watch);
    if (misplaced) return fail("malformed capture: a fraction where a whole number belongs");
    if constexpr (std::is_same_v<T, Facts>) add_counters(json);
    return json.get<T>();
  } catch (const nlohmann::json::exception& error) {
    return fail(std::string("malformed capture: ") + error.what());
  }
}

template <class T>
std::string dump(const T& value) {
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const Facts& facts) {
  return dump(facts);
}
Result<Facts> facts_from_json(std::string_view text) {
  return parse<Facts>(text);
}
std::string to_json(const HolderSample& sample) {
  return dump(sample);
}
Result<HolderSample> holder_from_json(std::string_view text) {
  return parse<HolderSample>(text);
}

}  // namespace plateau::wire
