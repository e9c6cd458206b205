// One connection's requests by three that know: the server's access log, the client, and plateau.
#pragma once

#include <string>
#include <vector>

#include "differential/conversation.h"
#include "differential/player.h"
#include "foreign/access_log.h"
#include "foreign/recipe.h"
#include "harness/seen_request.h"

namespace plateau::live {

struct ForeignWitnesses {
  const Recipe& recipe;
  const Conversation& conversation;
  const Played& played;
  std::vector<Logged> logged;
  std::vector<SeenRequest> seen;  // by sequence number
  bool may_break_off = false;     // the server, between requests
};

// Whether the client ends by a reset.
bool gives_up(Ending ending);

// Where they do not agree, a line each; empty: nowhere. `right` counts the requests of which all three tell
// the same.
std::vector<std::string> disagreements(const ForeignWitnesses& witnesses, std::size_t& right);

}  // namespace plateau::live
