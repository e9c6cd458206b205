// After scrubbing a recording says the same of requests, and nothing of queries, header values and bodies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "request/scrubber.h"
#include "traffic.h"

namespace plateau::request::test {
namespace {

void scrub(Scrubber& scrubber, std::vector<Record>& records) {
  for (Record& record : records) {
    if (record.is_turn()) {
      scrubber.scrub(record.bytes());
    } else {
      wire::Close close = std::get<wire::Close>(*wire::decode(std::as_const(record).bytes()));
      scrubber.forget(close.fixed->conn);
    }
  }
}

std::vector<std::string> told(const std::vector<Record>& records) {
  Observed seen;
  seen.feed(records);
  seen.stitcher.finish();
  std::vector<std::string> lines;
  for (const Request& r : seen.requests)
    lines.push_back(std::to_string(r.conn) + "." + std::to_string(r.seq) + " " + r.method + " " + r.path +
                    " " + std::to_string(r.status) + " framing " +
                    std::to_string(static_cast<int>(r.framing)) + " outcome " +
                    std::to_string(static_cast<int>(r.outcome)) + " in " + std::to_string(r.bytes_in) +
                    " out " + std::to_string(r.bytes_out) + " from " + std::to_string(r.ready_ns) + " to " +
                    std::to_string(r.end_ns));
  std::sort(lines.begin(), lines.end());
  return lines;
}

void expect_same(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  const auto [was, is] = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
  EXPECT_EQ(was == before.end() ? "nothing" : *was, is == after.end() ? "nothing" : *is);
}

std::string kept(const Record& record) {
  const auto* tail = static_cast<const char*>(static_cast<const void*>(record.turn().tail));
  return std::string(record.payload()) + std::string(tail, PL_TAIL);
}

void expect_no_secret(const std::vector<Record>& records) {
  for (const Record& record : records) {
    if (!record.is_turn()) continue;
    const std::string bytes = kept(record);
    const std::size_t at = bytes.find_first_of(kSecret);
    ASSERT_EQ(at, std::string::npos) << bytes.substr(at > 60 ? at - 60 : 0, 100);
  }
}

class ScrubbedTraffic : public testing::TestWithParam<unsigned> {
 protected:
  std::mt19937 random{GetParam()};
  Scrubber scrubber;
};
INSTANTIATE_TEST_SUITE_P(Seeds, ScrubbedTraffic, testing::Range(1u, 31u));

TEST_P(ScrubbedTraffic, TellsTheSameRequestsAndNoSecret) {
  Traffic traffic = make_traffic(random);
  for (auto& records : traffic.records) {
    const auto before = told(records);
    scrub(scrubber, records);
    expect_same(before, told(records));
    expect_no_secret(records);
  }
}

TEST_P(ScrubbedTraffic, TellsTheSameRequestsOfWhatLossesLeft) {
  TrafficOptions options;
  options.overlapped = false;
  Traffic traffic = make_traffic(random, options);
  for (auto& records : traffic.records) {
    std::erase_if(records, [&](const Record& record) { return record.is_turn() && random() % 15 == 0; });
    const auto before = told(records);
    scrub(scrubber, records);
    expect_same(before, told(records));
    expect_no_secret(records);
  }
}

TEST_P(ScrubbedTraffic, KeepsSecretsWhateverTheOrder) {
  const Traffic traffic = make_traffic(random);
  auto records = shuffled(traffic, random, 20'000'000);
  std::erase_if(records, [&](const Record&) { return random() % 15 == 0; });
  scrub(scrubber, records);
  expect_no_secret(records);
}

class Scrubbing : public testing::Test {
 protected:
  std::string payload_of(std::string in, std::string out) {
    auto records = server.turn(std::move(in), std::move(out));
    scrub(scrubber, records);
    return std::string(records.front().payload());
  }
  Tracer server{1};
  Scrubber scrubber;
};

TEST_F(Scrubbing, KeepsMethodPathStatusAndFraming) {
  EXPECT_EQ(
      payload_of("POST /a/b?q=1 HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc",
                 "HTTP/1.1 201 Made\r\nX-Id: 9\r\nTransfer-Encoding: chunked\r\n\r\n2;e=1\r\nok\r\n0\r\nT: "
                 "v\r\n\r\n"),
      "POST /a/b?xxx HTTP/1.1\r\nHost: xxxx\r\nContent-Length: 3\r\n\r\nxxx"
      "HTTP/1.1 201 xxxx\r\nX-Id: x\r\nTransfer-Encoding: chunked\r\n\r\n2;xxx\r\nxx\r\n0\r\nxxxx\r\n\r\n");
}

TEST_F(Scrubbing, FollowsAPipelineToItsLastHead) {
  EXPECT_EQ(payload_of("POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nGET GET /b?z HTTP/1.1\r\nA: b\r\n\r\n",
                       ok("x")),
            "POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nxxxxGET /b?x HTTP/1.1\r\nA: x\r\n\r\n"
            "HTTP/1.1 200 xxxx\r\nContent-Length: 1\r\n\r\nx");
}

TEST_F(Scrubbing, BlanksABodyThatLooksLikeARequest) {
  const std::string body = "GET /secret HTTP/1.1\r\n\r\n";
  const std::string scrubbed = payload_of(post("/up", body), ok(body));
  EXPECT_EQ(scrubbed.find("secret"), std::string::npos) << scrubbed;
}

// Chunk sizes are framing and stay; data must never pass for them, whatever was not captured before it.
TEST_F(Scrubbing, TakesNoDataForAChunkSizeAfterAGap) {
  const std::string data(100, 'f');
  std::string body;
  for (int i = 0; i < 40; i++) body += chunk(data);
  auto records = server.turn({get("/"), {{chunked_head() + body}, {body}, {body + std::string(kLastChunk)}}});
  scrub(scrubber, records);
  for (std::size_t i = 0; i < records.size(); i++) {
    const std::string_view out = records[i].payload().substr(records[i].turn().in_len);
    const std::size_t heads = i == 0 ? chunked_head().size() : 0;
    EXPECT_EQ(out.substr(heads).find('f'), std::string_view::npos) << out;
  }
}

TEST_F(Scrubbing, KeepsNothingOfWhatOnlyClaimsToBeChunked) {
  const std::string scrubbed = payload_of(get("/"), chunked_head() + "5\r\nZZZZZ\r\nQ and more");
  EXPECT_EQ(scrubbed.find_first_of("ZQ"), std::string::npos) << scrubbed;
}

TEST_F(Scrubbing, BlanksAnotherProtocolWhole) {
  const std::string hello =
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "server.example";
  const std::string scrubbed = payload_of(hello, "secret answer");
  EXPECT_EQ(scrubbed.find_first_not_of("x?"), std::string::npos) << scrubbed;
  auto records = server.turn(hello, "secret answer");
  scrub(scrubber, records);
  Observed seen;
  seen.feed(records);
  seen.feed(server.close());
  seen.stitcher.finish();
  ASSERT_EQ(seen.requests.size(), 1u);
  EXPECT_EQ(seen.requests[0].framing, Framing::unknown);
}

TEST_F(Scrubbing, BlanksATunnel) {
  payload_of(get("/ws", "Upgrade: x\r\nConnection: Upgrade\r\n"), "HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n");
  const std::string scrubbed = payload_of(get("/inside"), ok("inside"));
  EXPECT_EQ(scrubbed.find_first_not_of("x\r\n"), std::string::npos) << scrubbed;
}

TEST_F(Scrubbing, ScrubsAHeadThatTurnsCut) {
  std::string in = get("/first", "Cookie: QQQQ\r\n") + "GET /second?ZZ HTTP/1.1\r\nCook";
  auto records = server.turn(in, ok("1", 201));
  for (auto& record : server.turn("ie: JJJJ\r\nContent-Length: 2\r\n\r\n~~", ok("2", 202)))
    records.push_back(std::move(record));
  const auto before = told(records);
  scrub(scrubber, records);
  expect_same(before, told(records));
  expect_no_secret(records);
}

TEST_F(Scrubbing, KeepsOfTheTailOnlyWhetherItEndsAChunkedBody) {
  auto long_body = [](std::string end) {
    return chunked_head() + chunk(std::string(3000, 'd')) + std::move(end);
  };
  auto ended = server.turn(get("/"), long_body("0\r\n\r\n"));
  auto open = server.turn(get("/"), long_body(chunk("100.00")));
  scrub(scrubber, ended);
  scrub(scrubber, open);
  const auto tail = [](const Record& r) { return kept(r).substr(r.payload().size()); };
  EXPECT_EQ(tail(ended.front()), "x\r\n0\r\n\r\n");
  EXPECT_EQ(tail(open.front()), "xxxxxxxx");
}

TEST_F(Scrubbing, ForgetsTheOldestConnections) {
  Scrubber small(2);
  std::vector<Tracer> servers;
  for (std::uint64_t i = 1; i <= 4; i++) servers.emplace_back(i);
  for (int round = 0; round < 3; round++) {
    for (Tracer& each : servers) {
      auto records = each.turn(get("/" + std::to_string(round)), ok("ZZ"));
      scrub(small, records);
      expect_no_secret(records);
      Observed seen;
      for (Record& record : records) {
        record.turn().seq = 0;
        seen.feed(record);
      }
      ASSERT_EQ(seen.requests.size(), 1u);
      EXPECT_EQ(seen.requests[0].path, "/" + std::to_string(round));
    }
  }
}

}  // namespace
}  // namespace plateau::request::test
