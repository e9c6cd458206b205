#include "http/scrub.h"

#include <gtest/gtest.h>

#include <string>

#include "conversation.h"
#include "http/head.h"

namespace plateau::http {
namespace {

std::string scrubbed(std::string bytes) {
  scrub_head(bytes);
  return bytes;
}

TEST(Scrub, Requests) {
  const std::pair<const char*, const char*> cases[] = {
      {"GET /a/b?token=1&b#c HTTP/1.1\r\nHost: example.org\r\n\r\n",
       "GET /a/b?xxxxxxxxxxx HTTP/1.1\r\nHost: xxxxxxxxxxx\r\n\r\n"},
      {"GET /a#frag HTTP/1.0\n\n", "GET /a#xxxx HTTP/1.0\n\n"},
      {"GET http://me:pw@host:80/a?q HTTP/1.1\r\n\r\n", "GET http://xxxxxxxxxxxxx/a?x HTTP/1.1\r\n\r\n"},
      {"GET http://host HTTP/1.1\r\n\r\n", "GET http://xxxx HTTP/1.1\r\n\r\n"},
      {"GET http://host?q HTTP/1.1\r\n\r\n", "GET http://xxxx?x HTTP/1.1\r\n\r\n"},
      {"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n"},
      {"CONNECT host:1 HTTP/1.1\r\n\r\n", "CONNECT host:1 HTTP/1.1\r\n\r\n"},
      {"GET / HTTP/1.1\r\nCookie:a b; c\r\nContent-Length: 5\r\nTransfer-Encoding: a,\r\n chunked\r\n\r\n",
       "GET / HTTP/1.1\r\nCookie:xxxxxx\r\nContent-Length: 5\r\nTransfer-Encoding: a,\r\n chunked\r\n\r\n"},
      {"GET / HTTP/1.1\r\nconnection: close\r\nEXPECT: 100-continue\r\nUpgrade: h2c\r\nTraceparent: "
       "00-a\r\n\r\n",
       "GET / HTTP/1.1\r\nconnection: close\r\nEXPECT: 100-continue\r\nUpgrade: h2c\r\nTraceparent: "
       "00-a\r\n\r\n"},
      {"GET / HTTP/1.1\r\nAuthorization: Basic\r\n c2VjcmV0\r\n\tmore\r\nno colon\r\n\r\n",
       "GET / HTTP/1.1\r\nAuthorization: xxxxx\r\n xxxxxxxx\r\n\txxxx\r\nxxxxxxxx\r\n\r\n"},
      {"GET / HTTP/1.1\r\nTracestate: a\r\nX-Content-Length: 5\r\n\r\n",
       "GET / HTTP/1.1\r\nTracestate: x\r\nX-Content-Length: x\r\n\r\n"},
      {"\r\nGET /?a HTTP/1.1\r\n\r\n", "\r\nGET /?x HTTP/1.1\r\n\r\n"},
      {"not http at all\r\nsecret\r\n\r\n", "xxxxxxxxxxxxxxx\r\nxxxxxx\r\n\r\n"},
  };
  for (const auto& [before, after] : cases) EXPECT_EQ(scrubbed(before), after);
}

TEST(Scrub, Responses) {
  EXPECT_EQ(scrubbed("HTTP/1.1 200 All fine\r\nSet-Cookie: s\r\nContent-Length: 10\r\n\r\n"),
            "HTTP/1.1 200 xxxxxxxx\r\nSet-Cookie: x\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(scrubbed("HTTP/1.1 204\r\n\r\n"), "HTTP/1.1 204\r\n\r\n");
}

TEST(Scrub, CutHeads) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"GE", "GE"},
      {"GET /path", "GET /path"},
      {"GET /path?to", "GET /path?xx"},
      {"GET /path?token HTTP/1.1\r", "GET /path?xxxxx xxxxxxxx\r"},
      {"GET http://user:p", "GET http://xxxxxx"},
      {"GET http://user:p a?b", "GET http://xxxxxx x?x"},
      {"GET / HTTP/1.1\r\nCookie: ab", "GET / HTTP/1.1\r\nCookie: xx"},
      {"GET / HTTP/1.1\r\nCook", "GET / HTTP/1.1\r\nxxxx"},
      {"HTTP/1.1 200 Secr", "HTTP/1.1 200 xxxx"},
  };
  for (const auto& [before, after] : cases) EXPECT_EQ(scrubbed(before), after);
}

TEST(Scrub, StopsBehindTheBlankLine) {
  std::string bytes = "GET / HTTP/1.1\r\nA: b\r\n\r\nbody: kept";
  EXPECT_EQ(scrub_head(bytes), 24u);
  EXPECT_EQ(bytes, "GET / HTTP/1.1\r\nA: x\r\n\r\nbody: kept");
  std::string cut = "GET / HTTP/1.1\r\nA: b\r\n";
  EXPECT_EQ(scrub_head(cut), cut.size());
}

// What an observer makes of a script, head by head, with each head scrubbed before it is parsed.
template <class Stream>
void scrub_heads(std::string& bytes, Stream&& heads_of) {
  for (const Range& head : heads_of(bytes)) {
    const std::size_t used = scrub_head(std::span(bytes).subspan(head.begin, head.end - head.begin));
    ASSERT_EQ(used, head.end - head.begin);
  }
}

std::vector<Range> request_heads(const std::string& bytes, std::vector<std::string>& events) {
  std::vector<Range> heads;
  RequestStream stream;
  bool tunnel = false;
  stream.feed(bytes, [&](const RequestEvent& e) {
    events.push_back(describe(e) + (e.kind == EventKind::head ? std::string(e.head.target) : ""));
    const auto begin = static_cast<std::size_t>(e.offset);
    if (e.kind == EventKind::head) heads.push_back({begin, begin + e.head.size});
    if (e.kind == EventKind::head) tunnel = e.head.upgrade || e.head.connect;
    if (e.kind == EventKind::message_end && tunnel) stream.enter_tunnel();
  });
  return heads;
}

std::vector<Range> response_heads(const std::string& bytes, const std::vector<RequestKind>& kinds,
                                  std::vector<std::string>& events) {
  std::vector<Range> heads;
  std::size_t answered = 0;
  ResponseStream stream;
  stream.feed(
      bytes, [&] { return answered < kinds.size() ? kinds[answered] : RequestKind::other; },
      [&](const ResponseEvent& e) {
        events.push_back(describe(e));
        if (e.kind != EventKind::head) return;
        const auto begin = static_cast<std::size_t>(e.offset);
        heads.push_back({begin, begin + e.head.size});
        answered += e.head.interim ? 0 : 1;
      });
  return heads;
}

TEST(ScrubProperty, ParsesTheSame) {
  for (unsigned seed = 1; seed <= 500 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    Conversation c = make_conversation(random);
    std::vector<std::string> before;
    std::vector<std::string> after;
    scrub_heads(c.requests.bytes, [&](const std::string& b) { return request_heads(b, before); });
    scrub_heads(c.responses.bytes, [&](const std::string& b) { return response_heads(b, c.kinds, before); });
    request_heads(c.requests.bytes, after);
    response_heads(c.responses.bytes, c.kinds, after);
    EXPECT_EQ(before, after);
    EXPECT_EQ(c.requests.bytes.find("q=1"), std::string::npos);
  }
}

}  // namespace
}  // namespace plateau::http
