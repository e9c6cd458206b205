// A client that plays conversations, and what it saw.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "differential/answer_reader.h"
#include "differential/conversation.h"

namespace plateau::live {

struct Played {
  std::string peer;  // the client's end, as the server sees it; no other conversation has the same
  std::vector<ReadAnswer> answers;  // whole ones
  std::string fault;                // what went otherwise than planned; empty: nothing
};

// Over a connection of its own to 127.0.0.1:`port`, from an address that `number` makes its own: ports come
// again.
Played play(const Conversation& conversation, std::uint16_t port, std::uint64_t number);

}  // namespace plateau::live
