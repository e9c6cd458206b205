// What the middleware knows about one request: its id and its place in a trace.
#pragma once

#include <string>
#include <string_view>

namespace plateau::httpd {

// W3C Trace Context, version 00; all in lower-case hexadecimal.
struct TraceContext {
  std::string trace_id;  // 32 digits
  std::string span_id;   // 16 digits, of this server
  std::string flags;     // 2 digits
};

// The trace of `traceparent` with a new span; a new, sampled trace where that is empty or malformed.
TraceContext continue_trace(std::string_view traceparent);

std::string traceparent_of(const TraceContext& context);

// `given` if it is 1 to 128 characters of A-Z a-z 0-9 - _ . : = + /, else a new one of 32 hexadecimal digits.
std::string request_id_from(std::string_view given);

}  // namespace plateau::httpd
