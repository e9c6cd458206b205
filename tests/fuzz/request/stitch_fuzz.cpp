// Any sequence of records: stitched and scrubbed without a crash, every budget adds up to its latency, memory
// stays within its bounds. The input is a list of records: a byte for what comes, a few for its numbers, then
// payload.

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "../http/require.h"
#include "attribution/budget.h"
#include "request/scrubber.h"
#include "request/stitcher.h"

namespace {

using namespace plateau;

constexpr std::size_t kConnections = 4;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : bytes_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() { return bytes_.empty() ? 0 : static_cast<std::uint8_t>(take(1)[0]); }
  // Small, or anything at all.
  std::uint64_t number() {
    const std::uint8_t kind = byte();
    if (kind < 240) return kind;
    std::uint64_t value = 0;
    const std::string raw = take(sizeof(value));
    std::memcpy(&value, raw.data(), raw.size());
    return value;
  }
  std::string text() { return take(std::min<std::size_t>(4u * byte(), PL_CAPTURE_IN)); }

 private:
  std::string take(std::size_t n) {
    const std::string part(bytes_.substr(0, n));
    bytes_.remove_prefix(part.size());
    return part;
  }
  std::string_view bytes_;
};

struct Session {
  request::Stitcher stitcher;
  std::uint64_t requests = 0;

  Session()
      : stitcher([this](const request::Request& request) { check(request); }, {kConnections, 4, 1000, 5000}) {
  }

  void check(const request::Request& request) {
    requests++;
    const auto budget = attribution::budget_of(request);
    __extension__ unsigned __int128 sum = 0;
    for (const std::uint64_t ns : budget.ns) sum += ns;
    require(sum == request.latency_ns(), "stages add up to the latency");
    __extension__ unsigned __int128 parked = 0;
    for (const std::uint64_t ns : budget.parked) parked += ns;
    require(parked == budget.ns[index(attribution::Stage::parked)], "what was waited for adds up to parked");
    require(request.outcome != request::Outcome::unanswered || request.first_send_ns == 0,
            "what was answered is not called unanswered");
  }
};

pl_turn make_turn(Input& input) {
  pl_turn turn{};
  const std::uint8_t place = input.byte();
  turn.conn = place % (kConnections + 2);
  turn.seq = input.byte() % 16;
  turn.part = (place >> 4) % 4;
  turn.previous_parts = input.byte() % 8 == 7 ? 255 : place >> 6;
  turn.flags = input.byte();
  turn.header.ts = input.number();
  turn.ready_ns = input.number();
  turn.recv_first_ns = turn.recv_last_ns = turn.ready_ns + input.byte();
  turn.send_first_ns = turn.send_last_ns = turn.recv_last_ns + input.number();
  turn.before[place % PL_BEFORES] = input.number();
  turn.state[place % PL_STATES] = input.number();
  turn.in_offset = input.number();
  turn.out_offset = input.number();
  turn.writer_tid = place % 3;
  return turn;
}

std::vector<std::uint64_t> make_record(Input& input) {
  pl_turn turn = make_turn(input);
  const std::string in = input.text(), out = input.text();
  turn.in_len = static_cast<pl_u16>(in.size());
  turn.out_len = static_cast<pl_u16>(out.size());
  turn.bytes_in = in.size() + (input.byte() % 4 == 3 ? input.number() / 2 : 0);
  turn.bytes_out = out.size() + (input.byte() % 4 == 3 ? input.number() / 2 : 0);
  turn.tail_len = static_cast<pl_u8>(std::min<std::size_t>(out.size(), PL_TAIL));
  std::copy(out.end() - turn.tail_len, out.end(), turn.tail);
  turn.header.kind = PL_RECORD_TURN;
  turn.header.size = static_cast<pl_u32>(sizeof(turn) + in.size() + out.size());
  std::vector<std::uint64_t> words((turn.header.size + 7) / 8);
  if (turn.flags & PL_TURN_PARKS) {
    for (std::size_t i = 0; i < PL_PARKS; i++) words.push_back(input.number());
    turn.header.size = static_cast<pl_u32>(words.size() * sizeof(words[0]));
  }
  auto* to = static_cast<char*>(static_cast<void*>(words.data()));
  std::memcpy(to, &turn, sizeof(turn));
  std::copy(in.begin(), in.end(), to + sizeof(turn));
  std::copy(out.begin(), out.end(), to + sizeof(turn) + in.size());
  return words;
}

void feed(Session& session, const std::vector<std::uint64_t>& words) {
  const auto event = wire::decode(std::as_bytes(std::span(words)));
  require(event.ok(), "the record is sound");
  session.stitcher.turn(std::get<wire::Turn>(*event));
}

struct Sessions {
  Session plain, scrubbed;
  request::Scrubber scrubber{kConnections};

  void turn(Input& input) {
    auto words = make_record(input);
    feed(plain, words);
    scrubber.scrub(std::as_writable_bytes(std::span(words)));
    feed(scrubbed, words);
  }
  void close(Input& input) {
    pl_close close{};
    close.conn = input.byte() % (kConnections + 2);
    close.turns = input.byte() % 18;
    close.last_parts = input.byte() % 5;
    close.header.ts = input.number();
    for (Session* session : {&plain, &scrubbed}) session->stitcher.close({&close});
    scrubber.forget(close.conn);
  }
  void sweep(std::uint64_t now) {
    for (Session* session : {&plain, &scrubbed}) session->stitcher.sweep(now);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Sessions sessions;
  std::uint64_t turns = 0;
  while (!input.empty()) {
    const std::uint8_t what = input.byte() % 8;
    if (what == 7) {
      sessions.close(input);
    } else if (what == 6) {
      sessions.sweep(input.number());
    } else {
      sessions.turn(input);
      turns++;
    }
    require(sessions.plain.stitcher.connections() <= kConnections, "connections are bounded");
  }
  constexpr std::uint64_t kMostInATurn = PL_CAPTURE_IN / 8 + 1;
  for (Session* session : {&sessions.plain, &sessions.scrubbed}) {
    session->stitcher.finish();
    const auto& counters = session->stitcher.counters();
    require(counters.requests == session->requests, "every request is counted");
    require(session->requests <= turns * kMostInATurn, "no request comes from nowhere");
    require(counters.missing_turns <= 64 * (turns + 64) * 16, "lost turns are counted soberly");
  }
  return 0;
}
