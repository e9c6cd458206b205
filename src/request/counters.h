// What the stitching saw and what it could not follow.
#pragma once

#include <cstdint>

namespace plateau::request {

struct Counters {
  std::uint64_t turns = 0;          // records of part 0
  std::uint64_t requests = 0;       // handed out, of every framing
  std::uint64_t inferred = 0;       // of them
  std::uint64_t unknown = 0;        // of them
  std::uint64_t partial = 0;        // of them
  std::uint64_t unanswered = 0;     // of them
  std::uint64_t cut = 0;            // of them
  std::uint64_t chunked = 0;        // answers whose end is told by their body
  std::uint64_t missing_turns = 0;  // holes in a connection's sequence of turns: lost on the way
  std::uint64_t missing_parts = 0;  // holes within turns, as far as they can be counted
  // Of the holes, those beyond what the kernel side had no room for. They never fall: of a record that was
  // lost and is not missed yet, one that is missed is none too many.
  std::uint64_t never_came_turns = 0;
  std::uint64_t never_came_parts = 0;
  std::uint64_t malformed = 0;     // bytes that are not HTTP/1 where a message should begin
  std::uint64_t stray_sends = 0;   // answers without a request
  std::uint64_t abandoned = 0;     // requests whose answer's records were lost
  std::uint64_t interrupted = 0;   // requests under way when the capture paused
  std::uint64_t tunnel_turns = 0;  // turns on upgraded connections: no requests
  std::uint64_t evicted = 0;       // connections forgotten: too many at once
  std::uint64_t bytes = 0;         // both ways, in turns that were handed out as requests
};

}  // namespace plateau::request
