// One connection, all records in order: which requests come out of its turns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "attribution/budget.h"
#include "records.h"

namespace plateau::request::test {
namespace {

using testing::ElementsAre;

std::uint64_t charged(const Request& request) {
  return std::accumulate(request.before.begin(), request.before.end(), std::uint64_t{0}) +
         std::accumulate(request.state.begin(), request.state.end(), std::uint64_t{0});
}

void expect_conserved(const Request& request) {
  const auto budget = attribution::budget_of(request);
  EXPECT_EQ(std::accumulate(budget.ns.begin(), budget.ns.end(), std::uint64_t{0}), request.latency_ns());
  EXPECT_FALSE(budget.overcharged);
}

class Stitching : public testing::Test {
 protected:
  ~Stitching() override {
    for (const Request& request : seen.requests) expect_conserved(request);
  }
  const Request& only() {
    EXPECT_EQ(seen.requests.size(), 1u);
    static const Request none;
    return seen.requests.empty() ? none : seen.requests.front();
  }

  Tracer server{7};
  Observed seen;
};

TEST_F(Stitching, TellsMethodPathStatusBytesAndTimesOfAnExchange) {
  const std::string in = get("/users/17?name=secret"), out = ok("hello", 201);
  const auto records = server.turn(in, out);
  seen.feed(records);

  const Request& r = only();
  const pl_turn& fixed = records.front().turn();
  EXPECT_EQ(r.conn, 7u);
  EXPECT_EQ(r.seq, 0u);
  EXPECT_EQ(r.method, "GET");
  EXPECT_EQ(r.path, "/users/17");
  EXPECT_EQ(r.status, 201);
  EXPECT_EQ(r.framing, Framing::exact);
  EXPECT_EQ(r.outcome, Outcome::answered);
  EXPECT_EQ(r.bytes_in, in.size());
  EXPECT_EQ(r.bytes_out, out.size());
  EXPECT_EQ(r.ready_ns, fixed.ready_ns);
  EXPECT_EQ(r.recv_ns, fixed.recv_first_ns);
  EXPECT_EQ(r.first_send_ns, fixed.send_first_ns);
  EXPECT_EQ(r.end_ns, fixed.send_last_ns);
  EXPECT_EQ(r.latency_ns(), charged(r) + 200);
  EXPECT_EQ(r.tgid, 100u);
  EXPECT_EQ(r.reader_tid, 101u);
  EXPECT_EQ(r.writer_tid, 102u);
  EXPECT_FALSE(r.partial || r.handoff || r.pipelined);
  EXPECT_EQ(seen.stitcher.under_way(), 0u);
}

TEST_F(Stitching, NumbersTheRequestsOfAKeepAliveConnection) {
  for (int i = 0; i < 5; i++) seen.feed(server.turn(get("/" + std::to_string(i)), ok("x", 200 + i)));
  ASSERT_EQ(seen.requests.size(), 5u);
  for (int i = 0; i < 5; i++) {
    const Request& r = seen.requests[static_cast<std::size_t>(i)];
    EXPECT_EQ(r.seq, static_cast<std::uint32_t>(i));
    EXPECT_EQ(r.path, "/" + std::to_string(i));
    EXPECT_EQ(r.status, 200 + i);
  }
  seen.feed(server.close());
  EXPECT_EQ(seen.requests.size(), 5u);
  EXPECT_EQ(seen.stitcher.connections(), 0u);
}

TEST_F(Stitching, CountsAResponseInSeveralWritesAndPartsOnce) {
  const std::string body(5000, 'b');
  const std::string out = ok(body);
  TurnSpec spec{get("/big"), {{out.substr(0, 30)}, {out.substr(30, 2000)}, {out.substr(2030)}}};
  const auto records = server.turn(spec);
  ASSERT_EQ(records.size(), 3u);
  seen.feed(records[0]);
  seen.feed(records[1]);
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(records[2]);
  EXPECT_EQ(only().bytes_out, out.size());
  EXPECT_EQ(only().framing, Framing::exact);
  EXPECT_EQ(only().calls_out, 3u);
  EXPECT_EQ(only().first_send_ns, records[0].turn().send_first_ns);
  EXPECT_EQ(only().end_ns, records[2].turn().send_last_ns);
}

TEST_F(Stitching, TakesARequestInSeveralReadsAsOne) {
  TurnSpec spec{post("/up", std::string(3000, 'u')), {{ok("")}}};
  spec.reads = 4;
  seen.feed(server.turn(spec));
  EXPECT_EQ(only().calls_in, 4u);
  EXPECT_EQ(only().bytes_in, spec.in.size());
  EXPECT_EQ(only().framing, Framing::exact);
}

// The thread turns to other connections while a slow client sends.
TEST_F(Stitching, TakesARequestWhoseHeadIsCutOverRecordsAsOne) {
  const std::string in = post("/slow", "body");
  TurnSpec spec{in.substr(0, 12), {{""}, {"", in.substr(12, 10)}, {"", in.substr(22)}, {ok("x", 201)}}};
  const auto records = server.turn(spec);
  for (std::size_t i = 0; i < 3; i++) {
    seen.feed(records[i]);
    EXPECT_TRUE(seen.requests.empty());
  }
  seen.feed(records[3]);
  EXPECT_EQ(only().path, "/slow");
  EXPECT_EQ(only().status, 201);
  EXPECT_EQ(only().bytes_in, in.size());
  EXPECT_EQ(only().calls_in, 3u);
  EXPECT_EQ(only().ready_ns, records[0].turn().ready_ns);
  EXPECT_EQ(only().recv_ns, records[0].turn().recv_first_ns);
  EXPECT_EQ(only().end_ns, records[3].turn().send_last_ns);
  EXPECT_EQ(only().before[PL_BEFORE_WAKEUP], 4000u);
  EXPECT_EQ(only().state[PL_STATE_RUN], 20'000u);
}

// Two bytes do not tell a protocol, but the whole head did.
TEST_F(Stitching, TakesARefusalBehindARequestInPiecesForNoOtherProtocol) {
  const std::string in = get("/first");
  seen.feed(server.turn(TurnSpec{in.substr(0, 2), {{""}, {ok("x"), in.substr(2)}}}));
  seen.feed(server.turn("GET /\r\n\r\n", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].path, "/first");
  EXPECT_EQ(seen.requests[1].status, 400);
}

TEST_F(Stitching, HandsOutNothingForAHeadThatNeverEnds) {
  seen.feed(server.turn({"GET /never", {}}));
  seen.feed(server.close());
  EXPECT_TRUE(seen.requests.empty());
}

TEST_F(Stitching, FollowsAChunkedResponseToItsEnd) {
  const std::string out = chunked_head() + chunk("abc") + chunk("defgh") + std::string(kLastChunk);
  seen.feed(server.turn(get("/c"), out));
  EXPECT_EQ(only().framing, Framing::exact);
  EXPECT_EQ(only().bytes_out, out.size());
}

TEST_F(Stitching, KnowsResponsesWithoutABody) {
  struct Case {
    const char* method;
    const char* head;
  };
  for (const Case& c : {Case{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"},
                        Case{"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
                        Case{"GET", "HTTP/1.1 204 No Content\r\n\r\n"},
                        Case{"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"}}) {
    SCOPED_TRACE(c.head);
    const std::size_t before = seen.requests.size();
    seen.feed(server.turn(std::string(c.method) + " /n HTTP/1.1\r\n\r\n", c.head));
    ASSERT_EQ(seen.requests.size(), before + 1);
    EXPECT_EQ(seen.requests.back().method, c.method);
    EXPECT_EQ(seen.requests.back().framing, Framing::exact);
    EXPECT_EQ(seen.requests.back().bytes_out, std::string_view(c.head).size());
  }
}

TEST_F(Stitching, JoinsTheTwoTurnsOfAnExpectedContinue) {
  const std::string head = "POST /up HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n";
  const std::string body(2000, 'b');
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const auto first = server.turn(head, interim);
  seen.feed(first);
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(server.turn(body, ok("done", 201)));
  EXPECT_EQ(only().status, 201);
  EXPECT_EQ(only().bytes_in, head.size() + body.size());
  EXPECT_EQ(only().bytes_out, interim.size() + ok("done", 201).size());
  EXPECT_EQ(only().ready_ns, first.front().turn().ready_ns);
  EXPECT_EQ(only().framing, Framing::exact);
  EXPECT_EQ(only().calls_in, 2u);
}

TEST_F(Stitching, SharesATurnAmongPipelinedRequests) {
  constexpr std::uint64_t n = 3;
  std::string in, out;
  for (std::uint64_t i = 0; i < n; i++) {
    in += get("/p" + std::to_string(i));
    out += ok("x", static_cast<int>(200 + i));
  }
  Part part{out};
  part.charge.before = {0, 1001, 0, 0};
  part.charge.state = {5000, 300};
  seen.feed(server.turn({in, {part}}));

  ASSERT_EQ(seen.requests.size(), n);
  const std::uint64_t total = part.charge.sum() - part.charge.rest;
  std::uint64_t run = 0;
  for (std::uint64_t i = 0; i < n; i++) {
    const Request& r = seen.requests[i];
    EXPECT_EQ(r.path, "/p" + std::to_string(i));
    EXPECT_EQ(r.status, static_cast<int>(200 + i));
    EXPECT_TRUE(r.pipelined);
    EXPECT_EQ(charged(r), total);
    EXPECT_EQ(r.state[PL_STATE_RUN], 5000 / n);
    EXPECT_EQ(r.before[PL_BEFORE_WAKEUP], 1001 / n);
    EXPECT_EQ(r.before[PL_BEFORE_BUSY], total - 1001 / n - 5000 / n - 300 / n);
    run += r.state[PL_STATE_RUN];
  }
  EXPECT_LE(run, part.charge.state[PL_STATE_RUN]);
}

TEST_F(Stitching, FollowsAPipelinedHeadCutByTheTurn) {
  const std::string a = get("/a"), b = get("/b");
  seen.feed(server.turn(a + b.substr(0, 9), ok("1", 201)));
  seen.feed(server.turn(b.substr(9), ok("2", 202)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].path, "/a");
  EXPECT_EQ(seen.requests[1].path, "/b");
  EXPECT_EQ(seen.requests[1].status, 202);
  EXPECT_EQ(seen.requests[1].bytes_in, b.size());
}

TEST_F(Stitching, PairsARequestThatComesInsideAnAnswer) {
  const std::string a = ok("first answer", 201);
  seen.feed(server.turn(get("/a"), a.substr(0, a.size() - 4)));
  seen.feed(server.turn(get("/b"), a.substr(a.size() - 4) + ok("second", 202)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].path, "/a");
  EXPECT_EQ(seen.requests[0].bytes_out, a.size());
  EXPECT_EQ(seen.requests[1].status, 202);
}

TEST_F(Stitching, EndsABodyWithTheConnection) {
  const std::string out = "HTTP/1.0 200 OK\r\n\r\n" + std::string(3000, 'x');
  seen.feed(server.turn({get("/close"), {{out.substr(0, 1500)}, {out.substr(1500)}}}));
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(server.close());
  EXPECT_EQ(only().outcome, Outcome::answered);
  EXPECT_EQ(only().framing, Framing::exact);
  EXPECT_EQ(only().bytes_out, out.size());
}

TEST_F(Stitching, SaysThatARequestWasNotAnswered) {
  const auto records = server.turn({get("/nothing"), {}});
  seen.feed(records);
  seen.feed(server.close());
  EXPECT_EQ(only().outcome, Outcome::unanswered);
  EXPECT_EQ(only().status, 0);
  EXPECT_EQ(only().end_ns, records.front().turn().recv_last_ns);
  EXPECT_EQ(only().first_send_ns, 0u);
  EXPECT_EQ(seen.stitcher.counters().unanswered, 1u);
}

TEST_F(Stitching, SaysThatAnAnswerWasCut) {
  const std::string out = ok(std::string(100, 'x'), 206);
  seen.feed(server.turn(get("/cut"), out.substr(0, out.size() - 60)));
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(server.close());
  EXPECT_EQ(only().outcome, Outcome::cut);
  EXPECT_EQ(only().bytes_out, out.size() - 60);
  EXPECT_EQ(only().status, 206);
  EXPECT_EQ(seen.stitcher.counters().cut, 1u);
}

TEST_F(Stitching, LeavesATunnelAlone) {
  const std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  seen.feed(server.turn(get("/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\n"), head + "\x81\x02hi"));
  EXPECT_EQ(only().status, 101);
  EXPECT_EQ(only().bytes_out, head.size());
  seen.feed(server.turn(get("/not-a-request"), ok("not an answer")));
  seen.feed(server.close());
  EXPECT_EQ(seen.requests.size(), 1u);
  EXPECT_EQ(seen.stitcher.counters().tunnel_turns, 1u);
  EXPECT_EQ(seen.stitcher.counters().stray_sends, 0u);
}

TEST_F(Stitching, TakesNothingBehindAnUpgradeForARequest) {
  const std::string upgrade = get("/ws", "Upgrade: x\r\nConnection: Upgrade\r\n");
  seen.feed(server.turn(upgrade + get("/inside"), "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nbytes"));
  seen.feed(server.close());
  EXPECT_EQ(only().path, "/ws");
  EXPECT_EQ(only().status, 101);
}

TEST_F(Stitching, CountsATurnOfAnotherProtocolAsARequestOfUnknownFraming) {
  const std::string hello =
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(500, '\n');
  for (int i = 0; i < 3; i++) seen.feed(server.turn(hello, std::string("\x16\x03\x03 server hello", 16)));
  seen.feed(server.close());
  ASSERT_EQ(seen.requests.size(), 3u);
  for (const Request& r : seen.requests) {
    EXPECT_EQ(r.framing, Framing::unknown);
    EXPECT_EQ(r.method, "");
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.bytes_in, hello.size());
    EXPECT_EQ(r.bytes_out, 16u);
    EXPECT_EQ(r.outcome, Outcome::answered);
  }
  EXPECT_EQ(seen.stitcher.counters().unknown, 3u);
}

TEST_F(Stitching, MarksTheFirstRequestOfAConnectionThatWasOpenAtAttach) {
  TurnSpec first{get("/first"), {{ok("1")}}};
  first.flags = PL_TURN_PREEXISTING;
  seen.feed(server.turn(first));
  seen.feed(server.turn(get("/second"), ok("2")));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_TRUE(seen.requests[0].partial);
  EXPECT_FALSE(seen.requests[1].partial);
  EXPECT_EQ(seen.stitcher.counters().partial, 1u);
}

TEST_F(Stitching, TakesAnAnswerToWhatWasReadBeforeAttach) {
  TurnSpec first{"", {{ok("late", 203)}}};
  first.flags = PL_TURN_PREEXISTING | PL_TURN_NO_RECV;
  seen.feed(server.turn(first));
  EXPECT_EQ(only().method, "");
  EXPECT_EQ(only().status, 203);
  EXPECT_TRUE(only().partial);
  EXPECT_EQ(only().framing, Framing::inferred);
  EXPECT_EQ(only().reader_tid, 0u);
  seen.feed(server.turn(get("/next"), ok("", 200)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[1].path, "/next");
  EXPECT_EQ(seen.requests[1].framing, Framing::exact);
}

class Pausing : public Stitching {
 protected:
  void tell(std::uint64_t length_ns) {
    pl_pause pause{};
    pause.header.size = sizeof(pause);
    pause.header.kind = PL_RECORD_PAUSE;
    pause.from_ns = server.now();
    pause.to_ns = pause.header.ts = server.now() + length_ns;
    seen.stitcher.pause({&pause});
  }
  void begin_pause() { tell(0); }
  void end_pause() { tell(1'000'000'000); }
  void pause() {
    begin_pause();
    end_pause();
  }
  TurnSpec anew(std::string in, std::string out) {
    TurnSpec spec{std::move(in), {{std::move(out)}}};
    spec.flags = PL_TURN_PREEXISTING | PL_TURN_NO_READY;
    return spec;
  }
};

TEST_F(Pausing, GivesUpWhatWasUnderWay) {
  TurnSpec asked{get("/asked"), {{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}}};
  seen.feed(server.turn(asked));
  pause();
  EXPECT_EQ(seen.stitcher.counters().interrupted, 1u);
  seen.feed(server.turn(anew(get("/next"), ok("x", 202))));
  EXPECT_EQ(only().path, "/next");
  EXPECT_EQ(only().status, 202);
  EXPECT_TRUE(only().partial);
  EXPECT_FALSE(only().measured);
  seen.feed(server.turn(get("/whole"), ok("x", 203)));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[1].path, "/whole");
  EXPECT_EQ(seen.requests[1].status, 203);
  EXPECT_EQ(seen.requests[1].framing, Framing::exact);
  EXPECT_TRUE(seen.requests[1].measured);
}

// Whether it was answered before its connection closed nobody saw.
TEST_F(Pausing, SaysNothingOfARequestWhoseConnectionClosesMeanwhile) {
  const auto asked = server.turn({get("/asked"), {{""}}});
  begin_pause();
  seen.feed(asked);
  seen.feed(server.close());
  end_pause();
  EXPECT_TRUE(seen.requests.empty());
  EXPECT_EQ(seen.stitcher.counters().interrupted, 1u);
}

// A thread writes its record at its next boundary, which may be after the pause.
TEST_F(Pausing, PairsNoAnswerWithARequestFromBeforeWhoseRecordCameLate) {
  const auto asked = server.turn({get("/asked"), {{""}}});
  pause();
  seen.feed(asked);
  seen.feed(server.turn(anew(get("/next"), ok("x", 202))));
  EXPECT_EQ(only().path, "/next");
  EXPECT_EQ(only().status, 202);
  EXPECT_EQ(seen.stitcher.counters().stray_sends, 0u);
  EXPECT_EQ(seen.stitcher.counters().interrupted, 1u);
}

TEST_F(Stitching, FindsItsFeetAfterAttachingInsideABody) {
  for (const std::string& body :
       {std::string(40, 'b'), std::string("short"), std::string("two\r\nlines\r\n")}) {
    SCOPED_TRACE(body);
    Tracer other(server.now());
    Observed at;
    TurnSpec first{body, {{ok("stored", 201)}}};
    first.flags = PL_TURN_PREEXISTING;
    at.feed(other.turn(first));
    at.feed(other.turn(get("/next"), ok("x", 202)));
    ASSERT_FALSE(at.requests.empty());
    EXPECT_EQ(at.requests.back().method, "GET");
    EXPECT_EQ(at.requests.back().path, "/next");
    EXPECT_EQ(at.requests.back().status, 202);
    EXPECT_EQ(at.requests.back().framing, Framing::inferred);
    for (std::size_t i = 0; i + 1 < at.requests.size(); i++)
      EXPECT_EQ(at.requests[i].framing, Framing::unknown);
  }
}

TEST_F(Stitching, SumsTheStagesOfAllTurnsAndParts) {
  Part first{"HTTP/1.1 100 Continue\r\n\r\n"};
  first.charge.before = {10, 20, 30, 40, 50};
  first.charge.state = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  Part second{ok("done").substr(0, 20)}, third{ok("done").substr(20)};
  second.charge.before = {0, 5, 0, 0, 0};
  second.charge.state = {100};
  third.charge.before = {0, 0, 0, 7, 8};
  third.charge.state = {0, 0, 0, 0, 70};
  seen.feed(server.turn({"PUT /s HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", {first}}));
  seen.feed(server.turn({"abc", {second, third}}));
  EXPECT_THAT(only().before, ElementsAre(10, 25, 30, 47, 58));
  EXPECT_THAT(only().state, ElementsAre(101, 2, 3, 4, 75, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
}

// The goroutine that answers, where another has read the request.
TEST_F(Stitching, TellsTheGoroutineOfEachRequest) {
  auto first = server.turn({get("/a"), {Part{ok("one").substr(0, 20)}, Part{ok("one").substr(20)}}});
  first[0].turn().goid = 17;
  first[1].turn().goid = 19;
  auto second = server.turn(get("/b"), ok("2"));
  second[0].turn().goid = 23;
  seen.feed(first);
  seen.feed(second);
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].goid, 19u);
  EXPECT_EQ(seen.requests[1].goid, 23u);
}

TEST_F(Stitching, TellsHandoffPathsAndRetransmitsOfEachRequest) {
  auto first = server.turn(get("/a"), ok("1"));
  first[0].turn().flags |= PL_TURN_HANDOFF;
  first[0].turn().retransmits = 3;
  first[0].turn().paths = PL_PATH_SENDFILE;
  auto second = server.turn(get("/b"), ok("2"));
  second[0].turn().retransmits = 5;
  seen.feed(first);
  seen.feed(second);
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_TRUE(seen.requests[0].handoff);
  EXPECT_EQ(seen.requests[0].retransmits, 3u);
  EXPECT_EQ(seen.requests[0].paths, PL_PATH_SENDFILE);
  EXPECT_FALSE(seen.requests[1].handoff);
  EXPECT_EQ(seen.requests[1].retransmits, 2u);
  EXPECT_EQ(seen.requests[1].paths, PL_PATH_COPY);
}

}  // namespace
}  // namespace plateau::request::test
