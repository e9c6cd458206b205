// The servers that the target asks, by name of address.
#pragma once

#include <vector>

#include "probe/session.h"
#include "wire/facts.h"

namespace plateau::app {

// Those called most come first. An IPv4 address mapped into IPv6 is the IPv4 one. Pure.
std::vector<wire::PeerFact> peer_facts(const std::vector<probe::PeerEntry>& entries);

}  // namespace plateau::app
