#include "load/expectations.h"

#include <gtest/gtest.h>

#include "load/fnv.h"

namespace plateau::load {
namespace {

// Test vectors of the FNV page.
TEST(Fnv1a, HasThePublishedValues) {
  EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325u);
  EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8u);
  EXPECT_EQ(fnv1a("bar", fnv1a("foo")), fnv1a("foobar"));
}

TEST(Checker, WithoutExpectationsTakesAnything) {
  const Expectations none;
  Checker checker(none, 1);
  EXPECT_EQ(checker.check({0, 503, 7, 9}), std::nullopt);
}

TEST(Checker, NamesTheFirstThingThatIsWrong) {
  Expectations expect;
  expect.statuses = *parse_statuses("200,204");
  expect.status_text = "200,204";
  expect.length = 6;
  expect.hash = fnv1a("foobar");
  Checker checker(expect, 1);
  const Answer right{0, 200, 6, fnv1a("foobar")};
  EXPECT_EQ(checker.check(right), std::nullopt);
  const Answer status{0, 201, 6, fnv1a("foobar")};
  EXPECT_EQ(checker.check(status), Mismatch::status);
  EXPECT_EQ(checker.describe(Mismatch::status, status), "answered 201 where 200,204 was expected");
  const Answer length{0, 204, 5, fnv1a("fooba")};
  EXPECT_EQ(checker.check(length), Mismatch::length);
  EXPECT_EQ(checker.describe(Mismatch::length, length), "answered 5 bytes of body where 6 were expected");
  const Answer body{0, 200, 6, fnv1a("barfoo")};
  EXPECT_EQ(checker.check(body), Mismatch::body);
  EXPECT_NE(checker.describe(Mismatch::body, body).find("85944171f73967e8"), std::string::npos);
}

TEST(Checker, HoldsBodiesAgainstTheFirstOfTheirTarget) {
  Expectations expect;
  expect.same_body = true;
  Checker checker(expect, 2);
  EXPECT_EQ(checker.check({0, 200, 3, fnv1a("foo")}), std::nullopt);
  EXPECT_EQ(checker.check({1, 200, 3, fnv1a("bar")}), std::nullopt);
  EXPECT_EQ(checker.check({0, 200, 3, fnv1a("foo")}), std::nullopt);
  EXPECT_EQ(checker.check({0, 200, 3, fnv1a("bar")}), Mismatch::body);
  EXPECT_EQ(checker.check({1, 200, 3, fnv1a("bar")}), std::nullopt);
}

TEST(Statuses, AreListsOrClasses) {
  EXPECT_EQ(parse_statuses("2xx")->count(), 100u);
  EXPECT_EQ(parse_statuses("200, 204,5xx")->count(), 102u);
  for (const std::string_view text : {"", ",", "200,", "20", "2000", "600", "0xx", "2x0", "200;204", "2XX"}) {
    EXPECT_FALSE(parse_statuses(text).ok()) << text;
  }
}

TEST(Hash, IsHexadecimal) {
  EXPECT_EQ(*parse_hash("0"), 0u);
  EXPECT_EQ(*parse_hash("0xFFFFFFFFFFFFFFFF"), ~std::uint64_t{0});
  for (const std::string_view text : {"", "0x", "g", "10000000000000000", "-1", "1 "}) {
    EXPECT_FALSE(parse_hash(text).ok()) << text;
  }
}

}  // namespace
}  // namespace plateau::load
