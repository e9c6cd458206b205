// Privacy for recordings: blanks out, in the captured bytes of turns, what is not needed to follow the framing
// and to name method and path. Query strings, header values and bodies become 'x'; every byte count stays, so
// that the scrubbed turn is stitched to the same requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

#include "http/chunked.h"
#include "http/framing.h"
#include "wire/event.h"

namespace plateau::request {

class Scrubber {
 public:
  explicit Scrubber(std::size_t max_connections = 65536);

  // `record` is a whole turn record (a wire::Turn's bytes), changed in place. Bytes whose place in a message is
  // not known (lost framing, another protocol) are blanked out whole.
  void scrub(std::span<std::byte> record);
  void forget(std::uint64_t conn);

 private:
  // Where a head lies in the bytes just fed, and whether a chunked body follows.
  struct Head {
    std::uint64_t offset;
    std::size_t size;
    bool chunked;
  };
  struct Connection {
    http::RequestStream in;
    http::ResponseStream out;
    http::ChunkDecoder in_chunks, out_chunks;
    bool in_chunked = false, out_chunked = false;
    std::vector<http::RequestKind> unanswered;
    std::list<std::uint64_t>::iterator age;
  };

  Connection& connection(std::uint64_t id);
  static void blank(std::span<char> bytes, std::uint64_t start, const std::vector<Head>& heads, bool& chunked,
                    http::ChunkDecoder& decoder);
  static void blank_body(std::span<char> bytes, bool chunked, http::ChunkDecoder& decoder);

  std::size_t max_connections_;
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::list<std::uint64_t> by_age_;
};

}  // namespace plateau::request
