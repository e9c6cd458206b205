// Conversations between a client and a server, made up at random and the same for the same seed: what is
// said, in which pieces, and how it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace plateau::live {

// Draws the same numbers from a seed wherever it runs.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

struct Message {
  std::string bytes;
  std::string method;
  std::string path;  // its own in a conversation of its own: "/users/…" ends with a number that no other has
  bool awaits_continue = false;  // its head ends at `head_size`, and the body waits for a 100
  std::size_t head_size = 0;
  bool last = false;  // the server closes after it
};

// Messages that are sent without waiting for an answer in between.
struct Burst {
  std::vector<Message> messages;
  std::vector<std::size_t>
      cuts;           // rising offsets into the messages' bytes, at each of which a new send begins
  bool slow = false;  // a pause, a fraction of a millisecond, at each cut
};

enum class Ending : std::uint8_t {
  close,        // by the client, all answered
  half_close,   // the client's sending side closes with the last burst, and the answers still come
  server,       // the last message asks the server to close
  abandon,      // the last burst is sent and the connection reset at once
  broken_head,  // a reset within a further message's head
  broken_body,  // a reset within a further message's body
  malformed     // something that is no request comes last; the server says so and closes
};

struct Conversation {
  std::vector<Burst> bursts;
  std::string broken;  // sent at the end of broken_head, broken_body and malformed
  Ending ending = Ending::close;

  std::size_t requests() const;
};

// What conversations are made of.
std::string letters(Chance& chance, std::size_t size);
// Bytes that look like the beginning of the next message: who frames by looking is caught.
std::string body_of(Chance& chance, std::size_t size);
// `body` in chunks, with extensions and trailers.
std::string chunked(Chance& chance, const std::string& body);
std::vector<std::size_t> make_cuts(Chance& chance, std::size_t size);
void close_after(Chance& chance, Message& message);

// How much plateau has to go by. Of a turn it keeps the first kKept bytes of either direction.
enum class Pipelines : std::uint8_t {
  kept,  // a pipeline's messages and answers are within what is kept, its last answer's body left out
  any    // messages of any size, a dozen deep
};
inline constexpr std::size_t kKept = 1024;
inline constexpr std::size_t kMostPipelined = 4;  // of Pipelines::kept

// `number` makes its paths unlike those of any other conversation.
Conversation make_conversation(Chance& chance, std::uint64_t number, Pipelines pipelines);

}  // namespace plateau::live
