// The other servers that the target keeps connections to, over a capture. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "target/socket_diag.h"
#include "wire/facts.h"

namespace plateau::app {

class Downstreams {
 public:
  // A look at the connections that there are: take() for each that the target opened, between these two.
  void begin_look() { now_.clear(); }
  void take(const target::TcpSocket& socket);
  void end_look();

  // Those of most connections.
  std::vector<wire::DownstreamFact> facts() const;

 private:
  using Counts = std::map<std::string, std::uint32_t>;  // connections by the peer's address

  Counts now_;
  Counts most_;
};

}  // namespace plateau::app
