// The target's accept queues over a capture. Pure.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "target/socket_diag.h"
#include "wire/facts.h"

namespace plateau::app {

class AcceptQueues {
 public:
  // A listening socket of the target as it is now. What was dropped before the first call is not counted; of
  // a socket that comes later all is.
  void take(const target::TcpSocket& socket);
  // From now on, sockets are new ones.
  void begin() { begun_ = true; }

  // One for each address: sockets that share one (SO_REUSEPORT) have a queue each, of which the worst is
  // told.
  std::vector<wire::AcceptQueueFact> facts() const;

 private:
  struct Queue {
    wire::AcceptQueueFact fact;
    std::uint32_t drops_before = 0;
  };
  std::unordered_map<std::uint64_t, Queue> queues_;  // by cookie
  bool begun_ = false;
};

}  // namespace plateau::app
