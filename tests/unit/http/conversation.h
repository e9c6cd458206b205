// Generated HTTP/1 conversations: the bytes of both directions and, from the generator's own knowledge, the
// events that an observer has to report for them.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "http/framing.h"

namespace plateau::http {

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// One direction.
struct Script {
  std::string bytes;
  std::vector<Range> skippable;     // body data: an observer need not see these bytes
  std::vector<std::string> events;  // as describe() writes them, finish() included
};

struct Conversation {
  Script requests;
  Script responses;
  std::vector<RequestKind> kinds;  // of the requests, in order
};

Conversation make_conversation(std::mt19937& random);

std::string describe(const RequestEvent& event);
std::string describe(const ResponseEvent& event);

}  // namespace plateau::http
