// The connections to other servers that the target had open.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attribution/summary.h"

namespace plateau::model {

// "4 connections to 10.1.2.3:5432, 1 to …": the foremost. Empty: none is known.
std::string connections_text(const std::vector<wire::DownstreamFact>& downstreams);

// Those that a pool is made of of which `busy` are in use on average although requests wait for one: the
// server to which there are about as many, the nearest. nullptr: there is none.
const wire::DownstreamFact* pool_of(const std::vector<wire::DownstreamFact>& downstreams, double busy);

}  // namespace plateau::model
