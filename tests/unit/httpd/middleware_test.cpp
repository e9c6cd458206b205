#include "httpd/middleware.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace plateau::httpd {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kSpan = "00f067aa0ba902b7";

TEST(Middleware, KeepsTheTraceAndMakesANewSpan) {
  const TraceContext context = continue_trace("00-" + kTrace + "-" + kSpan + "-00");
  EXPECT_EQ(context.trace_id, kTrace);
  EXPECT_NE(context.span_id, kSpan);
  EXPECT_EQ(context.flags, "00");
  EXPECT_TRUE(std::regex_match(traceparent_of(context), std::regex("00-[0-9a-f]{32}-[0-9a-f]{16}-00")));
}

TEST(Middleware, ReadsLaterVersionsOfTheField) {
  EXPECT_EQ(continue_trace("cc-" + kTrace + "-" + kSpan + "-01-more").trace_id, kTrace);
  EXPECT_EQ(continue_trace("cc-" + kTrace + "-" + kSpan + "-01").trace_id, kTrace);
}

TEST(Middleware, StartsATraceWhereTheFieldIsMalformed) {
  const std::string zeros32(32, '0');
  const std::string zeros16(16, '0');
  for (const std::string& bad :
       {std::string(), std::string("x"), "ff-" + kTrace + "-" + kSpan + "-01",
        "00-" + zeros32 + "-" + kSpan + "-01", "00-" + kTrace + "-" + zeros16 + "-01",
        "00-" + kTrace + "-" + kSpan + "-01-more", "cc-" + kTrace + "-" + kSpan + "-01more",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01", "00_" + kTrace + "-" + kSpan + "-01",
        "00-" + kTrace + "-" + kSpan + "-0g"}) {
    const TraceContext context = continue_trace(bad);
    EXPECT_NE(context.trace_id, kTrace) << bad;
    EXPECT_TRUE(std::regex_match(traceparent_of(context), std::regex("00-[0-9a-f]{32}-[0-9a-f]{16}-01")))
        << bad;
  }
}

TEST(Middleware, TakesHarmlessIdsAndReplacesOthers) {
  EXPECT_EQ(request_id_from("Ab-1_.:=+/"), "Ab-1_.:=+/");
  EXPECT_EQ(request_id_from(std::string(128, 'a')), std::string(128, 'a'));
  for (const std::string& bad :
       {std::string(), std::string(129, 'a'), std::string("a\"b"), std::string("a b")}) {
    EXPECT_TRUE(std::regex_match(request_id_from(bad), std::regex("[0-9a-f]{32}"))) << bad;
  }
  EXPECT_NE(request_id_from(""), request_id_from(""));
}

}  // namespace
}  // namespace plateau::httpd
