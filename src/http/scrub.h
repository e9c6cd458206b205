// Privacy for recordings: blanks out what a head says beyond method, path and framing.
#pragma once

#include <cstddef>
#include <span>

namespace plateau::http {

// Overwrites with 'x', in place, in a request's or a response's head (whole, or a prefix of one):
// - the query and fragment of the target; userinfo, host and port of an absolute-form target; the reason
// phrase;
// - every header value but those of Content-Length, Transfer-Encoding, Connection, Expect, Upgrade,
// traceparent;
// - every line that is not a header, and the first line if it is not HTTP/1.
// Byte counts and line structure stay; parsing gives the same result.
//
// Stops behind the head's blank line; returns the count of bytes up to there (all of them if there is none).
// What follows, a body or a pipelined message, is untouched: it is the caller's to drop or to scrub.
std::size_t scrub_head(std::span<char> head);

}  // namespace plateau::http
