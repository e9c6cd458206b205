// Writes the records that the kernel side would write for a described connection, and stitches them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "request/stitcher.h"
#include "wire/event.h"

namespace plateau::request::test {

// One record in memory of its own, aligned as the ring's.
class Record {
 public:
  Record(const pl_turn& fixed, std::string_view in, std::string_view out);
  explicit Record(const pl_close& fixed);

  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words_)).first(size_); }
  std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(words_)).first(size_); }
  bool is_turn() const;
  pl_turn& turn();  // of a turn
  const pl_turn& turn() const;
  std::string_view payload() const;  // of a turn: captured bytes, both ways

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

inline constexpr std::size_t kAll = ~std::size_t{0};

// A partition of a record's time, ns.
struct Charge {
  std::array<std::uint64_t, PL_BEFORES> before{0, 1000, 0, 0, 0};
  std::array<std::uint64_t, PL_STATES> state{5000, 300};
  std::uint64_t rest = 200;  // unattributed

  std::uint64_t sum() const;
};

// What becomes one record: a run of sends, or of receives that go on from the record before.
struct Part {
  std::string out;
  std::string in = {};          // of the first part: TurnSpec::in
  std::size_t captured = kAll;  // at most this many bytes, and at most PL_CAPTURE_OUT
  bool tail = true;             // false: the last write was too short for one
  Charge charge{};
};

struct TurnSpec {
  std::string in;
  std::vector<Part> parts;  // none: the connection closes without an answer
  std::size_t captured_in = kAll;
  unsigned flags = 0;  // enum pl_turn_flag
  unsigned reads = 1;
  std::uint64_t idle_ns = 10'000;  // before it becomes readable
};

// One connection, as the kernel side keeps it.
class Tracer {
 public:
  explicit Tracer(std::uint64_t conn, std::uint64_t start_ns = 1'000'000);

  std::vector<Record> turn(const TurnSpec& spec);
  std::vector<Record> turn(std::string in, std::string out) {
    return turn({std::move(in), {{std::move(out)}}});
  }
  Record close();

  std::uint64_t now() const { return now_; }
  std::uint32_t turns() const { return seq_; }

 private:
  pl_turn begin(const TurnSpec& spec);
  void fill(pl_turn& fixed, const std::string& in, const Part& part, unsigned reads);

  std::uint64_t conn_;
  std::uint64_t now_;
  std::uint64_t in_offset_ = 0;
  std::uint64_t out_offset_ = 0;
  std::uint32_t seq_ = 0;
  std::uint16_t parts_ = 0;  // of the last turn
};

// A stitcher and what it handed out.
class Observed {
 public:
  explicit Observed(StitcherLimits limits = {});

  void feed(const Record& record);
  void feed(const std::vector<Record>& records);

  Stitcher stitcher;
  std::vector<Request> requests;
};

inline constexpr std::uint64_t kHoldNs = StitcherLimits{}.hold_ns;

std::vector<std::string> paths(const Observed& seen);

// Three exchanges of one connection, /0 to /2, in two parts each.
std::vector<Record> three_exchanges(Tracer& server);

std::string get(std::string_view path, std::string_view headers = "");
std::string post(std::string_view path, std::string_view body);
std::string ok(std::string_view body, int status = 200);
std::string chunked_head();
std::string chunk(std::string_view data);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace plateau::request::test
