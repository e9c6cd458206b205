// The two streams of a connection: which messages its records hold, and which request each belongs to.
#include <algorithm>

#include "request/conversation.h"

namespace plateau::request {
namespace {

constexpr std::size_t kMaxPath = 1024;  // bytes kept of a path

}  // namespace

void Conversation::infer(Request& request) {
  if (request.framing == Framing::exact) request.framing = Framing::inferred;
}

void Conversation::read_input(const wire::Turn& turn, Counters& counters) {
  const pl_turn& fixed = *turn.fixed;
  if (fixed.bytes_in == 0) return;
  const std::size_t before = open_.size();
  const bool was_reading = !open_.empty() && !open_.back().read_whole && !open_.back().settled;
  const auto sink = [&](const http::RequestEvent& event) { on_request(event, turn, counters); };
  in_.feed(turn.in, sink);
  in_.skip(fixed.bytes_in - turn.in.size(), sink);
  if (in_.lost() && fixed.part == 0 && open_.size() == before && !was_reading && !opaque() && !continuing()) {
    Open& open = add_open(turn, http::RequestKind::other);
    open.request.framing = Framing::unknown;
    open.read_whole = true;
  }
  if (!in_.lost() || open_.empty()) return;
  Open& last = open_.back();
  if (last.has_head && last.end_unseen) last.request.bytes_in = in_.offset() - last.in_start;
}

void Conversation::on_request(const http::RequestEvent& event, const wire::Turn& turn, Counters& counters) {
  switch (event.kind) {
    case http::EventKind::head:
    case http::EventKind::head_cut: {
      Open& open = add_open(turn, http::request_kind(event.head));
      open.has_head = true;
      blind_ = false;
      protocol_ = http::Protocol::http1;
      open.in_start = event.offset;
      open.request.method = event.head.method;
      open.request.path = event.head.target.substr(0, kMaxPath);
      open.request.trace = http::parse_traceparent(event.head.traceparent);
      if (event.kind == http::EventKind::head) return;
      infer(open.request);
      open.read_whole = open.end_unseen = true;
      return;
    }
    case http::EventKind::message_end:
      if (open_.empty() || open_.back().read_whole) return;
      open_.back().read_whole = true;
      open_.back().request.bytes_in = event.offset - open_.back().in_start;
      return;
    case http::EventKind::malformed:
      counters.malformed++;
      [[fallthrough]];
    case http::EventKind::lost:
    case http::EventKind::truncated:
      if (open_.empty() || open_.back().read_whole) return;
      open_.back().read_whole = open_.back().end_unseen = true;
      open_.back().request.bytes_in = event.offset - open_.back().in_start;
      infer(open_.back().request);
      return;
  }
}

void Conversation::read_output(const wire::Turn& turn, Counters& counters) {
  const pl_turn& fixed = *turn.fixed;
  if (fixed.bytes_out == 0) return;
  const auto sink = [&](const http::ResponseEvent& event) { on_response(event, turn, counters); };
  const auto answers = [&] {
    const Open* open = unanswered();
    return open ? open->kind : http::RequestKind::other;
  };
  out_.feed(turn.out, answers, sink);
  out_.skip(fixed.bytes_out - turn.out.size(), sink);
  // Of several answers that were sent unseen, the tail is the last one's.
  if (out_.lost_in_chunked() && count_unanswered() == 1) {
    const std::string_view tail(static_cast<const char*>(static_cast<const void*>(fixed.tail)),
                                fixed.tail_len);
    out_.end_of_chunked_hint(tail, sink);
  }
  Open* oldest = unanswered();
  if (!oldest) return;
  if (out_.lost()) {
    assume_answered(fixed);
    const std::uint64_t sent = oldest->request.bytes_out + fixed.bytes_out;
    oldest->request.bytes_out = oldest->answering ? out_.offset() - oldest->out_start : sent;
  } else if (oldest->answering || out_.in_message()) {
    sent_to(*oldest, fixed);
  }
}

void Conversation::sent_to(Open& open, const pl_turn& fixed) {
  open.request.end_ns = fixed.send_last_ns;
  open.request.writer_tid = fixed.writer_tid;
  open.request.goid = fixed.goid;
  if (!open.request.first_send_ns) open.request.first_send_ns = fixed.send_first_ns;
}

// Where the answers' framing is unknown, what was sent may be the answer to all that was asked. Its bytes
// count for the oldest request.
void Conversation::assume_answered(const pl_turn& fixed) {
  bool oldest = true;
  for (Open& open : open_) {
    if (open.answered || !(oldest || open.read_whole)) continue;
    sent_to(open, fixed);
    infer(open.request);
    oldest = false;
  }
}

void Conversation::on_response(const http::ResponseEvent& event, const wire::Turn& turn, Counters& counters) {
  Open* open = unanswered();
  if (!open) {
    if (event.kind == http::EventKind::head && !event.head.interim) counters.stray_sends++;
    return;
  }
  Request& request = open->request;
  switch (event.kind) {
    case http::EventKind::head:
    case http::EventKind::head_cut:
      if (!open->interim) open->out_start = event.offset;
      if (event.kind == http::EventKind::head && event.head.interim) {
        open->interim = true;
        return;
      }
      request.status = event.head.status;
      open->answering = true;
      if (!request.first_send_ns) request.first_send_ns = turn.fixed->send_first_ns;
      if (event.kind == http::EventKind::head_cut) infer(request);
      counters.chunked +=
          event.kind == http::EventKind::head && event.head.framing == http::BodyFraming::chunked;
      if (event.kind == http::EventKind::head && event.head.tunnel) {
        in_.enter_tunnel();
        // What follows the request only looked like requests.
        open_.erase(open_.begin() + (open - open_.data()) + 1, open_.end());
      }
      break;
    case http::EventKind::message_end:
      open->answered = true;
      request.bytes_out = event.offset - open->out_start;
      if (event.inferred) infer(request);
      break;
    case http::EventKind::malformed:
      counters.malformed++;
      [[fallthrough]];
    case http::EventKind::lost:
      infer(request);
      break;
    case http::EventKind::truncated:
      break;
  }
  request.end_ns = turn.fixed->send_last_ns;
  request.writer_tid = turn.fixed->writer_tid;
  request.goid = turn.fixed->goid;
}

std::size_t Conversation::count_unanswered() const {
  return static_cast<std::size_t>(
      std::count_if(open_.begin(), open_.end(), [](const Open& open) { return !open.answered; }));
}

Conversation::Open* Conversation::unanswered() {
  const auto found = std::find_if(open_.begin(), open_.end(), [](const Open& o) { return !o.answered; });
  return found == open_.end() ? nullptr : &*found;
}

}  // namespace plateau::request
