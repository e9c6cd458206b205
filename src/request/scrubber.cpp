#include "request/scrubber.h"

#include <algorithm>

#include "http/sniff.h"

namespace plateau::request {
namespace {

constexpr std::size_t kLongestMethod = 7;     // bytes, of those in common use
constexpr std::size_t kMaxUnanswered = 4096;  // requests on one connection
constexpr std::string_view kChunkedEnd = "x\r\n0\r\n\r\n";

std::string_view text(std::span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

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

// The beginning of a method, or enough of a request line to be sure.
bool Scrubber::begins_request(std::string_view bytes) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::string_view method = bytes.substr(0, bytes.find(' '));
  const bool nothing_more = bytes.find_first_not_of(' ', method.size()) == std::string_view::npos;
  if (method.size() <= kLongestMethod && nothing_more && std::all_of(method.begin(), method.end(), upper))
    return true;
  return http::sniff_request(bytes) == http::Protocol::http1;
}

// Looks for the next message where the stitching of the recording will look for it.
void Scrubber::synchronise(Connection& c, const wire::Turn& turn) {
  const pl_turn& fixed = *turn.fixed;
  const bool preexisting = (fixed.flags & PL_TURN_PREEXISTING) != 0;
  const bool gap = preexisting || fixed.in_offset != c.in.expected || fixed.out_offset != c.out.expected;
  c.in.expected = fixed.in_offset + fixed.bytes_in;
  c.out.expected = fixed.out_offset + fixed.bytes_out;
  const bool begins = fixed.part == 0;
  if (gap) c.blind = true;
  const bool continuing = !gap && c.in.stream.lost() && c.interim;
  if (continuing) return;
  const bool lost = c.in.stream.lost() || (c.out.stream.lost() && !c.in.stream.in_message());
  if (!gap && begins && c.in.stream.lost() && http::begins_inside(turn.in)) {
    c.unanswered.clear();
    c.interim = false;
    http::looks_like_response(turn.out) ? c.out.resync() : c.out.abandon();
    return;
  }
  if (gap || (begins && lost)) {
    c.unanswered.clear();
    c.interim = false;
    if (gap) c.in.abandon();
    if (gap) c.out.abandon();
    if (begins && c.in.stream.lost()) c.in.resync();
    if (begins) c.out.resync();
  }
  if (!begins || !c.blind || http::sniff_request(turn.in) == http::Protocol::http1) return;
  c.in.abandon();
  if (!http::looks_like_response(turn.out)) c.out.abandon();
}

void Scrubber::scrub_in(Connection& c, std::span<char> bytes, std::uint64_t unseen) {
  const auto on_request = [&](const http::RequestEvent& event) {
    c.in.map.on_event(event);
    if (event.kind != http::EventKind::head && event.kind != http::EventKind::head_cut) return;
    c.blind = false;
    if (c.unanswered.size() >= kMaxUnanswered) c.unanswered.clear();
    c.unanswered.push_back(http::request_kind(event.head));
    c.interim = false;
  };
  auto& stream = c.in.stream;
  const std::uint64_t start = stream.offset();
  stream.feed(text(bytes), on_request);
  const bool pending = unseen == 0 && stream.in_message();
  stream.skip(unseen, on_request);
  c.in.map.end_record(pending, start + bytes.size());
  c.in.map.blank(bytes, start);
  c.in.map.skip(unseen);
}

void Scrubber::scrub_out(Connection& c, std::span<char> bytes, std::uint64_t unseen) {
  const auto on_response = [&](const http::ResponseEvent& event) {
    c.out.map.on_event(event);
    const bool whole = event.kind == http::EventKind::head;
    if (!whole && event.kind != http::EventKind::head_cut) return;
    if (whole && event.head.tunnel) c.in.stream.enter_tunnel();
    if (whole && event.head.interim) {
      c.interim = c.unanswered.size() == 1;
      return;
    }
    c.interim = false;
    if (!c.unanswered.empty()) c.unanswered.erase(c.unanswered.begin());
  };
  const auto answers = [&] { return c.unanswered.empty() ? http::RequestKind::other : c.unanswered.front(); };
  auto& stream = c.out.stream;
  const std::uint64_t start = stream.offset();
  stream.feed(text(bytes), answers, on_response);
  const bool pending = unseen == 0 && stream.in_message();
  stream.skip(unseen, on_response);
  c.out.map.end_record(pending, start + bytes.size());
  c.out.map.blank(bytes, start);
  c.out.map.skip(unseen);
}

// Of the tail only whether it ends a chunked body is kept.
void Scrubber::scrub_tail(Connection& c, std::span<char> tail) {
  if (!http::ends_like_chunked(text(tail))) {
    std::fill(tail.begin(), tail.end(), 'x');
    return;
  }
  std::copy_n(kChunkedEnd.end() - static_cast<std::ptrdiff_t>(tail.size()), tail.size(), tail.begin());
  if (c.out.stream.lost_in_chunked() && c.unanswered.empty())
    c.out.stream.end_of_chunked_hint(text(tail),
                                     [&](const http::ResponseEvent& event) { c.out.map.on_event(event); });
}

void Scrubber::scrub(std::span<std::byte> record) {
  auto* fixed = static_cast<pl_turn*>(static_cast<void*>(record.data()));
  char* payload = static_cast<char*>(static_cast<void*>(record.data())) + sizeof(pl_turn);
  Connection& c = connection(fixed->conn);
  synchronise(c, {fixed, {payload, fixed->in_len}, {payload + fixed->in_len, fixed->out_len}});
  scrub_in(c, {payload, fixed->in_len}, fixed->bytes_in - fixed->in_len);
  scrub_out(c, {payload + fixed->in_len, fixed->out_len}, fixed->bytes_out - fixed->out_len);
  char* tail = static_cast<char*>(static_cast<void*>(fixed->tail));
  std::fill(tail + fixed->tail_len, tail + PL_TAIL, 'x');
  scrub_tail(c, {tail, fixed->tail_len});
}

}  // namespace plateau::request
