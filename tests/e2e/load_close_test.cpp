// Pipelines and connections that end in every wrong place: no request is lost from the count, each failure
// has its kind.
#include <gtest/gtest.h>

#include <string>

#include "scripted_server.h"
#include "server.h"

namespace plateau::e2e {
namespace {

constexpr int kRequests = 211;

void answer_some(Peer& peer, int count) {
  for (int i = 0; i < count && !peer.read_head().empty(); ++i) peer.answer("ok");
}

LoadResult pipelined(const ScriptedServer& server) {
  return run_load(server.url(), {"--connections", "3", "--pipeline", "4", "--requests",
                                 std::to_string(kRequests), "--timeout", "5s"});
}

// Every request has one outcome, and failures are all of `kind`.
void expect_only(const LoadResult& result, const std::string& kind) {
  EXPECT_EQ(result.exit_status, 1) << result.json;
  const int failed = result.json["errors"][kind];
  EXPECT_GT(failed, 0) << result.json;
  EXPECT_EQ(result.json["sent"], kRequests);
  EXPECT_EQ(result.json["answered"], kRequests - failed) << result.json;
  EXPECT_NE(
      result.err.find(std::to_string(failed) + " requests failed: " + std::to_string(failed) + " " + kind),
      std::string::npos)
      << result.err;
}

TEST(LoadCloses, AnnouncedOnesCostNothing) {
  ScriptedServer server([](Peer& peer, int) {
    answer_some(peer, 5);
    if (!peer.read_head().empty()) peer.answer("bye", "Connection: close\r\n");
    peer.finish();
  });
  const LoadResult result = pipelined(server);
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_EQ(result.json["sent"], kRequests);
  EXPECT_EQ(result.json["answered"], kRequests);
  EXPECT_GT(result.json["resent"], 0) << result.json;
}

TEST(LoadCloses, BetweenResponsesAreClosed) {
  ScriptedServer server([](Peer& peer, int) {
    answer_some(peer, 6);
    peer.finish();
  });
  expect_only(pipelined(server), "closed");
}

TEST(LoadCloses, WithinAResponseAreShortAndThoseBehindItClosed) {
  ScriptedServer server([](Peer& peer, int) {
    answer_some(peer, 6);
    if (!peer.read_head().empty()) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
    peer.finish();
  });
  const LoadResult result = pipelined(server);
  EXPECT_EQ(result.exit_status, 1);
  const int cut = result.json["errors"]["short"];
  const int closed = result.json["errors"]["closed"];
  EXPECT_GT(cut, 0) << result.json;
  EXPECT_LE(closed, 3 * cut) << result.json;
  EXPECT_EQ(result.json["answered"], kRequests - cut - closed) << result.json;
}

TEST(LoadCloses, ByResetAreReset) {
  ScriptedServer server([](Peer& peer, int) {
    answer_some(peer, 6);
    if (!peer.read_head().empty()) peer.reset();
  });
  expect_only(pipelined(server), "reset");
}

TEST(LoadCloses, WithoutAnyAnswerEndTheRun) {
  ScriptedServer server([](Peer& peer, int) {
    peer.read_head();
    peer.finish();
  });
  const LoadResult result = pipelined(server);
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(result.json["errors"]["closed"], kRequests) << result.json;
}

// Where no length is announced the close is the end of the response, and nothing behind it can be answered.
TEST(LoadCloses, EndABodyWithoutLength) {
  ScriptedServer server([](Peer& peer, int) {
    if (!peer.read_head().empty()) peer.write("HTTP/1.1 200 OK\r\n\r\nuntil the end");
    peer.finish();
  });
  const LoadResult result = pipelined(server);
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_EQ(result.json["answered"], kRequests);
  EXPECT_EQ(result.json["connects"], kRequests);
}

TEST(LoadCloses, OfAnIdleConnectionAreNoError) {
  ScriptedServer server([](Peer& peer, int) {
    answer_some(peer, 1);
    peer.finish();
  });
  const LoadResult result = run_load(server.url(), {"--rate", "5", "--requests", "7"});
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_EQ(result.json["answered"], 7) << result.json;
  EXPECT_EQ(result.json["connects"], 7) << result.json;
}

// The server answers, and resets the connection while the body is still under way.
TEST(LoadCloses, DoNotLoseAnAnswerThatCameBeforeTheBodyWasRead) {
  ScriptedServer server([](Peer& peer, int) {
    if (peer.read_head().empty()) return;
    peer.write("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    peer.reset();
  });
  const LoadResult result = run_load(server.url(), {"--connections", "3", "--requests", "101", "--method",
                                                    "POST", "--body-size", "8000000"});
  EXPECT_EQ(result.exit_status, 0) << result.json;
  EXPECT_EQ(result.json["status"]["4xx"], 101) << result.json;
}

// Each answer comes before the server reads the body; the rest of the body is still owed, and the next
// request goes behind it.
TEST(LoadAnswers, MayComeBeforeTheBodyIsSent) {
  ScriptedServer server([](Peer& peer, int) {
    while (!peer.read_head().empty()) peer.answer("early");
  });
  const LoadResult result =
      run_load(server.url(), {"--requests", "7", "--method", "POST", "--body-size", "4000000"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.json["answered"], 7) << result.json;
  EXPECT_EQ(result.json["connects"], 1) << result.json;
}

TEST(LoadAnswers, ThatAreNotHttpAreMalformed) {
  ScriptedServer server([](Peer& peer, int) {
    answer_some(peer, 6);
    if (!peer.read_head().empty()) peer.write("SSH-2.0-OpenSSH\r\n\r\n");
    peer.finish();
  });
  expect_only(pipelined(server), "malformed");
}

TEST(LoadAnswers, ThatNobodyAskedForAreMalformed) {
  ScriptedServer server([](Peer& peer, int) {
    while (!peer.read_head().empty())
      peer.write("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
  });
  const LoadResult result = run_load(server.url(), {"--requests", "13"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_GT(result.json["errors"]["malformed"], 0) << result.json;
  EXPECT_EQ(result.json["answered"], 13) << result.json;
}

}  // namespace
}  // namespace plateau::e2e
