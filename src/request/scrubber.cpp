#include "request/scrubber.h"

#include <algorithm>

#include "http/scrub.h"

namespace plateau::request {

Scrubber::Scrubber(std::size_t max_connections) : max_connections_(max_connections) {}

Scrubber::Connection& Scrubber::connection(std::uint64_t id) {
  const auto [it, fresh] = connections_.try_emplace(id);
  if (fresh) {
    it->second.age = by_age_.insert(by_age_.end(), id);
    if (connections_.size() > max_connections_) forget(by_age_.front());
  } else {
    by_age_.splice(by_age_.end(), by_age_, it->second.age);
  }
  return it->second;
}

void Scrubber::forget(std::uint64_t conn) {
  const auto it = connections_.find(conn);
  if (it == connections_.end()) return;
  by_age_.erase(it->second.age);
  connections_.erase(it);
}

// Chunk sizes and line ends are framing; data, extensions and trailers are not.
void Scrubber::blank_body(std::span<char> bytes, bool chunked, http::ChunkDecoder& decoder) {
  using State = http::ChunkDecoder::State;
  for (char& c : bytes) {
    const char original = c;
    const State before = decoder.state();
    const bool framing = chunked && decoder.running() && before != State::data && before != State::extension &&
                         before != State::trailer && before != State::trailer_start;
    if (!framing && original != '\r' && original != '\n') c = 'x';
    if (chunked && before == State::data) c = 'x';
    if (chunked) decoder.feed({&original, 1});
  }
}

// `start`: stream offset of the first byte.
void Scrubber::blank(std::span<char> bytes, std::uint64_t start, const std::vector<Head>& heads, bool& chunked,
                     http::ChunkDecoder& decoder) {
  std::size_t at = 0;
  for (const Head& head : heads) {
    if (head.offset < start) continue;  // began in an earlier record: its rest is blanked out
    const std::size_t begin = std::min(bytes.size(), static_cast<std::size_t>(head.offset - start));
    blank_body(bytes.subspan(at, begin - at), chunked, decoder);
    const std::size_t end = std::min(bytes.size(), begin + head.size);
    http::scrub_head(bytes.subspan(begin, end - begin));
    at = end;
    chunked = head.chunked;
    decoder = {};
  }
  blank_body(bytes.subspan(at), chunked, decoder);
}

void Scrubber::scrub(std::span<std::byte> record) {
  auto* fixed = static_cast<pl_turn*>(static_cast<void*>(record.data()));
  char* payload = static_cast<char*>(static_cast<void*>(record.data())) + sizeof(pl_turn);
  const std::span<char> in(payload, fixed->in_len);
  const std::span<char> out(payload + fixed->in_len, fixed->out_len);
  Connection& c = connection(fixed->conn);
  if (fixed->part == 0 && c.in.lost()) c.in.resync();
  if (fixed->part == 0 && c.out.lost()) c.out.resync();

  std::vector<Head> heads;
  const std::uint64_t in_start = c.in.offset();
  const auto on_request = [&](const http::RequestEvent& event) {
    if (event.kind != http::EventKind::head && event.kind != http::EventKind::head_cut) return;
    const bool whole = event.kind == http::EventKind::head;
    heads.push_back({event.offset, whole ? event.head.size : PL_CAPTURE_IN,
                     whole && event.head.framing == http::BodyFraming::chunked});
    c.unanswered.push_back(http::request_kind(event.head));
  };
  c.in.feed({in.data(), in.size()}, on_request);
  c.in.skip(fixed->bytes_in - fixed->in_len, on_request);
  blank(in, in_start, heads, c.in_chunked, c.in_chunks);

  heads.clear();
  const std::uint64_t out_start = c.out.offset();
  const auto on_response = [&](const http::ResponseEvent& event) {
    if (event.kind != http::EventKind::head && event.kind != http::EventKind::head_cut) return;
    const bool whole = event.kind == http::EventKind::head;
    heads.push_back({event.offset, whole ? event.head.size : PL_CAPTURE_OUT,
                     whole && event.head.framing == http::BodyFraming::chunked});
    if (whole && event.head.tunnel) c.in.enter_tunnel();
    if (!(whole && event.head.interim) && !c.unanswered.empty()) c.unanswered.erase(c.unanswered.begin());
  };
  const auto answers = [&] { return c.unanswered.empty() ? http::RequestKind::other : c.unanswered.front(); };
  c.out.feed({out.data(), out.size()}, answers, on_response);
  c.out.skip(fixed->bytes_out - fixed->out_len, on_response);
  blank(out, out_start, heads, c.out_chunked, c.out_chunks);
  for (pl_u8& byte : fixed->tail)
    if (byte != '0' && byte != '\r' && byte != '\n') byte = 'x';
}

}  // namespace plateau::request
