// One request as one line: JSON for programs, columns for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "attribution/budget.h"
#include "request/request.h"

namespace plateau::sink {

// Appends one JSON object and a newline. `realtime_offset_ns` turns record times into Unix times.
//
// Fields: ts (Unix time of readiness, ns), conn, seq, method, path, route, status (null: none seen),
// latency_ns, stages (ns, every stage by name; latency and stages null where the arrival was not seen),
// bytes_in, bytes_out, calls_in, calls_out, tid (that answered), reader_tid, pid, goid (null: not known),
// data_path (names joined by "+"; null: nothing was sent), partial, framing, outcome, handoff, pipelined,
// retransmits, peer, local, ready_ns and end_ns (CLOCK_MONOTONIC).
void append_json(std::string& out, const request::Request& request, const attribution::Budget& budget,
                 std::string_view route, std::int64_t realtime_offset_ns);

// The header of the columns, and a request's line: the largest stages first.
std::string text_header();
void append_text(std::string& out, const request::Request& request, const attribution::Budget& budget,
                 std::int64_t realtime_offset_ns);

}  // namespace plateau::sink
