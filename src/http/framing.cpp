#include "http/framing.h"

#include "http/start_line.h"
#include "http/text.h"

namespace plateau::http {
namespace {

ParseStatus parse(std::string_view bytes, RequestKind /*answers*/, RequestHead& out) {
  return parse_request_head(bytes, out);
}
ParseStatus parse(std::string_view bytes, RequestKind answers, ResponseHead& out) {
  return parse_response_head(bytes, answers == RequestKind::head, answers == RequestKind::connect, out);
}

// Is enough of a cut head known to be worth telling?
bool names_message(const RequestHead& head) {
  return !head.method.empty();
}
bool names_message(const ResponseHead& head) {
  return head.status != 0;
}

// A request's tunnel is its response's to grant.
bool opens_tunnel(const RequestHead& /*head*/) {
  return false;
}
bool opens_tunnel(const ResponseHead& head) {
  return head.tunnel;
}
bool is_interim(const RequestHead& /*head*/) {
  return false;
}
bool is_interim(const ResponseHead& head) {
  return head.interim;
}

}  // namespace

RequestKind request_kind(const RequestHead& request) {
  if (request.connect) return RequestKind::connect;
  return request.method == "HEAD" ? RequestKind::head : RequestKind::other;
}

template <class Head>
void MessageStream<Head>::enter(State state) {
  release_ = !pending_.empty();
  line_seen_ = false;
  tunnel_next_ = false;
  lost_in_chunked_ = false;
  state_ = state;
}

template <class Head>
void MessageStream<Head>::resync() {
  enter(State::head);
}
template <class Head>
void MessageStream<Head>::abandon() {
  enter(State::lost);
}
template <class Head>
void MessageStream<Head>::enter_tunnel() {
  enter(State::tunnel);
}

template <class Head>
void MessageStream<Head>::release_pending() {
  if (release_) pending_ = std::string();
  release_ = false;
}

template <class Head>
bool MessageStream<Head>::lose(LossCause cause, std::uint64_t offset, Event<Head>& event) {
  enter(State::lost);
  lost_in_chunked_ = cause == LossCause::gap_in_chunked;
  event.kind = EventKind::lost;
  event.cause = cause;
  event.offset = offset;
  return true;
}

template <class Head>
bool MessageStream<Head>::malformed(std::uint64_t offset, Event<Head>& event) {
  enter(State::lost);
  event.kind = EventKind::malformed;
  event.offset = offset;
  return true;
}

// After a whole head. An interim response has no body and no end of its own.
template <class Head>
bool MessageStream<Head>::begin_body(Event<Head>& event) {
  enter(is_interim(event.head) ? State::head : State::body);
  tunnel_next_ = opens_tunnel(event.head);
  body_.start(event.head.framing, event.head.content_length);
  event.kind = EventKind::head;
  event.offset = start_;
  return true;
}

template <class Head>
bool MessageStream<Head>::check_body(Event<Head>& event) {
  switch (body_.state()) {
    case BodyCursor::State::running:
      return false;
    case BodyCursor::State::broken:
      return malformed(offset_, event);
    case BodyCursor::State::lost:
      return lose(LossCause::gap_in_chunked, offset_, event);
    case BodyCursor::State::done:
      enter(tunnel_next_ ? State::tunnel : State::head);
      event.kind = EventKind::message_end;
      event.offset = offset_;
      return true;
  }
  return false;
}

// The verdict on a head that begins at start_. False: go on reading.
template <class Head>
bool MessageStream<Head>::judge(ParseStatus status, Event<Head>& event) {
  if (status == ParseStatus::malformed) return malformed(start_, event);
  if (status == ParseStatus::incomplete) return false;
  if (event.head.size > kMaxHead) return lose(LossCause::head_too_long, start_, event);
  return begin_body(event);
}

// Bytes up to and including the blank line that ends the head pending_ holds the beginning of, or npos.
template <class Head>
std::size_t MessageStream<Head>::find_head_end(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const char c = bytes[at];
    if (place_ != LinePlace::inside) {
      if (c == '\n') return at + 1;
      if (c == '\r' && place_ == LinePlace::start) {
        place_ = LinePlace::start_cr;
        ++at;
        continue;
      }
    }
    place_ = LinePlace::inside;
    const std::size_t lf = bytes.find('\n', at);
    if (lf == std::string_view::npos) break;
    place_ = LinePlace::start;
    at = lf + 1;
  }
  return std::string_view::npos;
}

template <class Head>
bool MessageStream<Head>::step_head(std::string_view& rest, RequestKind answers, Event<Head>& event) {
  if (!pending_.empty()) return step_pending(rest, answers, event);
  while (!rest.empty() && is_line_end(rest.front())) {
    rest.remove_prefix(1);
    ++offset_;
  }
  if (rest.empty()) return false;
  start_ = offset_;
  const std::string_view window = rest.substr(0, kMaxHead + 1);
  const ParseStatus status = parse(window, answers, event.head);
  std::size_t used = rest.size();
  if (status == ParseStatus::complete) {
    used = event.head.size;
  } else if (status == ParseStatus::incomplete && window.size() <= kMaxHead) {
    pending_.assign(window);
    place_ = LinePlace::inside;
    line_seen_ = window.find('\n') != std::string_view::npos;
    find_head_end(window);
  }
  offset_ += used;
  rest.remove_prefix(used);
  const bool too_long = status == ParseStatus::incomplete && window.size() > kMaxHead;
  return too_long ? lose(LossCause::head_too_long, start_, event) : judge(status, event);
}

// A head of which earlier calls brought the beginning. It is parsed only when that can tell something new, so
// that a head dripping in costs no more than its bytes.
template <class Head>
bool MessageStream<Head>::step_pending(std::string_view& rest, RequestKind answers, Event<Head>& event) {
  if (rest.empty()) return false;
  const std::size_t before = pending_.size();
  const std::size_t room = kMaxHead + 1 - before;
  const std::size_t head_end = find_head_end(rest.substr(0, room));
  const bool whole = head_end != std::string_view::npos;
  const std::string_view part = rest.substr(0, whole ? head_end : room);
  pending_.append(part);
  offset_ += part.size();
  rest.remove_prefix(part.size());
  const bool line_ends = !line_seen_ && part.find('\n') != std::string_view::npos;
  if (whole || line_ends || before < kTellingPrefix) {
    line_seen_ = line_seen_ || line_ends;
    if (judge(parse(pending_, answers, event.head), event)) return true;
  }
  return pending_.size() > kMaxHead && lose(LossCause::head_too_long, start_, event);
}

template <class Head>
bool MessageStream<Head>::step(std::string_view& rest, RequestKind answers, Event<Head>& event) {
  release_pending();
  event.inferred = false;
  event.cause = LossCause::none;
  switch (state_) {
    case State::head:
      return step_head(rest, answers, event);
    case State::body: {
      const std::size_t used = body_.feed(rest);
      offset_ += used;
      rest.remove_prefix(used);
      return check_body(event);
    }
    case State::lost:
    case State::tunnel:
      offset_ += rest.size();
      rest = {};
      return false;
  }
  return false;
}

// A gap where a head is, or would begin: first what is known of the head, then the loss.
template <class Head>
bool MessageStream<Head>::cut_head(std::uint64_t& bytes, Event<Head>& event) {
  if (!pending_.empty()) {
    release_ = true;
    parse(pending_, RequestKind::other, event.head);
    event.kind = EventKind::head_cut;
    event.offset = start_;
    if (names_message(event.head)) return true;
  }
  lose(LossCause::gap_in_head, offset_, event);
  offset_ += bytes;
  bytes = 0;
  return true;
}

template <class Head>
bool MessageStream<Head>::step_gap(std::uint64_t& bytes, Event<Head>& event) {
  release_pending();
  event.inferred = false;
  event.cause = LossCause::none;
  switch (state_) {
    case State::head:
      return bytes > 0 && cut_head(bytes, event);
    case State::body: {
      const std::uint64_t used = body_.skip(bytes);
      offset_ += used;
      bytes -= used;
      return check_body(event);
    }
    case State::lost:
    case State::tunnel:
      offset_ += bytes;
      bytes = 0;
      return false;
  }
  return false;
}

template <class Head>
bool MessageStream<Head>::step_end(Event<Head>& event) {
  release_pending();
  const bool inside = in_message();
  const bool completes = state_ == State::body && body_.framing() == BodyFraming::until_close;
  enter(State::lost);
  event.kind = completes ? EventKind::message_end : EventKind::truncated;
  event.offset = offset_;
  return inside;
}

template <class Head>
bool MessageStream<Head>::step_hint(std::string_view tail, Event<Head>& event) {
  if (!lost_in_chunked() || !ends_like_chunked(tail)) return false;
  enter(State::head);
  event.kind = EventKind::message_end;
  event.inferred = true;
  event.offset = offset_;
  return true;
}

template class MessageStream<RequestHead>;
template class MessageStream<ResponseHead>;

}  // namespace plateau::http
