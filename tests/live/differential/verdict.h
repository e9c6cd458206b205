// One connection's requests by three that know: the server's log, the client, and plateau.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "differential/conversation.h"
#include "differential/player.h"
#include "harness/seen_request.h"
#include "harness/truth_log.h"

namespace plateau::live {

struct Witnesses {
  const Conversation& conversation;
  const Played& played;
  std::vector<Truth> truths;  // by sequence number, as seen
  std::vector<SeenRequest> seen;
};

// Where plateau is wrong, a line each; empty: nowhere. `exact` counts the requests that were found right in
// all.
std::vector<std::string> disagreements(const Witnesses& witnesses, std::size_t& exact);

// Where more came than plateau keeps it may miss a request, and says that it infers or does not know. What it
// says it followed to the end has to be right: these are not, a line each. `exact` counts those that are.
std::vector<std::string> false_claims(const Witnesses& witnesses, std::size_t& exact);

}  // namespace plateau::live
