// Follows one direction of an HTTP/1 connection from message to message.
//
// The stream is told of every byte that passed: feed() for those that were captured, skip() for those that
// were not. Offsets count both, from the stream's start. The events do not depend on how the bytes were cut
// into calls. Heads may be split anywhere; only a head that is split is copied, and at most kMaxHead bytes of
// it.
//
// Events are delivered to a callable `sink(const Event&)` during the call; the views in an event's head are
// valid only until the sink returns. The sink must not call feed, skip or finish of the same stream; it may
// call resync, abandon and enter_tunnel, which hold for what comes after the event. (The rest of a call whose
// bytes begin with a malformed or overlong head, or of a gap that cut a head, is dropped with it.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "http/chunked.h"
#include "http/head.h"

namespace plateau::http {

inline constexpr std::size_t kMaxHead = 65536;  // bytes

enum class EventKind : std::uint8_t {
  head,         // a whole head; offset: the message's first byte
  head_cut,     // a gap cut the head, but its method (status) is known; `lost` follows. offset as for head
  message_end,  // offset: one past the message's last byte. None for an interim response
  lost,         // the framing is unknown from offset on, until resync()
  malformed,    // not HTTP/1 at offset (a head's first byte, a chunk's first wrong byte); as good as lost
  truncated,    // the direction ended at offset, inside a message
};

enum class LossCause : std::uint8_t { none, gap_in_head, gap_in_chunked, head_too_long };

template <class Head>
struct Event {
  EventKind kind = EventKind::lost;
  LossCause cause = LossCause::none;  // of `lost`
  bool inferred = false;              // of `message_end`: from end_of_chunked_hint
  std::uint64_t offset = 0;           // bytes since the stream's start
  Head head;                          // of `head` and `head_cut`; else unspecified
};
using RequestEvent = Event<RequestHead>;
using ResponseEvent = Event<ResponseHead>;

// What of a request decides how its response is framed.
enum class RequestKind : std::uint8_t { other, head, connect };
RequestKind request_kind(const RequestHead& request);

// Where the current message's body ends.
class BodyCursor {
 public:
  enum class State : std::uint8_t { running, done, broken, lost };

  void start(BodyFraming framing, std::uint64_t length);
  std::size_t feed(std::string_view bytes);  // the count consumed
  std::uint64_t skip(std::uint64_t bytes);   // the count passed over
  State state() const;
  BodyFraming framing() const { return framing_; }

 private:
  std::uint64_t remaining_ = 0;  // bytes, with BodyFraming::length
  ChunkDecoder chunks_;
  BodyFraming framing_ = BodyFraming::none;
};

// The shared core of the two directions.
template <class Head>
class MessageStream {
 public:
  // `bytes` passed without being captured.
  template <class Sink>
  void skip(std::uint64_t bytes, Sink&& sink) {
    Event<Head> event;
    while (step_gap(bytes, event)) sink(std::as_const(event));
  }

  // The direction has ended: completes a body that only the close ends. The stream is lost afterwards.
  template <class Sink>
  void finish(Sink&& sink) {
    Event<Head> event;
    if (step_end(event)) sink(std::as_const(event));
  }

  // After a loss inside a chunked body: `tail`, the last bytes before the present offset, may tell that the
  // body is complete. Then delivers a message_end flagged `inferred`, and the next byte begins a message.
  // Returns whether it did. Give 7 bytes or more where there are as many.
  template <class Sink>
  bool end_of_chunked_hint(std::string_view tail, Sink&& sink) {
    Event<Head> event;
    if (!step_hint(tail, event)) return false;
    sink(std::as_const(event));
    return true;
  }

  // The owner knows that the next byte begins a message (at a turn's boundary). Valid in every state.
  void resync();
  // The owner knows that the framing is unknown (attached midway, capture lost). No event.
  void abandon();
  // The rest of the connection is not HTTP/1: bytes are counted, nothing is parsed until resync(). A response
  // stream does this by itself after a head with `tunnel`.
  void enter_tunnel();

  std::uint64_t offset() const { return offset_; }  // bytes fed and skipped so far
  bool lost() const { return state_ == State::lost; }
  bool tunnelled() const { return state_ == State::tunnel; }
  // A message has begun and not ended (lost streams are not inside one they know of).
  bool in_message() const {
    return state_ == State::body || (state_ == State::head && !pending_.empty() && !release_);
  }
  bool lost_in_chunked() const { return state_ == State::lost && lost_in_chunked_; }

 protected:
  // Each moves on to the next event; false when the bytes are used up without one.
  bool step(std::string_view& rest, RequestKind answers, Event<Head>& event);
  bool step_gap(std::uint64_t& bytes, Event<Head>& event);
  bool step_end(Event<Head>& event);
  bool step_hint(std::string_view tail, Event<Head>& event);
  bool at_head() const { return state_ == State::head; }

 private:
  enum class State : std::uint8_t { head, body, lost, tunnel };
  enum class LinePlace : std::uint8_t { inside, start, start_cr };

  bool step_head(std::string_view& rest, RequestKind answers, Event<Head>& event);
  bool step_pending(std::string_view& rest, RequestKind answers, Event<Head>& event);
  bool cut_head(std::uint64_t& bytes, Event<Head>& event);
  bool judge(ParseStatus status, Event<Head>& event);
  bool begin_body(Event<Head>& event);
  bool check_body(Event<Head>& event);
  bool lose(LossCause cause, std::uint64_t offset, Event<Head>& event);
  bool malformed(std::uint64_t offset, Event<Head>& event);
  void enter(State state);
  void release_pending();
  std::size_t find_head_end(std::string_view bytes);

  std::uint64_t offset_ = 0;
  std::uint64_t start_ = 0;  // offset of the current message's first byte
  std::string pending_;      // a head that is not whole yet
  BodyCursor body_;
  State state_ = State::head;
  LinePlace place_ = LinePlace::inside;  // where pending_ ends
  bool line_seen_ = false;               // pending_ holds its first line, which is well-formed
  bool release_ = false;                 // pending_ was delivered
  bool tunnel_next_ = false;
  bool lost_in_chunked_ = false;
};

extern template class MessageStream<RequestHead>;
extern template class MessageStream<ResponseHead>;

class RequestStream : public MessageStream<RequestHead> {
 public:
  template <class Sink>
  void feed(std::string_view captured, Sink&& sink) {
    RequestEvent event;
    while (step(captured, RequestKind::other, event)) sink(std::as_const(event));
  }
};

class ResponseStream : public MessageStream<ResponseHead> {
 public:
  // `answers()` gives the RequestKind of the oldest request without a final response; it is called whenever a
  // head may be parsed, so it must not consume anything: that is for the sink to do, on a head that is not
  // interim.
  template <class Answers, class Sink>
  void feed(std::string_view captured, Answers&& answers, Sink&& sink) {
    ResponseEvent event;
    while (step(captured, at_head() ? answers() : RequestKind::other, event)) sink(std::as_const(event));
  }
};

}  // namespace plateau::http
