// Which protocol the first bytes of a connection speak.
#pragma once

#include <cstdint>
#include <string_view>

namespace plateau::http {

enum class Protocol : std::uint8_t {
  http1,
  http2_preface,  // HTTP/2 with prior knowledge (RFC 9113 section 3.4)
  tls,            // a TLS record that carries a handshake
  other,
  undecided,  // more bytes are needed
};

// What a client's first bytes are. Empty lines before a request are passed over, as servers do. Needs few
// bytes: "GET /" is enough; a target that begins neither with "/" nor "*" nor "http" waits for its line's
// end.
Protocol sniff_request(std::string_view bytes);

// Could these first bytes, even a few of them, begin an HTTP/1 request (or a response)? Empty input could.
bool looks_like_request(std::string_view bytes);
bool looks_like_response(std::string_view bytes);

// Bytes that may be from inside a message: no HTTP/1 request that begins with a method in use (RFC 9110
// section 9, RFC 5789, RFC 4918 and its kin) could begin so.
bool begins_inside(std::string_view bytes);

}  // namespace plateau::http
