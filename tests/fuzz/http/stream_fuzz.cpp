// Streams: events do not depend on how the bytes are cut; offsets only grow; gaps, resyncs and hints at any
// place are survived. The first 4 bytes of the input choose the cuts.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "http/framing.h"
#include "require.h"

namespace {

using namespace plateau::http;

using Seen =
    std::tuple<EventKind, LossCause, bool, std::uint64_t, std::string, int, BodyFraming, std::uint64_t>;

std::string name_of(const RequestHead& head) {
  return std::string(head.method) + " " + std::string(head.target) + " " + std::string(head.traceparent);
}
std::string name_of(const ResponseHead& head) {
  return std::to_string(head.status);
}

template <class Head>
Seen seen(const Event<Head>& e) {
  const bool has_head = e.kind == EventKind::head || e.kind == EventKind::head_cut;
  if (!has_head) return {e.kind, e.cause, e.inferred, e.offset, "", 0, BodyFraming::none, 0};
  return {e.kind,         e.cause,    e.inferred, e.offset, name_of(e.head), e.head.minor_version,
          e.head.framing, e.head.size};
}

struct Recorder {
  std::vector<Seen> events;
  std::uint64_t last = 0;
  template <class Head>
  void operator()(const Event<Head>& e) {
    require(e.offset >= last, "offsets only grow");
    last = e.offset;
    events.push_back(seen(e));
  }
};

void feed(RequestStream& stream, std::string_view bytes, RequestKind /*kind*/, Recorder& out) {
  stream.feed(bytes, out);
}
void feed(ResponseStream& stream, std::string_view bytes, RequestKind kind, Recorder& out) {
  stream.feed(
      bytes, [kind] { return kind; }, out);
}

template <class Stream>
void check_cuts(std::string_view bytes, RequestKind kind, std::mt19937 random) {
  Stream whole;
  Recorder expected;
  feed(whole, bytes, kind, expected);
  whole.finish(expected);

  Stream parts;
  Recorder got;
  const std::size_t longest = 1 + random() % 40;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t n = std::min<std::size_t>(1 + random() % longest, bytes.size() - at);
    feed(parts, bytes.substr(at, n), kind, got);
    at += n;
    require(parts.offset() == at, "the offset counts every byte");
  }
  parts.finish(got);
  require(expected.events == got.events, "events do not depend on the cuts");
}

template <class Stream>
void check_gaps(std::string_view bytes, RequestKind kind, std::mt19937 random) {
  Stream stream;
  Recorder events;
  std::uint64_t total = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t n = std::min<std::size_t>(1 + random() % 40, bytes.size() - at);
    switch (random() % 6) {
      case 0:
        stream.skip(n, events);
        break;
      case 1:
        stream.end_of_chunked_hint(bytes.substr(0, at), events);
        feed(stream, bytes.substr(at, n), kind, events);
        break;
      case 2:
        if (stream.lost()) stream.resync();
        [[fallthrough]];
      default:
        feed(stream, bytes.substr(at, n), kind, events);
    }
    at += n;
    total += n;
    require(stream.offset() == total, "the offset counts every byte");
    require(!(stream.lost() && stream.in_message()), "a lost stream is not inside a message");
  }
  stream.skip(~std::uint64_t{0} - total, events);
  stream.finish(events);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kSeed = 4;
  if (size < kSeed) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + kSeed, size - kSeed);
  const std::mt19937 random(data[0] + 256u * data[1] + 65536u * data[2]);
  const auto kind = static_cast<RequestKind>(data[3] % 3);
  check_cuts<RequestStream>(bytes, kind, random);
  check_cuts<ResponseStream>(bytes, kind, random);
  check_gaps<RequestStream>(bytes, kind, random);
  check_gaps<ResponseStream>(bytes, kind, random);
  return 0;
}
