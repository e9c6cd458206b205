#include "sink/connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "examples.h"
#include "sink/peers.h"

namespace plateau::sink {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Peers, AreNamedWithTheirCallsAndAnswers) {
  const auto summary = full_summary();
  const auto text = peers_text(summary);
  EXPECT_THAT(text,
              HasSubstr("  10.0.0.7:5432  200 calls, 2.00 a request; answered after 2.00 ms on average"));
  EXPECT_THAT(text, HasSubstr("3 calls to others"));
  const auto json = peers_json(summary);
  EXPECT_EQ(json["peers"][0]["calls_a_request"], 2.0);
  EXPECT_EQ(json["lost_calls"], 3);
  auto none = full_summary();
  none.facts.peers.clear();
  EXPECT_EQ(peers_text(none), "");
}

TEST(AcceptQueues, ThatWereFullAndDroppedAreTold) {
  auto summary = full_summary();
  summary.facts.accept_queues = {{"0.0.0.0:8080", 1, 128, 3, 129, 500, 40, 31},
                                 {"[::]:80", 2, 8, 0, 2, 500, 0, 0}};
  EXPECT_THAT(backlog_sentence(summary),
              StartsWith("The accept queue of 0.0.0.0:8080 was full (128 of 128), and "
                         "31 attempts to connect were dropped"));
  const auto text = accept_queues_text(summary);
  EXPECT_THAT(text,
              HasSubstr("  0.0.0.0:8080: longest 128 of 128, full at 8.0 % of 500 looks; 31 attempts to "
                        "connect dropped\n"));
  EXPECT_THAT(text, HasSubstr("  [::]:80: longest 2 of 8, full at 0.0 % of 500 looks; 0 attempts to connect "
                              "dropped; 2 sockets, the worst is shown\n"));
  EXPECT_THAT(text,
              HasSubstr("in the whole network namespace: 1 overflows of accept queues, 2 attempts dropped"));
  const auto json = accept_queues_json(summary);
  EXPECT_EQ(json["queues"][0]["longest"], 129);
  EXPECT_EQ(json["queues"][0]["drops"], 31);
  EXPECT_EQ(json["namespace"]["overflows"], 1);
}

TEST(AcceptQueues, AreNoLimitUnlessFullAndDropping) {
  auto summary = full_summary();
  EXPECT_EQ(backlog_sentence(summary), "");
  summary.facts.accept_queues = {{"a:1", 1, 8, 0, 9, 5, 1, 0}};
  EXPECT_EQ(backlog_sentence(summary), "") << "nothing was dropped";
  summary.facts.accept_queues = {{"a:1", 1, 8, 0, 2, 5, 0, 7}};
  EXPECT_EQ(backlog_sentence(summary), "") << "it was not for want of room, as far as seen";
  summary.facts.accept_queues.clear();
  EXPECT_EQ(accept_queues_text(summary), "");
}

TEST(SendPath, TellsWhatWasWaitedFor) {
  const auto summary = full_summary();
  const auto text = send_path_text(summary);
  EXPECT_THAT(text, HasSubstr("SEND PATH (11 connections)\n  waiting for acknowledgement 400 ms in all, 0.4 "
                              "connections at a time; of that, "
                              "receiver's window closed 25 %, send buffer too small 5.0 %\n"));
  EXPECT_THAT(text, HasSubstr("  round trip 80.0 us on average, 120 us at most; sent again 700 B\n"));
  const auto json = send_path_json(summary);
  EXPECT_EQ(json["busy_ns"], 400'000'000);
  EXPECT_EQ(json["receiver_limited_ns"], 100'000'000);
  EXPECT_EQ(json["buffer_limited_ns"], 20'000'000);
  EXPECT_EQ(json["ktls_connections"], 1);
}

TEST(SendPath, TellsWhenResponsesAreAcknowledgedIfConnectionsLast) {
  auto summary = full_summary();
  EXPECT_TRUE(send_path_json(summary)["acknowledged_after_ns"].is_null()) << "no turns were counted";
  summary.facts.counters[PL_COUNT_TURNS] = 100;
  EXPECT_EQ(send_path_json(summary)["acknowledged_after_ns"], 4'000'000);
  EXPECT_THAT(send_path_text(summary),
              HasSubstr("acknowledged to its last byte 4.00 ms after its first is sent"));
  summary.facts.counters[PL_COUNT_CONNS_CLOSED] = 6;
  EXPECT_THAT(send_path_text(summary), Not(HasSubstr("to its last byte")));
}

TEST(SendPath, NamesTheCauseOfSendWait) {
  auto summary = full_summary();
  auto& path = summary.facts.send_path;
  EXPECT_THAT(send_path_text(summary), Not(HasSubstr("send_wait")));
  summary.total.stage_ns[attribution::index(attribution::Stage::send_wait)] = summary.total.latency_ns / 2;
  path.receiver_limited_us = path.buffer_limited_us = 0;
  EXPECT_THAT(send_path_text(summary),
              HasSubstr("send_wait is 50 % of the requests' time: the network takes"));
  path.buffer_limited_us = path.busy_us / 2;
  EXPECT_THAT(send_path_text(summary), HasSubstr("the send buffer is too small for the round trip"));
  path.receiver_limited_us = path.busy_us / 2;
  EXPECT_THAT(send_path_text(summary), HasSubstr("the clients read slowly"));
}

TEST(SendPath, SaysNothingWhereNobodyLooked) {
  auto summary = full_summary();
  summary.facts.send_path = {};
  EXPECT_EQ(send_path_text(summary), "");
  EXPECT_TRUE(send_path_json(summary).is_null());
}

}  // namespace
}  // namespace plateau::sink
