#include "attribution/budget.h"

#include <algorithm>
#include <numeric>

namespace plateau::attribution {
namespace {

constexpr std::array<Stage, PL_BEFORES> kBefore{Stage::accept_wait, Stage::wakeup, Stage::busy_loop, Stage::handoff};

constexpr std::array<Stage, PL_STATES> kState{
    Stage::cpu,          // PL_STATE_RUN
    Stage::runqueue,     // PL_STATE_RUNQ
    Stage::unattributed, // PL_STATE_POLL
    Stage::unattributed, // PL_STATE_RECV
    Stage::send_wait,    // PL_STATE_SEND
    Stage::lock_user,    // PL_STATE_FUTEX
    Stage::sleep,        // PL_STATE_SLEEP
    Stage::disk,         // PL_STATE_DISK
    Stage::page_fault,   // PL_STATE_FAULT
    Stage::lock_socket,  // PL_STATE_LOCK_SOCKET
    Stage::lock_kernel,  // PL_STATE_LOCK_KERNEL
    Stage::downstream,   // PL_STATE_FD
    Stage::unattributed, // PL_STATE_OTHER
};

__extension__ using Wide = unsigned __int128;

std::uint64_t scaled(std::uint64_t value, std::uint64_t to, std::uint64_t from) {
  return static_cast<std::uint64_t>(static_cast<Wide>(value) * to / from);
}

}  // namespace

Budget budget_of(const request::Request& request) {
  Budget budget;
  budget.latency_ns = request.latency_ns();
  for (std::size_t i = 0; i < PL_BEFORES; i++) budget.ns[index(kBefore[i])] += request.before[i];
  for (std::size_t i = 0; i < PL_STATES; i++) budget.ns[index(kState[i])] += request.state[i];
  const std::uint64_t sum = std::accumulate(budget.ns.begin(), budget.ns.end(), std::uint64_t{0});
  std::uint64_t charged = sum;
  if (sum > budget.latency_ns) {
    budget.overcharged = true;
    charged = 0;
    for (auto& ns : budget.ns) charged += ns = scaled(ns, budget.latency_ns, sum);
  }
  budget.ns[index(Stage::unattributed)] += budget.latency_ns - charged;
  return budget;
}

}  // namespace plateau::attribution
