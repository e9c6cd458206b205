#include "attribution/coverage.h"

namespace plateau::attribution {

Coverage coverage_of(const wire::Facts& facts, const request::Counters& counters,
                     std::uint64_t malformed_records) {
  const auto& kernel = facts.counters;
  Coverage c;
  const std::uint64_t unwritten = kernel[PL_COUNT_LOST_TURNS];
  const std::uint64_t never_came = counters.never_came_turns;
  c.seen = counters.requests + unwritten + never_came + counters.abandoned;
  c.explained = counters.requests - counters.unknown;
  c.inferred = counters.inferred;
  c.partial = counters.partial;
  c.unknown = counters.unknown;
  c.interrupted = counters.interrupted;
  c.bytes_moved = kernel[PL_COUNT_BYTES_IN] + kernel[PL_COUNT_BYTES_OUT];
  c.bytes_seen = counters.bytes;
  c.losses = {
      {"ring_full", "turns lost: ring buffer full", unwritten},
      {"never_came", "turns whose record did not come in time", never_came},
      {"never_came_part", "later parts of turns whose record did not come in time",
       counters.never_came_parts},
      {"ring_full_part", "later parts of turns lost: ring buffer full", kernel[PL_COUNT_LOST_PARTS]},
      {"ring_full_close", "connection ends lost: ring buffer full", kernel[PL_COUNT_LOST_CLOSES]},
      {"ring_full_waker", "lock-holder samples lost: ring buffer full", kernel[PL_COUNT_LOST_WAKERS]},
      {"no_memory_connection", "receives and sends on connections without memory for their state",
       kernel[PL_COUNT_LOST_CONNS]},
      {"no_memory_thread", "threads without memory for their state", kernel[PL_COUNT_LOST_THREADS]},
      {"lock_table_full", "waits on locks beyond the table", kernel[PL_COUNT_LOST_LOCKS]},
      {"goroutine_table_full", "goroutines whose requests' time is not known: table full",
       kernel[PL_COUNT_LOST_GOROUTINES]},
      {"goroutine_late", "goroutines' times on a thread that are in no request: it ended meanwhile",
       kernel[PL_COUNT_LATE_GOROUTINES]},
      {"payload_unread", "payloads that could not be read", kernel[PL_COUNT_PAYLOAD_UNREAD]},
      {"probe_missed", "probe runs skipped by the kernel", facts.cost.missed},
      {"abandoned", "requests whose answer was lost with others", counters.abandoned},
      {"evicted", "connections forgotten: too many at once", counters.evicted},
      {"malformed_record", "records that could not be decoded", malformed_records},
      {"not_http", "messages that are not HTTP/1 where one should begin", counters.malformed},
      {"stray_answer", "answers without a request", counters.stray_sends},
  };
  return c;
}

}  // namespace plateau::attribution
