#include "http/framing.h"

#include <gtest/gtest.h>

#include "conversation.h"

namespace plateau::http {
namespace {

using Events = std::vector<std::string>;

// Records what a stream reports.
struct Log {
  Events events;
  void operator()(const RequestEvent& e) { events.push_back(describe(e)); }
  void operator()(const ResponseEvent& e) { events.push_back(describe(e)); }
};

constexpr auto kOther = [] { return RequestKind::other; };

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\n\r\n";  // 19 bytes
constexpr std::string_view kChunkedHead =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";  // 47 bytes

TEST(RequestStream, GapInAHeadTellsWhatIsKnownThenLoses) {
  RequestStream stream;
  Log log;
  stream.feed("GET /long?q HTTP/1.1\r\nCookie: ab", log);
  EXPECT_TRUE(stream.in_message());
  std::string target;
  stream.skip(1000, [&](const RequestEvent& e) {
    log(e);
    if (e.kind == EventKind::head_cut) target = e.head.target;
  });
  EXPECT_EQ(log.events, (Events{"GET head_cut none 0 size 0 @0", "lost 1 @32"}));
  EXPECT_EQ(target, "/long");
  EXPECT_TRUE(stream.lost());
  EXPECT_FALSE(stream.in_message());
  EXPECT_EQ(stream.offset(), 1032u);

  stream.feed(kGet, log);
  EXPECT_EQ(log.events.size(), 2u) << "a lost stream parses nothing";
  stream.resync();
  stream.feed(kGet, log);
  EXPECT_EQ(log.events[2], "GET head none 0 size 19 @1051");
  EXPECT_EQ(log.events[3], "end @1070");
}

TEST(RequestStream, GapBetweenMessagesLoses) {
  RequestStream stream;
  Log log;
  stream.feed(kGet, log);
  stream.skip(0, log);
  stream.feed("GE", log);
  stream.skip(5, log);
  EXPECT_EQ(log.events, (Events{"GET head none 0 size 19 @0", "end @19", "lost 1 @21"}));
  stream.resync();
  stream.skip(1, log);
  EXPECT_EQ(log.events.back(), "lost 1 @26");
}

TEST(RequestStream, GapBeyondABodyLosesTheNextMessage) {
  RequestStream stream;
  Log log;
  stream.feed("PUT /a HTTP/1.1\r\nContent-Length: 10\r\n\r\n", log);
  stream.skip(4, log);
  stream.skip(7, log);
  EXPECT_EQ(log.events, (Events{"PUT head length 10 size 39 @0", "end @49", "lost 1 @49"}));
  EXPECT_EQ(stream.offset(), 50u);
}

TEST(RequestStream, ResyncInsideAHeadForgetsItsBeginning) {
  RequestStream stream;
  Log log;
  stream.feed("GET /half", log);
  stream.resync();
  EXPECT_FALSE(stream.in_message());
  stream.feed(kGet, log);
  EXPECT_EQ(log.events, (Events{"GET head none 0 size 19 @9", "end @28"}));
}

TEST(RequestStream, AbandonedUntilResync) {
  RequestStream stream;
  Log log;
  stream.abandon();
  stream.feed(kGet, log);
  EXPECT_TRUE(log.events.empty());
  stream.resync();
  stream.feed(kGet, log);
  EXPECT_EQ(log.events.front(), "GET head none 0 size 19 @19");
}

TEST(RequestStream, MalformedIsReportedOnceAtTheHeadsStart) {
  for (const bool bytewise : {false, true}) {
    RequestStream stream;
    Log log;
    const std::string bytes = std::string(kGet) + "\x16\x03\x01 binary\r\n\r\n" + std::string(kGet);
    if (bytewise) {
      for (const char c : bytes) stream.feed({&c, 1}, log);
    } else {
      stream.feed(bytes, log);
    }
    EXPECT_EQ(log.events, (Events{"GET head none 0 size 19 @0", "end @19", "malformed @19"}));
    EXPECT_TRUE(stream.lost());
  }
}

TEST(RequestStream, HeadSizeLimit) {
  const std::string line = "GET /a HTTP/1.1\r\nX: ";
  const std::string fits = line + std::string(kMaxHead - line.size() - 4, 'v') + "\r\n\r\n";
  const std::string too_long = line + std::string(kMaxHead - line.size() - 3, 'v') + "\r\n\r\n";
  for (const std::size_t part : {std::size_t{1} << 20, std::size_t{1000}, std::size_t{1}}) {
    const auto events_of = [part](const std::string& bytes) {
      RequestStream stream;
      Log log;
      for (std::size_t at = 0; at < bytes.size(); at += part) {
        stream.feed(std::string_view(bytes).substr(at, part), log);
      }
      EXPECT_EQ(stream.offset(), bytes.size());
      return log.events;
    };
    EXPECT_EQ(events_of(fits), (Events{"GET head none 0 size 65536 @0", "end @65536"}));
    EXPECT_EQ(events_of(too_long), (Events{"lost 3 @0"}));
    EXPECT_EQ(events_of(line + std::string(200'000, 'v')), (Events{"lost 3 @0"}));
  }
}

TEST(RequestStream, FinishInsideAMessage) {
  for (const char* bytes : {"GET /a HT", "PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc",
                            "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    RequestStream stream;
    Log log;
    stream.feed(bytes, log);
    stream.finish(log);
    EXPECT_EQ(log.events.back(), "truncated @" + std::to_string(std::string_view(bytes).size()));
    EXPECT_TRUE(stream.lost());
  }
  RequestStream stream;
  Log log;
  stream.feed(kGet, log);
  stream.finish(log);
  EXPECT_EQ(log.events.size(), 2u);
}

// A sink that resyncs at each loss must not make the stream go round in circles.
TEST(RequestStream, SinkMayResyncAtOnce) {
  RequestStream stream;
  Events events;
  const auto stubborn = [&](const RequestEvent& e) {
    events.push_back(describe(e));
    ASSERT_LT(events.size(), 20u);
    if (e.kind == EventKind::malformed || e.kind == EventKind::lost) stream.resync();
  };
  stream.feed("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n?GET", stubborn);
  EXPECT_EQ(events, (Events{"PUT head chunked 0 size 46 @0", "malformed @46", "malformed @46"}));
  EXPECT_EQ(stream.offset(), 50u);
  events.clear();
  stream.skip(10, stubborn);
  EXPECT_EQ(events, (Events{"lost 1 @50"}));
  events.clear();
  stream.feed("GET /" + std::string(kMaxHead, 'a'), stubborn);
  EXPECT_EQ(events, (Events{"lost 3 @60"}));
  events.clear();
  stream.feed("GET /a HTTP/1.1\r\n", stubborn);
  stream.skip(10, stubborn);
  EXPECT_EQ(events, (Events{"GET head_cut none 0 size 0 @65601", "lost 1 @65618"}));
  stream.feed(kGet, stubborn);
  EXPECT_EQ(events.back(), "end @65647");
}

TEST(ResponseStream, KindIsAskedForEachHead) {
  ResponseStream stream;
  Log log;
  std::vector<RequestKind> kinds = {RequestKind::head, RequestKind::other};
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\n" + response + response + "abc";
  stream.feed(
      bytes, [&] { return kinds.empty() ? RequestKind::other : kinds.front(); },
      [&](const ResponseEvent& e) {
        log(e);
        if (e.kind == EventKind::head && !e.head.interim) kinds.erase(kinds.begin());
      });
  EXPECT_EQ(log.events, (Events{"100 head none 0 size 25 @0", "200 head none 0 size 38 @25", "end @63",
                                "200 head length 3 size 38 @63", "end @104"}));
}

TEST(ResponseStream, GapInChunkDataKeepsTheFraming) {
  ResponseStream stream;
  Log log;
  stream.feed(kChunkedHead, kOther, log);
  stream.feed("10\r\nab", kOther, log);
  stream.skip(16, log);  // the other 14 bytes and the line end
  stream.feed("0\r\n\r\n", kOther, log);
  EXPECT_EQ(log.events, (Events{"200 head chunked 0 size 47 @0", "end @74"}));
}

TEST(ResponseStream, LostInChunkedAndTheHint) {
  ResponseStream stream;
  Log log;
  stream.feed(kChunkedHead, kOther, log);
  stream.feed("10\r\nab", kOther, log);
  stream.skip(100, log);
  EXPECT_EQ(log.events.back(), "lost 2 @69");
  EXPECT_TRUE(stream.lost_in_chunked());
  EXPECT_FALSE(stream.end_of_chunked_hint("ta\r\n", log));
  EXPECT_TRUE(stream.lost());
  EXPECT_TRUE(stream.end_of_chunked_hint("ta\r\n0\r\n\r\n", log));
  EXPECT_EQ(log.events.back(), "end? @153");
  EXPECT_FALSE(stream.end_of_chunked_hint("ta\r\n0\r\n\r\n", log)) << "only once";
  stream.feed("HTTP/1.1 204 No\r\n\r\n", kOther, log);
  EXPECT_EQ(log.events.back(), "end @172");
}

TEST(ResponseStream, HintNeedsALossInChunked) {
  ResponseStream stream;
  Log log;
  stream.skip(10, log);
  EXPECT_FALSE(stream.end_of_chunked_hint("\r\n0\r\n\r\n", log));
  stream.resync();
  stream.feed(kChunkedHead, kOther, log);
  EXPECT_FALSE(stream.end_of_chunked_hint("\r\n0\r\n\r\n", log));
}

TEST(ResponseStream, MalformedChunkIsAtItsByte) {
  for (const bool bytewise : {false, true}) {
    ResponseStream stream;
    Log log;
    const std::string bytes = std::string(kChunkedHead) + "2\r\nabX\r\n";
    for (std::size_t at = 0; at < bytes.size(); at += bytewise ? 1 : bytes.size()) {
      stream.feed(std::string_view(bytes).substr(at, bytewise ? 1 : bytes.size()), kOther, log);
    }
    EXPECT_EQ(log.events, (Events{"200 head chunked 0 size 47 @0", "malformed @52"}));
  }
}

TEST(ResponseStream, UntilCloseEndsWithTheDirection) {
  ResponseStream stream;
  Log log;
  stream.feed("HTTP/1.0 200 OK\r\n\r\nsome", kOther, log);
  stream.skip(1'000'000, log);
  EXPECT_TRUE(stream.in_message());
  stream.finish(log);
  EXPECT_EQ(log.events, (Events{"200 head until_close 0 size 19 @0", "end @1000023"}));
}

TEST(ResponseStream, CutHeadTellsTheStatus) {
  ResponseStream stream;
  Log log;
  stream.feed("HTTP/1.1 302 Found\r\nLocation: /", kOther, log);
  stream.skip(9, log);
  EXPECT_EQ(log.events.front(), "302 head_cut until_close 0 size 0 @0");
  EXPECT_EQ(log.events.back(), "lost 1 @31");
}

TEST(RequestKind, OfAHead) {
  RequestHead head;
  head.method = "HEAD";
  EXPECT_EQ(request_kind(head), RequestKind::head);
  head.method = "GET";
  EXPECT_EQ(request_kind(head), RequestKind::other);
  head.connect = true;
  EXPECT_EQ(request_kind(head), RequestKind::connect);
}

}  // namespace
}  // namespace plateau::http
