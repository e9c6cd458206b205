// One connection: its turns in order, the messages in its two streams, and the requests under way.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "bpf/asked.h"
#include "http/framing.h"
#include "http/sniff.h"
#include "request/counters.h"
#include "request/request.h"
#include "wire/event.h"

namespace plateau::request {

using RequestSink = std::function<void(const Request&)>;

class Conversation {
 public:
  // The next turn or part in order; `gap`: records before it were lost.
  void turn(const wire::Turn& turn, bool gap, Counters& counters, const RequestSink& sink);

  // The connection closed: what only the close ends is complete, the rest is cut or unanswered. Not `whole`:
  // its last records were lost, and the fate of the rest is not known.
  void close(bool whole, Counters& counters, const RequestSink& sink);

  // Nobody looked for a while: what was under way is not known any more.
  void interrupt(Counters& counters);

  // Nothing moved for a while: requests whose answer's end cannot be seen count as complete.
  void quiet(Counters& counters, const RequestSink& sink);

  std::uint64_t last_activity_ns() const { return last_activity_; }
  bool idle() const { return open_.empty(); }

 private:
  struct Open {
    Request request;
    std::uint64_t in_start = 0;  // stream offsets of the messages' first bytes
    std::uint64_t out_start = 0;
    std::uint64_t charged_to_ns = 0;  // the end of the last record it was charged with
    http::RequestKind kind = http::RequestKind::other;
    bool assumed = false;     // to begin where a turn does
    bool has_head = false;    // its beginning was seen: in_start holds
    bool read_whole = false;  // its last byte came
    bool end_unseen = false;  // or came where it cannot be seen
    bool interim = false;     // an interim response has begun, and out_start is its
    bool answering = false;   // its final response has begun
    bool answered = false;    // and ended
    bool settled = false;     // answered in an earlier record, and the rest of it is still to come
  };

  // What records cost, ns by place and state.
  struct Cost {
    std::array<std::uint64_t, PL_BEFORES> before{};
    std::array<std::uint64_t, PL_STATES> state{};
    std::array<std::uint64_t, PL_PARKS> parked{};
    std::uint64_t assist = 0;
    std::uint32_t asked = 0;  // calls to other servers
    bool asked_known = true;
    std::uint32_t calls_in = 0;

    void add(const wire::Turn& turn);
  };

  struct Start {
    std::uint64_t ready_ns = 0;
    std::uint64_t recv_ns = 0;
    std::uint16_t flags = 0;  // enum pl_turn_flag
  };

  bool opaque() const;
  bool continuing() const;
  void cross_gap(const pl_turn& fixed, Counters& counters);
  void forget_open(std::uint64_t& counter);
  void begin_anew(Counters& counters);
  void lose_order(Counters& counters);
  void begin_turn(const wire::Turn& turn, Counters& counters, const RequestSink& sink);
  void read_input(const wire::Turn& turn, Counters& counters);
  void read_output(const wire::Turn& turn, Counters& counters);
  void on_request(const http::RequestEvent& event, const wire::Turn& turn, Counters& counters);
  void on_response(const http::ResponseEvent& event, const wire::Turn& turn, Counters& counters);
  Open& add_open(const wire::Turn& turn, http::RequestKind kind);
  Open* unanswered();
  bool reading(const Open& open) const;
  std::uint64_t unsettled() const;
  std::size_t count_unanswered() const;
  static void infer(Request& request);
  static void sent_to(Open& open, const pl_turn& fixed);
  void assume_answered(const pl_turn& fixed);
  void charge(const wire::Turn& turn);
  static void share(Request& request, const Cost& cost, std::uint64_t n);
  void note(Open& open, const pl_turn& fixed);
  void emit_answered(Counters& counters, const RequestSink& sink);
  void emit_settled(Counters& counters, const RequestSink& sink);
  void emit(Open& open, Counters& counters, const RequestSink& sink);
  void infer_answered(Counters& counters, const RequestSink& sink);

  http::RequestStream in_;
  http::ResponseStream out_;
  std::vector<Open> open_;  // in order of arrival
  Start turn_;              // of the present turn
  Cost unclaimed_;          // of this turn, while no request is known that it belongs to
  http::Protocol protocol_ = http::Protocol::undecided;
  std::uint32_t next_seq_ = 0;
  std::uint32_t retransmits_ = 0;
  std::uint64_t last_activity_ = 0;
  bool partial_next_ = false;
  bool doubtful_ = false;  // that this turn begins with a message is assumed
  bool blind_ = false;     // what came before is not known, so that the next bytes may be inside a message
};

}  // namespace plateau::request
