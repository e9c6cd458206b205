#include "sink/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "examples.h"

namespace plateau::sink {
namespace {

using testing::HasSubstr;
using testing::Not;

// 499 requests of `sleep_ns` more than 200 us, one every `apart_ns`.
Explanation capture(std::uint64_t sleep_ns, std::uint64_t apart_ns, const std::string& path = "/") {
  attribution::Aggregate aggregate({.profiles = 8});
  for (std::uint64_t i = 0; i < 499; i++) {
    request::Request r = example_request(path, 200);
    r.ready_ns += i * apart_ns;
    r.end_ns = r.ready_ns + 200'000 + sleep_ns;
    r.state[PL_STATE_SLEEP] = sleep_ns;
    aggregate.add(r, attribution::budget_of(r));
  }
  return explain(example_summary(aggregate));
}

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

TEST(Compare, SaysWhatChangedInWords) {
  const std::string text =
      on_one_line(compare_text(capture(2'000'000, 4'000'000), capture(500'000, 2'000'000)));
  EXPECT_THAT(text, HasSubstr("Throughput rose from 250/s to 501/s (+100 %)"));
  EXPECT_THAT(text, HasSubstr("p50 fell from 2.2"));
  EXPECT_THAT(text, HasSubstr("What changed most in a request is sleep: 2.00 ms before, 500 us after."));
}

TEST(Compare, SaysThatNothingChanged) {
  const auto one = capture(2'000'000, 4'000'000);
  const std::string text = on_one_line(compare_text(one, one));
  EXPECT_THAT(text, HasSubstr("Throughput stayed at 250/s (+0.0 %)"));
  EXPECT_THAT(text, HasSubstr("No stage of a request changed by more than 2 %"));
  EXPECT_THAT(text, Not(HasSubstr("rose")));
}

TEST(Compare, ShowsRoutesThatOneCaptureLacks) {
  const auto json = nlohmann::json::parse(
      compare_json(capture(1, 4'000'000, "/old"), capture(1, 4'000'000, "/new")), nullptr, false);
  ASSERT_TRUE(json.is_object());
  ASSERT_EQ(json["routes"].size(), 2u);
  EXPECT_EQ(json["routes"][0]["route"], "/old");
  EXPECT_TRUE(json["routes"][0]["after"].is_null());
  EXPECT_TRUE(json["routes"][1]["before"].is_null());
  EXPECT_EQ(json["before"]["requests"], 499);
}

TEST(Compare, HoldsTheChangeWithItsInterval) {
  const auto json = nlohmann::json::parse(
      compare_json(capture(2'000'000, 4'000'000), capture(500'000, 4'000'000)), nullptr, false);
  EXPECT_EQ(json["stages"][0]["stage"], "sleep");
  EXPECT_NEAR(json["stages"][0]["change_ns"].get<double>(), -1.5e6, 1);
  EXPECT_LE(json["stages"][0]["low_ns"], json["stages"][0]["change_ns"]);
}

TEST(Compare, EscapesPathsOnItsPage) {
  const std::string page = compare_html(capture(1, 4'000'000, "/<script>"), capture(1, 4'000'000, "/b"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST(Compare, SaysThatACaptureIsEmpty) {
  EXPECT_THAT(compare_text(explain(example_summary(attribution::Aggregate{})), capture(1, 4'000'000)),
              HasSubstr("Nothing to compare: the first capture has no requests."));
}

}  // namespace
}  // namespace plateau::sink
