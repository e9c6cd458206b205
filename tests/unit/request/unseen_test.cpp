// Receives and sends that the kernel side did not see, and what it makes of the next that it does: whatever
// is missed, no answer is paired with another request.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "records.h"

namespace plateau::request::test {
namespace {

struct Event {
  bool receive = false;
  std::string bytes;
};

// What bpf/conn.bpf.c and bpf/unseen.h do with the events, `missed` of which they are not told of.
class KernelSide {
 public:
  explicit KernelSide(Observed& seen) : seen_(seen) {}

  void miss(const Event& event) { (event.receive ? unseen_in_ : unseen_out_) += event.bytes; }

  void see(const Event& event) {
    if (!(event.receive ? unseen_in_ : unseen_out_).empty()) pass_over_unseen(event.receive);
    if (event.receive) {
      if (phase_ != Phase::receiving) begin(anew_ ? PL_TURN_PREEXISTING | PL_TURN_NO_READY : 0);
      phase_ = Phase::receiving;
      add(spec_.in, spec_.captured_in, event.bytes, true);
    } else {
      if (phase_ == Phase::quiet) begin((anew_ ? PL_TURN_PREEXISTING : 0) | PL_TURN_NO_RECV);
      phase_ = Phase::answering;
      add(spec_.parts[0].out, spec_.parts[0].captured, event.bytes, true);
    }
  }

  void flush() {
    if (open_) seen_.feed(server_.turn(spec_));
    open_ = false;
  }

 private:
  enum class Phase { quiet, receiving, answering };

  void begin(unsigned flags) {
    flush();
    spec_ = {"", {{""}}};
    spec_.flags = flags;
    open_ = true;
    anew_ = false;
  }

  // Bytes behind a gap are not captured.
  static void add(std::string& all, std::size_t& captured, const std::string& bytes, bool visible) {
    if (!visible && captured == kAll) captured = all.size();
    all += bytes;
  }

  void pass_over_unseen(bool receiving) {
    const bool same = receiving ? phase_ == Phase::receiving : phase_ != Phase::quiet;
    if (same && receiving) add(spec_.in, spec_.captured_in, unseen_in_, false);
    if (same && !receiving) add(spec_.parts[0].out, spec_.parts[0].captured, unseen_out_, false);
    (receiving ? unseen_in_ : unseen_out_).clear();
    if (same) return;
    flush();
    phase_ = Phase::quiet;
    anew_ = true;
  }

  Observed& seen_;
  Tracer server_{7};
  TurnSpec spec_;
  Phase phase_ = Phase::quiet;
  std::string unseen_in_, unseen_out_;
  bool open_ = false;
  bool anew_ = false;
};

constexpr int kExchanges = 6;

// Each request and each answer in two pieces; an answer's status is 220 and the number of its request.
std::vector<Event> conversation() {
  std::vector<Event> events;
  for (int i = 0; i < kExchanges; i++) {
    const std::string in = get("/" + std::to_string(i)), out = ok("body of " + std::to_string(i), 220 + i);
    const std::size_t head = out.find("\r\n\r\n") + 4;
    events.push_back({true, in.substr(0, 9)});
    events.push_back({true, in.substr(9)});
    events.push_back({false, out.substr(0, head)});
    events.push_back({false, out.substr(head)});
  }
  return events;
}

// Events `first` to `last` are missed.
void expect_no_wrong_pair(std::size_t first, std::size_t last) {
  SCOPED_TRACE("missed " + std::to_string(first) + " to " + std::to_string(last));
  const std::vector<Event> events = conversation();
  Observed seen;
  KernelSide kernel(seen);
  for (std::size_t i = 0; i < events.size(); i++)
    i >= first&& i <= last ? kernel.miss(events[i]) : kernel.see(events[i]);
  kernel.flush();
  seen.stitcher.finish();
  int right = 0;
  for (const Request& request : seen.requests) {
    if (request.path.size() != 2 || request.status == 0) continue;
    EXPECT_EQ(request.status, 220 + (request.path[1] - '0')) << "of " << request.path;
    right++;
  }
  EXPECT_GE(right, kExchanges - 1 - static_cast<int>(last / 4 - first / 4 + 1));
}

TEST(Unseen, OneReceiveOrSendMispairsNothing) {
  for (std::size_t i = 0; i < conversation().size(); i++) expect_no_wrong_pair(i, i);
}

TEST(Unseen, RunsOfThemMispairNothing) {
  for (std::size_t length = 2; length <= 9; length++)
    for (std::size_t i = 0; i + length <= conversation().size(); i++) expect_no_wrong_pair(i, i + length - 1);
}

TEST(Unseen, NothingMissedIsAllSeenExactly) {
  Observed seen;
  KernelSide kernel(seen);
  for (const Event& event : conversation()) kernel.see(event);
  kernel.flush();
  ASSERT_EQ(seen.requests.size(), static_cast<std::size_t>(kExchanges));
  for (const Request& request : seen.requests) EXPECT_EQ(request.framing, Framing::exact);
}

}  // namespace
}  // namespace plateau::request::test
