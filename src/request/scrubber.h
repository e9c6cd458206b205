// Privacy for recordings: blanks out, in the captured bytes of turns, what is not needed to follow the
// framing and to name method and path. Query strings, header values and bodies become 'x'; every byte count
// stays, so that the scrubbed turn is stitched to the same requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/framing.h"
#include "request/scrubbed_direction.h"
#include "wire/event.h"

namespace plateau::request {

class Scrubber {
 public:
  explicit Scrubber(std::size_t max_connections = 65536);

  // `record` is a whole turn record that wire::decode() accepts, changed in place. Bytes whose place in a
  // message is not known (lost framing, another protocol, records missing or out of order) are blanked out
  // whole: framing that would need them is lost to the recording.
  void scrub(std::span<std::byte> record);
  void forget(std::uint64_t conn);

 private:
  struct Connection {
    ScrubbedDirection<http::RequestStream> in{begins_request};
    ScrubbedDirection<http::ResponseStream> out{http::looks_like_response};
    std::vector<http::RequestKind> unanswered;  // of the requests without a final response, oldest first
    bool interim = false;                       // the last of them got an interim response
    bool blind = false;  // the next bytes may be inside a message whose beginning was not seen
    std::list<std::uint64_t>::iterator age;
  };

  static bool begins_request(std::string_view bytes);
  Connection& connection(std::uint64_t id);
  static void synchronise(Connection& connection, const wire::Turn& turn);
  static void scrub_in(Connection& connection, std::span<char> bytes, std::uint64_t unseen);
  static void scrub_out(Connection& connection, std::span<char> bytes, std::uint64_t unseen);
  static void scrub_tail(Connection& connection, std::span<char> tail);

  std::size_t max_connections_;
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::list<std::uint64_t> by_age_;
};

}  // namespace plateau::request
