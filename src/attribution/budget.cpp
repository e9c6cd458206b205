#include "attribution/budget.h"

#include <algorithm>
#include <numeric>

namespace plateau::attribution {
namespace {

constexpr std::array<Stage, PL_BEFORES> kBefore{Stage::accept_wait, Stage::wakeup, Stage::busy_loop,
                                                Stage::handoff, Stage::parked};

constexpr std::array<Stage, PL_STATES> kState{
    Stage::cpu,           // PL_STATE_RUN
    Stage::runqueue,      // PL_STATE_RUNQ
    Stage::unattributed,  // PL_STATE_POLL
    Stage::unattributed,  // PL_STATE_RECV
    Stage::send_wait,     // PL_STATE_SEND
    Stage::lock_user,     // PL_STATE_FUTEX
    Stage::sleep,         // PL_STATE_SLEEP
    Stage::disk,          // PL_STATE_DISK
    Stage::page_fault,    // PL_STATE_FAULT
    Stage::lock_socket,   // PL_STATE_LOCK_SOCKET
    Stage::lock_kernel,   // PL_STATE_LOCK_KERNEL
    Stage::downstream,    // PL_STATE_FD
    Stage::unattributed,  // PL_STATE_OTHER
    Stage::copy_in,       // PL_STATE_COPY_IN
    Stage::copy_out,      // PL_STATE_COPY_OUT
    Stage::tcp_send,      // PL_STATE_TCP_SEND
};

__extension__ using Wide = unsigned __int128;

std::uint64_t scaled(std::uint64_t value, std::uint64_t to, Wide from) {
  return static_cast<std::uint64_t>(static_cast<Wide>(value) * to / from);
}

}  // namespace

Budget budget_of(const request::Request& request) {
  Budget budget;
  budget.latency_ns = request.latency_ns();
  const Wide sum = std::accumulate(request.state.begin(), request.state.end(),
                                   std::accumulate(request.before.begin(), request.before.end(), Wide{0}));
  budget.overcharged = sum > budget.latency_ns;
  std::uint64_t charged = 0;
  const auto charge = [&](Stage stage, std::uint64_t part) {
    const std::uint64_t ns = budget.overcharged ? scaled(part, budget.latency_ns, sum) : part;
    budget.ns[index(stage)] += ns;
    charged += ns;
  };
  for (std::size_t i = 0; i < PL_BEFORES; i++) charge(kBefore[i], request.before[i]);
  for (std::size_t i = 0; i < PL_STATES; i++) charge(kState[i], request.state[i]);
  budget.ns[index(Stage::unattributed)] += budget.latency_ns - charged;
  std::uint64_t left = budget[Stage::parked];
  for (std::size_t i = PL_PARK_OTHER + 1; i < PL_PARKS; i++) {
    const std::uint64_t part = request.parked[i];
    budget.parked[i] = std::min(left, budget.overcharged ? scaled(part, budget.latency_ns, sum) : part);
    left -= budget.parked[i];
  }
  budget.parked[PL_PARK_OTHER] = left;
  return budget;
}

}  // namespace plateau::attribution
