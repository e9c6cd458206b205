// Whatever the cuts and gaps, the events are those the generator of the conversation knows.

#include <gtest/gtest.h>

#include <algorithm>

#include "conversation.h"

namespace plateau::http {
namespace {

// A stream, its owner's bookkeeping, and the events so far.
class RequestObserver {
 public:
  explicit RequestObserver(const Conversation& /*conversation*/) {}
  void feed(std::string_view bytes) {
    stream_.feed(bytes, [this](const RequestEvent& e) { on(e); });
  }
  void skip(std::uint64_t n) {
    stream_.skip(n, [this](const RequestEvent& e) { on(e); });
  }
  void finish() {
    stream_.finish([this](const RequestEvent& e) { on(e); });
  }
  const std::vector<std::string>& events() const { return events_; }
  std::uint64_t offset() const { return stream_.offset(); }

 private:
  void on(const RequestEvent& e) {
    events_.push_back(describe(e));
    if (e.kind == EventKind::head) granted_ = e.head.upgrade || e.head.connect;
    if (e.kind == EventKind::message_end && granted_) stream_.enter_tunnel();
  }

  RequestStream stream_;
  bool granted_ = false;
  std::vector<std::string> events_;
};

class ResponseObserver {
 public:
  explicit ResponseObserver(const Conversation& conversation) : kinds_(conversation.kinds) {}
  void feed(std::string_view bytes) {
    stream_.feed(
        bytes, [this] { return answered_ < kinds_.size() ? kinds_[answered_] : RequestKind::other; },
        [this](const ResponseEvent& e) { on(e); });
  }
  void skip(std::uint64_t n) {
    stream_.skip(n, [this](const ResponseEvent& e) { on(e); });
  }
  void finish() {
    stream_.finish([this](const ResponseEvent& e) { on(e); });
  }
  const std::vector<std::string>& events() const { return events_; }
  std::uint64_t offset() const { return stream_.offset(); }

 private:
  void on(const ResponseEvent& e) {
    events_.push_back(describe(e));
    if (e.kind == EventKind::head && !e.head.interim) ++answered_;
  }

  ResponseStream stream_;
  std::vector<RequestKind> kinds_;
  std::size_t answered_ = 0;
  std::vector<std::string> events_;
};

// The end of the skippable range that `at` lies in, or `at`.
std::size_t gap_limit(const Script& script, std::size_t at) {
  for (const Range& range : script.skippable) {
    if (at >= range.begin && at < range.end) return range.end;
  }
  return at;
}

template <class Observer>
void check_two_parts(const Conversation& c, const Script& script) {
  const std::string_view bytes = script.bytes;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Observer observer(c);
    observer.feed(bytes.substr(0, cut));
    observer.feed(bytes.substr(cut));
    observer.finish();
    ASSERT_EQ(observer.events(), script.events) << "cut at " << cut << " of\n" << bytes;
  }
}

template <class Observer>
void check_single_bytes(const Conversation& c, const Script& script) {
  Observer observer(c);
  for (const char byte : script.bytes) observer.feed({&byte, 1});
  observer.finish();
  ASSERT_EQ(observer.events(), script.events) << script.bytes;
}

template <class Observer>
void check_random_gaps(const Conversation& c, const Script& script, std::mt19937& random) {
  Observer observer(c);
  std::size_t at = 0;
  while (at < script.bytes.size()) {
    const std::size_t limit = gap_limit(script, at);
    const bool gap = limit > at && random() % 2 == 0;
    const std::size_t n = std::min<std::size_t>(1 + random() % 60, (gap ? limit : script.bytes.size()) - at);
    if (gap) {
      observer.skip(n);
    } else {
      observer.feed(std::string_view(script.bytes).substr(at, n));
    }
    at += n;
    ASSERT_EQ(observer.offset(), at);
  }
  observer.finish();
  ASSERT_EQ(observer.events(), script.events) << script.bytes;
}

TEST(FramingProperty, EventsDoNotDependOnCutsAndGaps) {
  for (unsigned seed = 1; seed <= 400 && !HasFatalFailure(); seed += PLATEAU_TEST_STRIDE) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const Conversation c = make_conversation(random);
    check_two_parts<RequestObserver>(c, c.requests);
    check_two_parts<ResponseObserver>(c, c.responses);
    check_single_bytes<RequestObserver>(c, c.requests);
    check_single_bytes<ResponseObserver>(c, c.responses);
    for (int round = 0; round < 20; ++round) {
      check_random_gaps<RequestObserver>(c, c.requests, random);
      check_random_gaps<ResponseObserver>(c, c.responses, random);
    }
  }
}

}  // namespace
}  // namespace plateau::http
