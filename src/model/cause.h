// What can hold a server up, by name.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::model {

enum class Cause {
  cpu_bound,              // the CPUs that it may use are used up
  copy_bound,             // the same, mostly by copying and sending bodies
  lock_blocked_holder,    // a lock whose holder sleeps while others wait
  lock_spinning_holder,   // a lock whose holder computes
  loop_blocked,           // one thread serves many connections and sleeps in their midst
  pool_exhausted,         // workers, or connections to another server, are all in use
  downstream_bound,       // requests wait for another server
  accept_bound,           // connections wait to be accepted
  send_bound,             // answers wait for the network or the clients
  stop_the_world_pauses,  // all requests stand still at once, now and then
  wait_bound,             // a wait of the request's own: timer, disk, page fault
  client_bound,           // the clients ask for no more: each sends its next request when it has the answer
  none,                   // nothing is used up; there are pauses between requests
};

inline constexpr std::size_t kCauses = 13;
inline constexpr std::array<std::string_view, kCauses> kCauseNames{"cpu_bound",
                                                                   "copy_bound",
                                                                   "lock_blocked_holder",
                                                                   "lock_spinning_holder",
                                                                   "loop_blocked",
                                                                   "pool_exhausted",
                                                                   "downstream_bound",
                                                                   "accept_bound",
                                                                   "send_bound",
                                                                   "stop_the_world_pauses",
                                                                   "wait_bound",
                                                                   "client_bound",
                                                                   "none"};

constexpr std::string_view name(Cause cause) {
  return kCauseNames[static_cast<std::size_t>(cause)];
}

struct Finding {
  Cause cause = Cause::none;
  double share = 0;                   // of the requests' time that goes to it, 0…1
  std::vector<std::string> evidence;  // a line each
  // Of a loop that waits for another server in its requests' midst: that, as a line that is among the
  // evidence too. Empty: it does not.
  std::string asks = {};
};

}  // namespace plateau::model
