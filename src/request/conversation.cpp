#include "request/conversation.h"

#include <algorithm>

namespace plateau::request {
namespace {

constexpr std::size_t kMaxPath = 1024;  // bytes kept of a path
constexpr std::size_t kMaxOpen = 4096;  // requests under way on one connection

void infer(Request& request) {
  if (request.framing == Framing::exact) request.framing = Framing::inferred;
}

bool opaque(http::Protocol protocol) {
  return protocol != http::Protocol::http1 && protocol != http::Protocol::undecided;
}

}  // namespace

void Conversation::turn(const wire::Turn& turn, bool gap, Counters& counters, const RequestSink& sink) {
  const pl_turn& fixed = *turn.fixed;
  last_activity_ = fixed.header.ts;
  if (gap) cross_gap(fixed, counters);
  if (fixed.part == 0) {
    counters.turns++;
    begin_turn(turn, counters, sink);
  }
  read_input(turn, counters);
  if (open_.size() > kMaxOpen) lose_order(counters);
  read_output(turn, counters);
  charge(fixed);
  emit_answered(counters, sink);
}

// What was lost may have held anything: requests under way cannot be finished truthfully, and it takes a turn's
// beginning to find a message's.
void Conversation::cross_gap(const pl_turn& fixed, Counters& counters) {
  counters.abandoned += open_.size();
  open_.clear();
  blind_ = true;
  if (!in_.tunnelled()) in_.resync();
  if (out_.tunnelled()) return;
  if (fixed.part == 0) {
    out_.resync();
  } else {
    out_.abandon();
  }
}

// More requests under way than are kept: whose the answers to come are cannot be told any more.
void Conversation::lose_order(Counters& counters) {
  counters.abandoned += open_.size();
  open_.clear();
  protocol_ = http::Protocol::other;
  blind_ = false;
  in_.abandon();
  out_.abandon();
}

void Conversation::begin_turn(const wire::Turn& turn, Counters& counters, const RequestSink& sink) {
  const pl_turn& fixed = *turn.fixed;
  if (fixed.flags & PL_TURN_PREEXISTING) partial_next_ = blind_ = true;
  if (in_.tunnelled()) {
    counters.tunnel_turns++;
    return;
  }
  if (fixed.flags & PL_TURN_NO_RECV) {
    if (open_.empty()) {
      Open& open = add_open(turn, http::RequestKind::other);
      open.read_whole = true;
      open.request.framing = Framing::inferred;
    }
    return;
  }
  if (opaque(protocol_)) {
    infer_answered(counters, sink);
    add_open(turn, http::RequestKind::other).request.framing = Framing::unknown;
    return;
  }
  // A turn that begins where the framing is lost begins with a new message, unless the client pipelines: the
  // requests that it ends are marked as inferred.
  if (in_.lost() || (out_.lost() && !in_.in_message())) {
    infer_answered(counters, sink);
    if (in_.lost()) in_.resync();
    if (out_.lost()) out_.resync();
  }
  // The rest of a message whose beginning was not seen could pass for a head under way.
  if (blind_ && http::sniff_request(turn.in) != http::Protocol::http1) {
    in_.abandon();
    if (!http::looks_like_response(turn.out)) out_.abandon();
    add_open(turn, http::RequestKind::other).request.framing = Framing::unknown;
    return;
  }
  if (protocol_ == http::Protocol::undecided && !in_.in_message()) protocol_ = http::sniff_request(turn.in);
  if (opaque(protocol_)) {
    in_.abandon();
    out_.abandon();
    add_open(turn, http::RequestKind::other).request.framing = Framing::unknown;
  }
}

void Conversation::read_input(const wire::Turn& turn, Counters& counters) {
  const pl_turn& fixed = *turn.fixed;
  if (fixed.bytes_in == 0) return;
  const std::size_t before = open_.size();
  const bool was_reading = !open_.empty() && !open_.back().read_whole;
  const auto sink = [&](const http::RequestEvent& event) { on_request(event, turn, counters); };
  in_.feed(turn.in, sink);
  in_.skip(fixed.bytes_in - turn.in.size(), sink);
  if (in_.lost() && open_.size() == before && !was_reading && !opaque(protocol_)) {
    Open& open = add_open(turn, http::RequestKind::other);
    open.request.framing = Framing::unknown;
    open.read_whole = true;
  }
  if (!in_.lost() || open_.empty()) return;
  Open& last = open_.back();
  if (last.has_head && last.request.bytes_in == 0) last.request.bytes_in = in_.offset() - last.in_start;
}

void Conversation::on_request(const http::RequestEvent& event, const wire::Turn& turn, Counters& counters) {
  switch (event.kind) {
    case http::EventKind::head:
    case http::EventKind::head_cut: {
      Open& open = add_open(turn, http::request_kind(event.head));
      open.has_head = true;
      blind_ = false;
      open.in_start = event.offset;
      open.request.method = event.head.method;
      open.request.path = event.head.target.substr(0, kMaxPath);
      if (event.kind == http::EventKind::head) return;
      infer(open.request);
      open.read_whole = true;
      return;
    }
    case http::EventKind::message_end:
      if (open_.empty() || open_.back().read_whole) return;
      open_.back().read_whole = true;
      open_.back().request.bytes_in = event.offset - open_.back().in_start;
      return;
    case http::EventKind::malformed: counters.malformed++; [[fallthrough]];
    case http::EventKind::lost:
    case http::EventKind::truncated:
      if (open_.empty() || open_.back().read_whole) return;
      open_.back().read_whole = true;
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
    const std::string_view tail(static_cast<const char*>(static_cast<const void*>(fixed.tail)), fixed.tail_len);
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
  if (!open.request.first_send_ns) open.request.first_send_ns = fixed.send_first_ns;
}

// Where the answers' framing is unknown, what was sent may be the answer to all that was asked. Its bytes count
// for the oldest request.
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
      if (event.kind == http::EventKind::head && event.head.interim) return;
      request.status = event.head.status;
      open->out_start = event.offset;
      open->answering = true;
      if (!request.first_send_ns) request.first_send_ns = turn.fixed->send_first_ns;
      if (event.kind == http::EventKind::head_cut) infer(request);
      counters.chunked += event.kind == http::EventKind::head && event.head.framing == http::BodyFraming::chunked;
      if (event.kind == http::EventKind::head && event.head.tunnel) {
        in_.enter_tunnel();
        open_.erase(open_.begin() + (open - open_.data()) + 1, open_.end());  // bytes that only looked like requests
      }
      break;
    case http::EventKind::message_end:
      open->answered = true;
      request.bytes_out = event.offset - open->out_start;
      if (event.inferred) infer(request);
      break;
    case http::EventKind::malformed: counters.malformed++; [[fallthrough]];
    case http::EventKind::lost: infer(request); break;
    case http::EventKind::truncated: break;
  }
  request.end_ns = turn.fixed->send_last_ns;
  request.writer_tid = turn.fixed->writer_tid;
}

Conversation::Open& Conversation::add_open(const wire::Turn& turn, http::RequestKind kind) {
  const pl_turn& fixed = *turn.fixed;
  Open& open = open_.emplace_back();
  open.kind = kind;
  Request& request = open.request;
  request.conn = fixed.conn;
  request.addr = fixed.addr;
  request.tgid = fixed.tgid;
  request.reader_tid = fixed.reader_tid;
  request.ready_ns = fixed.ready_ns;
  request.recv_ns = fixed.recv_first_ns;
  request.partial = partial_next_;
  partial_next_ = false;
  const bool under_way = request.partial && (fixed.flags & PL_TURN_NO_READY) != 0;
  request.measured = !under_way && (fixed.flags & PL_TURN_NO_RECV) == 0;
  return open;
}

std::size_t Conversation::count_unanswered() const {
  return static_cast<std::size_t>(
      std::count_if(open_.begin(), open_.end(), [](const Open& open) { return !open.answered; }));
}

Conversation::Open* Conversation::unanswered() {
  const auto found = std::find_if(open_.begin(), open_.end(), [](const Open& o) { return !o.answered; });
  return found == open_.end() ? nullptr : &*found;
}

// Every request under way shares the turn: its own part is an n-th, the others' work is what it waits for.
void Conversation::charge(const pl_turn& fixed) {
  const std::uint32_t retransmits = fixed.retransmits > retransmits_ ? fixed.retransmits - retransmits_ : 0;
  retransmits_ = std::max(retransmits_, fixed.retransmits);
  const std::uint64_t n = open_.size();
  for (Open& open : open_) {
    Request& request = open.request;
    open.charged_to_ns = fixed.bytes_out ? fixed.send_last_ns : fixed.recv_last_ns;
    request.calls_in += fixed.calls_in;
    request.calls_out += fixed.calls_out;
    request.paths |= fixed.paths;
    request.retransmits += retransmits;
    if (fixed.writer_tid) {
      request.writer_seen_ns = fixed.header.ts;
      request.writer_run_ns = fixed.writer_run_ns;
      request.writer_idle_ns = fixed.writer_idle_ns;
    }
    request.handoff |= (fixed.flags & PL_TURN_HANDOFF) != 0;
    request.pipelined |= n > 1;
    std::uint64_t others = 0;
    const auto share = [n, &others](std::uint64_t& sum, std::uint64_t part) {
      sum += part / n;
      others += part - part / n;
    };
    for (std::size_t i = 0; i < PL_BEFORES; i++) share(request.before[i], fixed.before[i]);
    for (std::size_t i = 0; i < PL_STATES; i++) share(request.state[i], fixed.state[i]);
    request.before[PL_BEFORE_BUSY] += others;
    // Where the messages' ends are unknown the turn's bytes are the request's.
    if (request.framing != Framing::exact && !open.has_head && request.bytes_in == 0)
      request.bytes_in = fixed.bytes_in;
    if (fixed.flags & PL_TURN_UNANSWERED) request.end_ns = fixed.recv_last_ns;
    else if (request.framing == Framing::unknown && fixed.bytes_out) {
      request.end_ns = fixed.send_last_ns;
      request.writer_tid = fixed.writer_tid;
      if (!request.first_send_ns) request.first_send_ns = fixed.send_first_ns;
    }
  }
}

void Conversation::emit_answered(Counters& counters, const RequestSink& sink) {
  auto end = open_.begin();
  while (end != open_.end() && end->answered) emit(*end++, counters, sink);
  open_.erase(open_.begin(), end);
}

void Conversation::emit(Open& open, Counters& counters, const RequestSink& sink) {
  Request& request = open.request;
  request.seq = next_seq_++;
  counters.requests++;
  counters.inferred += request.framing == Framing::inferred;
  counters.unknown += request.framing == Framing::unknown;
  counters.partial += request.partial;
  counters.unanswered += request.outcome == Outcome::unanswered;
  counters.cut += request.outcome == Outcome::cut;
  counters.bytes += request.bytes_in + request.bytes_out;
  sink(request);
}

// Requests that were sent something and whose end cannot be seen.
void Conversation::infer_answered(Counters& counters, const RequestSink& sink) {
  auto end = open_.begin();
  while (end != open_.end() && end->request.end_ns != 0) {
    infer(end->request);
    emit(*end++, counters, sink);
  }
  open_.erase(open_.begin(), end);
}

void Conversation::quiet(Counters& counters, const RequestSink& sink) {
  if (open_.empty() || open_.front().request.framing == Framing::exact) return;
  infer_answered(counters, sink);
}

void Conversation::close(bool whole, Counters& counters, const RequestSink& sink) {
  if (!whole) out_.abandon();
  out_.finish([&](const http::ResponseEvent& event) {
    Open* open = unanswered();
    if (!open || event.kind != http::EventKind::message_end) return;
    open->answered = true;
    open->request.bytes_out = event.offset - open->out_start;
  });
  emit_answered(counters, sink);
  for (Open& open : open_) {
    Request& request = open.request;
    const bool begun = open.answering || request.first_send_ns != 0;
    if (request.framing == Framing::exact || !whole) request.outcome = begun ? Outcome::cut : Outcome::unanswered;
    if (!begun) request.outcome = Outcome::unanswered;
    if (request.end_ns == 0) request.end_ns = std::max({request.recv_ns, request.ready_ns, open.charged_to_ns});
    emit(open, counters, sink);
  }
  open_.clear();
}

}  // namespace plateau::request
