// The heads of HTTP/1.0 and HTTP/1.1 messages (RFC 9112), as an observer reads them: tolerant of what servers
// accept, exact about where the message ends.
//
// No allocation: the views point into the bytes given, or to static text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/sniff.h"

namespace plateau::http {

enum class ParseStatus : std::uint8_t {
  complete,
  incomplete,  // no blank line yet
  malformed,   // the first line is not HTTP/1, or the framing is contradictory
};

// How a message's end is found (RFC 9112 section 6).
enum class BodyFraming : std::uint8_t { none, length, chunked, until_close };

struct RequestHead {
  std::string_view method;
  // The path, without query and fragment: of an absolute-form target too. "*" and CONNECT's authority stay.
  // Empty if the target is nothing but a query.
  std::string_view target;
  std::string_view traceparent;      // the header's value, not validated; empty without one
  std::uint64_t content_length = 0;  // bytes; meaningful with BodyFraming::length only
  std::size_t size = 0;              // bytes of the head, blank line and any empty lines before it included
  int minor_version = 0;             // 0…9, of HTTP/1.x
  BodyFraming framing = BodyFraming::none;
  bool has_query = false;
  bool keep_alive = false;
  bool expect_continue = false;
  bool upgrade = false;  // asks for another protocol: Upgrade, and Connection lists it
  bool connect = false;  // the method is CONNECT
};

struct ResponseHead {
  std::uint64_t content_length = 0;  // bytes; meaningful with BodyFraming::length only
  std::size_t size = 0;              // bytes of the head, blank line and any empty lines before it included
  int status = 0;                    // 100…999
  int minor_version = 0;             // 0…9, of HTTP/1.x
  BodyFraming framing = BodyFraming::none;
  bool keep_alive = false;  // false also where only the close ends the body
  bool interim = false;     // 1xx but 101: the final response is still to come
  bool tunnel = false;      // 101, or 2xx to CONNECT: what follows the head is not HTTP/1
};

// Parses the head at the start of `bytes`, which may go on beyond it.
//
// complete: every field is set.
// incomplete: `out` holds what the bytes so far tell: method empty (status 0) where it is not known yet,
// target
//   empty where its end was not seen, framing fields provisional, size 0.
// malformed: `out` is unspecified. A wrong first line is reported as soon as it can be told; contradictory
//   framing fields once the head is whole, so that the verdict does not depend on how the bytes were cut.
ParseStatus parse_request_head(std::string_view bytes, RequestHead& out);

// As above. The two flags tell of the request that this response answers: they decide whether there is a
// body.
ParseStatus parse_response_head(std::string_view bytes, bool request_was_head, bool request_was_connect,
                                ResponseHead& out);

}  // namespace plateau::http
