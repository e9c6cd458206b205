// What the target's connections waited for when they had something to send, summed over a capture. Pure.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "target/socket_diag.h"
#include "wire/facts.h"

namespace plateau::app {

class SendPath {
 public:
  // A look at the connections that there are: take() for each, between these two. What a connection did
  // before the first look is not counted; of one that comes later all is, and what it does after the last
  // look at it is lost.
  void begin_look();
  void take(const target::TcpSocket& socket);
  void end_look();

  const wire::SendPathFact& fact() const { return fact_; }

 private:
  struct Connection {
    std::uint64_t busy_us = 0;
    std::uint64_t receiver_limited_us = 0;
    std::uint64_t buffer_limited_us = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t retransmitted = 0;
    std::uint64_t look = 0;  // the last one it was in
  };

  std::unordered_map<std::uint64_t, Connection> connections_;  // by cookie
  wire::SendPathFact fact_;
  std::uint64_t skipped_ = 0;  // in this look
  std::uint64_t ktls_ = 0;
};

}  // namespace plateau::app
