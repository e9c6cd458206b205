#include "request/conversation.h"

#include <algorithm>
#include <utility>

namespace plateau::request {
namespace {

constexpr std::size_t kMaxOpen = 4096;  // requests under way on one connection

}  // namespace

bool Conversation::opaque() const {
  return protocol_ != http::Protocol::http1 && protocol_ != http::Protocol::undecided;
}

void Conversation::turn(const wire::Turn& turn, bool gap, Counters& counters, const RequestSink& sink) {
  const pl_turn& fixed = *turn.fixed;
  last_activity_ = fixed.header.ts;
  if (gap) cross_gap(fixed, counters);
  if (fixed.part == 0) {
    counters.turns++;
    turn_ = {fixed.ready_ns, fixed.recv_first_ns, fixed.flags};
    unclaimed_ = {};
    begin_turn(turn, counters, sink);
  }
  read_input(turn, counters);
  if (open_.size() > kMaxOpen) lose_order(counters);
  read_output(turn, counters);
  charge(turn);
  emit_answered(counters, sink);
}

// The client was told to go on with a request whose extent is not known: what comes is the rest of it.
bool Conversation::continuing() const {
  return in_.lost() && !open_.empty() && open_.back().interim && !open_.back().answering;
}

// What was not seen may have held anything: requests under way cannot be finished truthfully, and it takes a
// turn's beginning to find a message's.
void Conversation::forget_open(std::uint64_t& counter) {
  counter += open_.size();
  open_.clear();
  blind_ = true;
  unclaimed_ = {};
  if (!in_.tunnelled()) in_.abandon();
  if (!out_.tunnelled()) out_.abandon();
}

// The first turn since somebody looks, or looks again.
void Conversation::begin_anew(Counters& counters) {
  forget_open(counters.interrupted);
  if (in_.lost()) in_.resync();
  if (out_.lost()) out_.resync();
  partial_next_ = true;
}

void Conversation::interrupt(Counters& counters) {
  forget_open(counters.interrupted);
}

void Conversation::cross_gap(const pl_turn& fixed, Counters& counters) {
  forget_open(counters.abandoned);
  if (fixed.part != 0) return;
  if (in_.lost()) in_.resync();
  if (out_.lost()) out_.resync();
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
  doubtful_ = false;
  if (fixed.flags & PL_TURN_PREEXISTING) begin_anew(counters);
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
  if (opaque()) {
    infer_answered(counters, sink);
    add_open(turn, http::RequestKind::other).request.framing = Framing::unknown;
    return;
  }
  if (continuing()) return;
  // A turn that begins where the framing is lost begins with a new message, unless the client pipelines: the
  // requests that it ends, and those that it begins, are marked as inferred. What cannot be a message is
  // none.
  if (in_.lost() || (out_.lost() && !in_.in_message())) {
    infer_answered(counters, sink);
    doubtful_ = true;
    if (in_.lost() && http::begins_inside(turn.in)) {
      http::looks_like_response(turn.out) ? out_.resync() : out_.abandon();
      add_open(turn, http::RequestKind::other).request.framing = Framing::unknown;
      return;
    }
    if (in_.lost()) in_.resync();
    out_.resync();
  }
  // The rest of a message whose beginning was not seen could pass for a head under way.
  if (blind_ && http::sniff_request(turn.in) != http::Protocol::http1) {
    in_.abandon();
    if (!http::looks_like_response(turn.out)) out_.abandon();
    add_open(turn, http::RequestKind::other).request.framing = Framing::unknown;
    return;
  }
  if (protocol_ == http::Protocol::undecided && !in_.in_message()) protocol_ = http::sniff_request(turn.in);
  if (opaque()) {
    in_.abandon();
    out_.abandon();
    add_open(turn, http::RequestKind::other).request.framing = Framing::unknown;
  }
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
  request.goid = fixed.goid;
  request.ready_ns = turn_.ready_ns;
  request.recv_ns = turn_.recv_ns;
  request.partial = partial_next_;
  partial_next_ = false;
  const bool under_way = request.partial && (turn_.flags & PL_TURN_NO_READY) != 0;
  open.assumed = doubtful_;
  request.measured = !under_way && (turn_.flags & PL_TURN_NO_RECV) == 0;
  return open;
}

void Conversation::Cost::add(const wire::Turn& turn) {
  const pl_turn& fixed = *turn.fixed;
  for (std::size_t i = 0; i < PL_BEFORES; i++) before[i] += fixed.before[i];
  for (std::size_t i = 0; i < PL_STATES; i++) state[i] += fixed.state[i];
  for (std::size_t i = 0; turn.parks && i < PL_PARKS; i++)
    (i == PL_PARKS_ASSIST ? assist : parked[i]) += turn.parks->ns[i];
  asked_known = asked_known && PL_TURN_ASKED(&fixed) != 0;
  if (asked_known) asked += PL_TURN_ASKED(&fixed) - 1u;
  calls_in += fixed.calls_in;
}

// What was spent while a request's head was not whole yet is charged when it is.
void Conversation::charge(const wire::Turn& turn) {
  const pl_turn& fixed = *turn.fixed;
  const std::uint32_t retransmits = fixed.retransmits > retransmits_ ? fixed.retransmits - retransmits_ : 0;
  retransmits_ = std::max(retransmits_, fixed.retransmits);
  unclaimed_.add(turn);
  const std::uint64_t sharers = unsettled();
  if (sharers == 0) {
    if (!in_.in_message()) unclaimed_ = {};
    return;
  }
  const Cost cost = std::exchange(unclaimed_, {});
  for (Open& open : open_) {
    if (open.settled) continue;
    share(open.request, cost, sharers);
    note(open, fixed);
    open.request.retransmits += retransmits;
  }
}

// Every one of `n` requests under way shares the cost: its own part is an n-th, the others' work is what it
// waits for.
void Conversation::share(Request& request, const Cost& cost, std::uint64_t n) {
  std::uint64_t others = 0;
  const auto take = [n, &others](std::uint64_t& sum, std::uint64_t part) {
    sum += part / n;
    others += part - part / n;
  };
  for (std::size_t i = 0; i < PL_BEFORES; i++) take(request.before[i], cost.before[i]);
  for (std::size_t i = 0; i < PL_STATES; i++) take(request.state[i], cost.state[i]);
  request.before[PL_BEFORE_BUSY] += others;
  for (std::size_t i = 0; i < PL_PARKS; i++) request.parked[i] += cost.parked[i] / n;
  request.gc_assist_ns += cost.assist / n;
  request.asked += cost.asked;
  if (!cost.asked_known || (n > 1 && cost.asked)) request.asked_known = false;
  request.calls_in += cost.calls_in;
  request.pipelined |= n > 1;
}

// What else a record tells of a request that is under way in it.
void Conversation::note(Open& open, const pl_turn& fixed) {
  Request& request = open.request;
  open.charged_to_ns = fixed.bytes_out ? fixed.send_last_ns : fixed.recv_last_ns;
  request.calls_out += fixed.calls_out;
  request.paths |= fixed.paths;
  request.handoff |= (fixed.flags & PL_TURN_HANDOFF) != 0;
  if (fixed.writer_tid) {
    request.writer_seen_ns = fixed.header.ts;
    request.writer_run_ns = fixed.writer_run_ns;
    request.writer_idle_ns = fixed.writer_idle_ns;
  }
  // Where the messages' ends are unknown the turn's bytes are the request's.
  if (!open.has_head && &open == &open_.back()) request.bytes_in += fixed.bytes_in;
  if (fixed.flags & PL_TURN_UNANSWERED) {
    request.end_ns = fixed.recv_last_ns;
  } else if (request.framing == Framing::unknown && fixed.bytes_out) {
    sent_to(open, fixed);
  }
}

// The rest of a request that was answered early is to come yet; its time is over.
bool Conversation::reading(const Open& open) const {
  return open.has_head && !open.read_whole && !in_.lost() && !in_.tunnelled();
}

std::uint64_t Conversation::unsettled() const {
  return static_cast<std::uint64_t>(
      std::count_if(open_.begin(), open_.end(), [](const Open& open) { return !open.settled; }));
}

void Conversation::emit_answered(Counters& counters, const RequestSink& sink) {
  auto end = open_.begin();
  while (end != open_.end() && end->answered && !reading(*end)) emit(*end++, counters, sink);
  if (end != open_.end()) end->settled = end->answered;
  open_.erase(open_.begin(), end);
}

void Conversation::emit(Open& open, Counters& counters, const RequestSink& sink) {
  Request& request = open.request;
  if (open.assumed) infer(request);
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

// What came of a request that was answered early is all that it is.
void Conversation::emit_settled(Counters& counters, const RequestSink& sink) {
  if (open_.empty() || !open_.front().settled) return;
  Open& open = open_.front();
  if (!open.read_whole) open.request.bytes_in = in_.offset() - open.in_start;
  emit(open, counters, sink);
  open_.erase(open_.begin());
}

void Conversation::quiet(Counters& counters, const RequestSink& sink) {
  emit_settled(counters, sink);
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
  emit_settled(counters, sink);
  if (!whole) forget_open(counters.abandoned);
  for (Open& open : open_) {
    Request& request = open.request;
    const bool begun = open.answering || request.first_send_ns != 0;
    if (open.answering && !open.answered) request.bytes_out = out_.offset() - open.out_start;
    if (request.framing == Framing::exact) request.outcome = begun ? Outcome::cut : Outcome::unanswered;
    if (!begun) request.outcome = Outcome::unanswered;
    if (request.end_ns == 0)
      request.end_ns = std::max({request.recv_ns, request.ready_ns, open.charged_to_ns});
    emit(open, counters, sink);
  }
  open_.clear();
}

}  // namespace plateau::request
