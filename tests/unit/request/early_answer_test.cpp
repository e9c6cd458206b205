// A server that answers before the whole request has come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attribution/budget.h"
#include "records.h"

namespace plateau::request::test {
namespace {

class EarlyAnswer : public testing::Test {
 protected:
  ~EarlyAnswer() override {
    for (const Request& request : seen.requests) EXPECT_FALSE(attribution::budget_of(request).overcharged);
  }

  std::string upload = post("/up", std::string(300, 'u'));
  std::string begun = upload.substr(0, upload.size() - 200);
  std::string rest = upload.substr(begun.size());
  Tracer server{7};
  Observed seen;
};

TEST_F(EarlyAnswer, IsToldOnceTheRestHasComeAndEndsWhenItWasSent) {
  const auto first = server.turn(begun, ok("no", 405));
  seen.feed(first);
  EXPECT_TRUE(seen.requests.empty());
  seen.feed(server.turn(rest + get("/next"), ok("yes")));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].path, "/up");
  EXPECT_EQ(seen.requests[0].status, 405);
  EXPECT_EQ(seen.requests[0].bytes_in, upload.size());
  EXPECT_EQ(seen.requests[0].bytes_out, ok("no", 405).size());
  EXPECT_EQ(seen.requests[0].end_ns, first[0].turn().send_last_ns);
  EXPECT_EQ(seen.requests[0].framing, Framing::exact);
  EXPECT_EQ(seen.requests[1].path, "/next");
  EXPECT_EQ(seen.requests[1].bytes_in, get("/next").size());
  EXPECT_EQ(seen.requests[1].framing, Framing::exact);
  EXPECT_FALSE(seen.requests[1].pipelined);
}

TEST_F(EarlyAnswer, HasTheBytesThatCameWhenTheConnectionCloses) {
  seen.feed(server.turn(begun, ok("no", 405)));
  seen.feed(server.close());
  ASSERT_EQ(seen.requests.size(), 1u);
  EXPECT_EQ(seen.requests[0].outcome, Outcome::answered);
  EXPECT_EQ(seen.requests[0].status, 405);
  EXPECT_EQ(seen.requests[0].bytes_in, begun.size());
}

TEST_F(EarlyAnswer, IsToldAfterAQuietSecond) {
  seen.feed(server.turn(begun, ok("no", 405)));
  seen.stitcher.sweep(server.now() + 900'000'000);
  EXPECT_TRUE(seen.requests.empty());
  seen.stitcher.sweep(server.now() + 1'100'000'000);
  ASSERT_EQ(seen.requests.size(), 1u);
  EXPECT_EQ(seen.requests[0].bytes_in, begun.size());
  seen.feed(server.turn(rest + get("/next"), ok("yes")));
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[1].path, "/next");
}

// Where the chunks end is not seen, and so the next request is not: nothing is claimed of it.
TEST_F(EarlyAnswer, ClaimsNothingBehindChunksWhoseEndIsHidden) {
  const std::string head = "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string body = chunk(std::string(3000, 'u')) + std::string(kLastChunk);
  seen.feed(server.turn(head + body.substr(0, 100), ok("no", 405)));
  TurnSpec spec{body.substr(100) + get("/next"), {{ok("yes")}}};
  spec.captured_in = 1024;
  seen.feed(server.turn(spec));
  seen.feed(server.close());
  ASSERT_EQ(seen.requests.size(), 2u);
  EXPECT_EQ(seen.requests[0].path, "/up");
  EXPECT_EQ(seen.requests[0].status, 405);
  EXPECT_EQ(seen.requests[1].path, "");
  EXPECT_EQ(seen.requests[1].status, 200);
  EXPECT_EQ(seen.requests[1].framing, Framing::unknown);
  EXPECT_EQ(seen.stitcher.counters().stray_sends, 0u);
}

}  // namespace
}  // namespace plateau::request::test
