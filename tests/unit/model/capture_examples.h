// Captures that several tests share.
#pragma once

#include "attribution/summary.h"

namespace plateau::model::examples {

inline constexpr std::uint64_t kSecond = 1'000'000'000;
inline constexpr std::uint64_t kRequests = 30'011;

inline void spend(attribution::Summary& s, attribution::Stage stage, std::uint64_t ns) {
  s.total.stage_ns[attribution::index(stage)] = ns * s.total.count;
}

// Ten seconds of 3,001 requests/s that take `latency_ns` each, on two CPUs, without a load of its own.
inline attribution::Summary capture(std::uint64_t latency_ns, std::uint64_t cpu_ns) {
  attribution::Summary s;
  s.interval_ns = 10 * kSecond;
  s.total.count = kRequests;
  s.total.latency_ns = kRequests * latency_ns;
  for (std::uint64_t i = 0; i < kRequests; i++) s.total.latency.add(latency_ns);
  s.facts.start_ns = kSecond;
  s.facts.end_ns = 11 * kSecond;
  s.facts.cpus = 2;
  s.facts.target_cpu_s = static_cast<double>(kRequests * cpu_ns) / 1e9;
  s.facts.machine_busy = s.facts.target_cpu_s / 20;
  s.facts.complete = true;
  spend(s, attribution::Stage::cpu, cpu_ns);
  return s;
}

inline attribution::LockStats mutex(double contended) {
  attribution::LockStats lock;
  lock.futex = 0x1000;
  lock.tgid = 5;
  lock.waits = lock.owed_waits = lock.handovers = static_cast<std::uint64_t>(contended * kRequests);
  lock.service_ns = 330'000;
  lock.contended_ns = static_cast<std::uint64_t>(contended * 10 * kSecond);
  attribution::HolderStats holder;
  holder.frames = {"pthread_mutex_unlock", "handle"};
  lock.holders = {holder};
  return lock;
}

// 400 connections before a lock that is held asleep for 330 us.
inline attribution::Summary plateau() {
  attribution::Summary s = capture(132'000'000, 140'000);
  s.locks = {mutex(0.99)};
  s.locks[0].wait_ns = s.locks[0].owed_wait_ns = kRequests * 131'500'000;
  spend(s, attribution::Stage::lock_user, 131'500'000);
  spend(s, attribution::Stage::sleep, 330'000);
  spend(s, attribution::Stage::unattributed, 30'000);
  return s;
}

}  // namespace plateau::model::examples
