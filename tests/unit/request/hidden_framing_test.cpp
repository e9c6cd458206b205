// Messages whose framing the captured bytes do not show whole.
#include <gtest/gtest.h>

#include "records.h"

namespace plateau::request::test {
namespace {

class HiddenFraming : public testing::Test {
 protected:
  const Request& only() {
    EXPECT_EQ(seen.requests.size(), 1u);
    static const Request none;
    return seen.requests.empty() ? none : seen.requests.front();
  }
  const Counters& counters() const { return seen.stitcher.counters(); }

  Tracer server{9};
  Observed seen;
};

// More than is captured, chunk sizes beyond it unseen.
std::string long_chunked() {
  std::string out = chunked_head();
  for (int i = 0; i < 40; i++) out += chunk(std::string(100, 'd'));
  return out;
}

TEST_F(HiddenFraming, TheTailTellsTheEndOfAChunkedBody) {
  const std::string out = long_chunked() + std::string(kLastChunk);
  seen.feed(server.turn(get("/c"), out));
  EXPECT_EQ(only().framing, Framing::inferred);
  EXPECT_EQ(only().bytes_out, out.size());
  EXPECT_EQ(only().status, 200);
}

TEST_F(HiddenFraming, TheTailOfALaterPartTellsIt) {
  const std::string out = long_chunked();
  const auto records =
      server.turn({get("/c"), {{out}, {out.substr(out.size() - 107)}, {chunk("end") + "0\r\n\r\n"}}});
  seen.feed(records[0]);
  seen.feed(records[1]);
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(records[2]);
  EXPECT_EQ(only().bytes_out, out.size() + 107 + 8 + 5);
  EXPECT_EQ(only().end_ns, records[2].turn().send_last_ns);
}

TEST_F(HiddenFraming, TheNextTurnEndsAnAnswerWithoutAVisibleEnd) {
  Part part{long_chunked() + std::string(kLastChunk)};
  part.tail = false;
  const auto first = server.turn({get("/a"), {part}});
  seen.feed(first);
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(server.turn(get("/b"), ok("2", 202)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].path, "/a");
  EXPECT_EQ(seen.requests[0].framing, Framing::inferred);
  EXPECT_EQ(seen.requests[0].bytes_out, part.out.size());
  EXPECT_EQ(seen.requests[0].end_ns, first[0].turn().send_last_ns);
  EXPECT_EQ(seen.requests[1].path, "/b");
  EXPECT_EQ(seen.requests[1].status, 202);
  EXPECT_EQ(seen.requests[1].framing, Framing::inferred) << "that it began with the turn is assumed";
  seen.feed(server.turn(get("/c"), ok("3", 203)));
  ASSERT_EQ(seen.requests.size(), 3u);
  EXPECT_EQ(seen.requests[2].framing, Framing::exact);
}

// The rest of a message, where its end was not seen, passes for none.
TEST_F(HiddenFraming, TakesTheMiddleOfAMessageForNone) {
  const std::string many = get("/a") + get("/b", "Cookie: " + std::string(3000, 'c') + "\r\n");
  seen.feed(server.turn(many, ok("1") + ok("2")));
  seen.feed(server.turn("ET /c HTTP/1.1\r\nHost: a\r\n\r\n", ok("3", 203)));
  seen.feed(server.turn(get("/d"), ok("4", 204)));
  ASSERT_GE(seen.requests.size(), 4u);
  EXPECT_EQ(seen.requests[2].method, "");
  EXPECT_EQ(seen.requests[2].framing, Framing::unknown);
  EXPECT_EQ(seen.requests[3].path, "/d");
}

TEST_F(HiddenFraming, GoesOnWithAHeadLongerThanTheCaptureAfterAnInterimAnswer) {
  const std::string head = "POST /up HTTP/1.1\r\nCookie: " + std::string(3000, 'c') +
                           "\r\nExpect: 100-continue\r\nContent-Length: 40\r\n\r\n";
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  seen.feed(server.turn(head, interim));
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(server.turn(std::string(40, 'b'), ok("done", 201)));
  seen.feed(server.turn(get("/next"), ok("2", 202)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].path, "/up");
  EXPECT_EQ(seen.requests[0].status, 201);
  EXPECT_EQ(seen.requests[0].bytes_in, head.size() + 40);
  EXPECT_EQ(seen.requests[0].bytes_out, interim.size() + ok("done", 201).size());
  EXPECT_EQ(seen.requests[1].path, "/next");
}

TEST_F(HiddenFraming, AQuietSecondEndsItToo) {
  Part part{long_chunked()};
  seen.feed(server.turn({get("/a"), {part}}));
  seen.stitcher.sweep(server.now() + 900'000'000);
  EXPECT_TRUE(seen.requests.empty());
  seen.stitcher.sweep(server.now() + 1'100'000'000);
  EXPECT_EQ(only().framing, Framing::inferred);
  EXPECT_EQ(only().bytes_out, part.out.size());
}

TEST_F(HiddenFraming, AQuietSecondDoesNotEndAnAnswerThatIsKnownToGoOn) {
  seen.feed(server.turn(get("/slow"), ok(std::string(100, 'x')).substr(0, 60)));
  seen.stitcher.sweep(server.now() + 10'000'000'000);
  EXPECT_TRUE(seen.requests.empty());
  EXPECT_EQ(seen.stitcher.under_way(), 1u);
}

// Of a connection's second request: offsets in the stream are not offsets in the message.
TEST_F(HiddenFraming, CountsTheBytesOfALongChunkedUpload) {
  std::string upload = "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 30; i++) upload += chunk(std::string(100, 'u'));
  upload += kLastChunk;
  seen.feed(server.turn(get("/first"), ok("1")));
  seen.feed(server.turn(upload, ok("2", 201)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[1].bytes_in, upload.size());
  EXPECT_EQ(seen.requests[1].bytes_out, ok("2", 201).size());
  EXPECT_EQ(seen.requests[1].framing, Framing::inferred);
  seen.feed(server.turn(get("/third"), ok("3", 203)));
  ASSERT_EQ(seen.requests.size(), 3u);
  EXPECT_EQ(seen.requests[2].path, "/third");
  EXPECT_EQ(seen.requests[2].framing, Framing::inferred);
}

TEST_F(HiddenFraming, CountsOnlyItsOwnBytesForTheSecondOfTwoPipelinedAnswers) {
  const std::string a = ok("1", 201), b = long_chunked() + std::string(kLastChunk);
  seen.feed(server.turn(get("/a") + get("/b"), a + b));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].bytes_out, a.size());
  EXPECT_EQ(seen.requests[1].bytes_out, b.size());
}

// Two answers, of which the second begins where nothing is captured: whose the visible end is cannot be told.
TEST_F(HiddenFraming, DoesNotPairTheNextRequestWithAnAnswerThatPassedUnseen) {
  for (const bool visible_end : {true, false}) {
    SCOPED_TRACE(visible_end);
    Tracer other(server.now());
    Observed at;
    Part part{long_chunked() + std::string(kLastChunk) + long_chunked() + std::string(kLastChunk)};
    part.tail = visible_end;
    at.feed(other.turn({get("/a") + get("/b"), {part}}));
    at.feed(other.turn(get("/c"), ok("3", 203)));
    ASSERT_EQ(at.requests.size(), 3u);
    EXPECT_EQ(at.requests[1].path, "/b");
    EXPECT_EQ(at.requests[1].status, 0);
    EXPECT_EQ(at.requests[1].framing, Framing::inferred);
    EXPECT_EQ(at.requests[1].end_ns, at.requests[0].end_ns);
    EXPECT_EQ(at.requests[2].path, "/c");
    EXPECT_EQ(at.requests[2].status, 203);
  }
}

TEST_F(HiddenFraming, PairsOnAfterALongAnswerOfKnownLength) {
  seen.feed(server.turn(get("/a") + get("/b"), ok(std::string(5000, 'x'), 201) + ok("2", 202)));
  seen.feed(server.turn(get("/c"), ok("3", 203)));
  ASSERT_EQ(seen.requests.size(), 3u);
  EXPECT_EQ(seen.requests[0].status, 201);
  EXPECT_EQ(seen.requests[0].framing, Framing::exact);
  EXPECT_EQ(seen.requests[1].status, 0);
  EXPECT_EQ(seen.requests[1].framing, Framing::inferred);
  EXPECT_EQ(seen.requests[2].status, 203);
}

TEST_F(HiddenFraming, NamesARequestWhoseHeadIsLongerThanTheCapture) {
  const std::string in = get("/long", "Cookie: " + std::string(3000, 'c') + "\r\n");
  seen.feed(server.turn(in, ok("1", 201)));
  EXPECT_EQ(only().method, "GET");
  EXPECT_EQ(only().path, "/long");
  EXPECT_EQ(only().status, 201);
  EXPECT_EQ(only().bytes_in, in.size());
  EXPECT_EQ(only().framing, Framing::inferred);
  seen.feed(server.turn(get("/next"), ok("2", 202)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[1].path, "/next");
  EXPECT_EQ(seen.requests[1].framing, Framing::inferred);
}

TEST_F(HiddenFraming, TakesTheStatusOfAResponseHeadLongerThanTheCapture) {
  const std::string head =
      "HTTP/1.1 404 No\r\nX: " + std::string(2000, 'c') + "\r\nContent-Length: 3\r\n\r\nabc";
  seen.feed(server.turn(get("/a"), head));
  seen.feed(server.turn(get("/b"), ok("2", 202)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].status, 404);
  EXPECT_EQ(seen.requests[0].bytes_out, head.size());
  EXPECT_EQ(seen.requests[0].framing, Framing::inferred);
  EXPECT_EQ(seen.requests[1].status, 202);
}

TEST_F(HiddenFraming, TakesATurnWithoutAnyPayloadAsARequestOfUnknownFraming) {
  TurnSpec blind{get("/unseen"), {{ok("x")}}};
  blind.captured_in = 0;
  blind.parts[0].captured = 0;
  blind.parts[0].tail = false;
  seen.feed(server.turn(blind));
  seen.feed(server.turn(get("/seen"), ok("2", 202)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].framing, Framing::unknown);
  EXPECT_EQ(seen.requests[0].bytes_in, blind.in.size());
  EXPECT_EQ(seen.requests[0].bytes_out, ok("x").size());
  EXPECT_EQ(seen.requests[1].path, "/seen");
  EXPECT_EQ(seen.requests[1].status, 202);
}

TEST_F(HiddenFraming, CountsAnAnswerThatNobodyAskedFor) {
  seen.feed(server.turn(get("/a"), ok("1") + ok("stray")));
  EXPECT_EQ(seen.requests.size(), 1u);
  EXPECT_EQ(counters().stray_sends, 1u);
}

}  // namespace
}  // namespace plateau::request::test
