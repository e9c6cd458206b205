// One HTTP exchange, stitched out of the turns of its connection.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "bpf/park_record.h"
#include "bpf/turn_record.h"
#include "http/trace_context.h"

namespace plateau::request {

// How the request's extent is known.
enum class Framing : std::uint8_t {
  exact,     // both messages were followed from their first byte to their last
  inferred,  // an end was told by the turn's boundary, a quiet second or a chunked body's last bytes
  unknown,  // not HTTP/1 as far as seen (TLS, another protocol, unread bytes): one turn counts as one request
};

enum class Outcome : std::uint8_t {
  answered,
  cut,         // the connection closed inside the answer
  unanswered,  // the connection closed before it; there is no status, and none is invented
};

struct Request {
  std::uint64_t conn = 0;
  std::uint32_t seq = 0;  // of the request on its connection, from 0, as far as seen
  pl_addr addr{};
  std::uint32_t tgid = 0;
  std::uint32_t reader_tid = 0;  // 0: the receive was not seen
  std::uint32_t writer_tid = 0;
  std::uint64_t goid = 0;    // of Go's goroutine that answered, or else read it; 0: not known
  std::string method;        // empty: not known
  std::string path;          // without the query; empty: not known
  int status = 0;            // 0: none seen
  http::TraceContext trace;  // of the caller; kept beyond the request only where the user asked for it
  Framing framing = Framing::exact;
  Outcome outcome = Outcome::answered;
  bool partial = false;        // its connection was open at attach and this is the first request on it
  bool measured = true;        // false: its arrival was not seen, so that latency and stages are not known
  bool handoff = false;        // answered by another thread than the one that read it
  bool pipelined = false;      // shared its turn with others
  std::uint8_t paths = 0;      // enum pl_path
  std::uint64_t ready_ns = 0;  // CLOCK_MONOTONIC, as all times
  std::uint64_t recv_ns = 0;   // first receive returned
  std::uint64_t first_send_ns = 0;  // 0: nothing sent
  std::uint64_t end_ns = 0;         // last send returned; unanswered: the last of its turn
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint32_t calls_in = 0;  // of its turns: shared by pipelined requests
  std::uint32_t calls_out = 0;
  std::uint32_t retransmits = 0;  // during its turns
  // The answering thread's clocks at `writer_seen_ns`, when its last turn was written: time on CPU and asleep
  // for want of work since it is followed. 0: not answered.
  std::uint64_t writer_seen_ns = 0;
  std::uint64_t writer_run_ns = 0;
  std::uint64_t writer_idle_ns = 0;
  // Where its time went, durations in ns: sums over its turns; pipelined requests each get an equal share,
  // the others' shares being head-of-line blocking (PL_BEFORE_BUSY).
  std::array<std::uint64_t, PL_BEFORES> before{};
  std::array<std::uint64_t, PL_STATES> state{};
  // Of before[PL_BEFORE_PARKED], by enum pl_park, what is known; PL_PARK_OTHER is zero.
  std::array<std::uint64_t, PL_PARKS> parked{};

  // Of state[PL_STATE_RUN], in which its goroutine marked for the garbage collector: so many ticks of a clock
  // found it at that, so that many requests together are told well, and one is not.
  std::uint64_t gc_assist_ns = 0;
  bool gc_assist_known = false;
  // Of its time, from readiness to the end, in which the garbage collector stopped the world of its process.
  std::uint64_t gc_pause_ns = 0;
  bool gc_pause_known = false;

  // Calls to other servers that it made.
  std::uint32_t asked = 0;
  bool asked_known = true;  // false: some may be others', or others' its

  // Nothing: not known. Of one that was not answered nobody took note of the last ones.
  std::optional<std::uint32_t> calls_made() const {
    const bool told = asked_known && measured && !partial && outcome == Outcome::answered;
    return told ? std::optional(asked) : std::nullopt;
  }

  std::uint64_t latency_ns() const { return end_ns > ready_ns ? end_ns - ready_ns : 0; }
};

}  // namespace plateau::request
