#include "sink/request_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

#include "examples.h"

namespace plateau::sink {
namespace {

using attribution::budget_of;
using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string json_line(const request::Request& request, const std::string& route = "/",
                      std::int64_t offset = 0) {
  std::string line;
  append_json(line, request, budget_of(request), route, offset);
  return line;
}

// Null, with a failed check, where it is not one line of JSON.
json parsed(const std::string& line) {
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
  EXPECT_THAT(line, EndsWith("\n"));
  const auto value = json::parse(line, nullptr, false);
  EXPECT_FALSE(value.is_discarded()) << line;
  return value.is_discarded() ? json() : value;
}

TEST(RequestJson, IsTheContract) {
  const json j = parsed(json_line(example_request("/users/17", 200), "/users/{id}", 500));
  EXPECT_EQ(j["ts"], 1'000'000'500u);
  EXPECT_EQ(j["conn"], 7);
  EXPECT_EQ(j["seq"], 3);
  EXPECT_EQ(j["method"], "GET");
  EXPECT_EQ(j["path"], "/users/17");
  EXPECT_EQ(j["route"], "/users/{id}");
  EXPECT_EQ(j["status"], 200);
  EXPECT_EQ(j["latency_ns"], 200'000);
  EXPECT_EQ(j["bytes_in"], 100);
  EXPECT_EQ(j["bytes_out"], 2000);
  EXPECT_EQ(j["calls_in"], 1);
  EXPECT_EQ(j["calls_out"], 2);
  EXPECT_EQ(j["tid"], 4712);
  EXPECT_EQ(j["pid"], 4711);
  EXPECT_TRUE(j["goid"].is_null());
  EXPECT_EQ(j["data_path"], "copy+sendfile");
  EXPECT_EQ(j["partial"], false);
  EXPECT_EQ(j["framing"], "exact");
  EXPECT_EQ(j["outcome"], "answered");
  EXPECT_EQ(j["peer"], "127.0.0.1:50123");
  EXPECT_EQ(j["local"], "127.0.0.1:8080");
  EXPECT_EQ(j["ready_ns"], 1'000'000'000);
  EXPECT_EQ(j["end_ns"], 1'000'200'000);
}

TEST(RequestJson, NamesTheGoroutine) {
  request::Request request = example_request("/", 200);
  request.goid = 1234567;
  EXPECT_EQ(parsed(json_line(request))["goid"], 1234567);
}

TEST(RequestJson, HasEveryStageAndTheyAddUp) {
  const json j = parsed(json_line(example_request("/", 200)));
  ASSERT_EQ(j["stages"].size(), attribution::kStages);
  std::uint64_t sum = 0;
  for (const auto name : attribution::kStageNames) sum += j["stages"][std::string(name)].get<std::uint64_t>();
  EXPECT_EQ(sum, j["latency_ns"]);
  EXPECT_EQ(j["stages"]["cpu"], 100'000);
  EXPECT_EQ(j["stages"]["lock_user"], 60'000);
}

TEST(RequestJson, SaysNullWhereNothingIsKnown) {
  auto r = example_request("", 0);
  r.method.clear();
  r.paths = 0;
  r.outcome = request::Outcome::unanswered;
  r.framing = request::Framing::unknown;
  const json j = parsed(json_line(r));
  EXPECT_TRUE(j["status"].is_null());
  EXPECT_TRUE(j["data_path"].is_null());
  EXPECT_EQ(j["outcome"], "unanswered");
  EXPECT_EQ(j["framing"], "unknown");
  EXPECT_EQ(j["path"], "");
}

TEST(RequestJson, GivesNoTimesWhereTheArrivalWasNotSeen) {
  auto r = example_request("/", 200);
  r.measured = false;
  const json j = parsed(json_line(r));
  EXPECT_TRUE(j["latency_ns"].is_null());
  EXPECT_TRUE(j["stages"].is_null());
}

TEST(RequestJson, NamesIpv6EndPoints) {
  auto r = example_request("/", 200);
  r.addr.family = PL_FAMILY_INET6;
  for (auto& byte : r.addr.peer) byte = 0;
  r.addr.peer[15] = 1;
  EXPECT_EQ(parsed(json_line(r))["peer"], "[::1]:50123");
  r.addr.peer[10] = r.addr.peer[11] = 0xff;
  for (const std::size_t i : {12u, 13u, 14u, 15u}) r.addr.peer[i] = static_cast<pl_u8>(i);
  EXPECT_EQ(parsed(json_line(r))["peer"], "12.13.14.15:50123") << "of a dual-stack socket";
}

// Bytes of a path are Latin-1 characters in the JSON: each comes back as it was.
TEST(RequestJson, CarriesAnyPath) {
  for (int byte = 0; byte < 256; byte++) {
    const std::string path = std::string("/a") + static_cast<char>(byte) + "b";
    const json j = parsed(json_line(example_request(path, 200), path));
    std::string expected = "/a";
    if (byte < 0x80) {
      expected += static_cast<char>(byte);
    } else {
      expected += static_cast<char>(0xc0 | byte >> 6);
      expected += static_cast<char>(0x80 | (byte & 0x3f));
    }
    EXPECT_EQ(j["path"].get<std::string>(), expected + "b") << "byte " << byte;
    EXPECT_EQ(j["route"].get<std::string>(), expected + "b") << "byte " << byte;
  }
}

TEST(RequestJson, StaysOneObjectWhateverTheTextsHold) {
  std::mt19937 random(99);
  for (int i = 0; i < 2000; i++) {
    std::string path, method;
    for (std::size_t n = random() % 64; n > 0; n--) path += static_cast<char>(random());
    for (std::size_t n = random() % 8; n > 0; n--) method += static_cast<char>(random());
    auto r = example_request(path, 200);
    r.method = method;
    const json j = parsed(json_line(r, path));
    ASSERT_TRUE(j.is_object());
    ASSERT_EQ(j["status"], 200);
  }
}

TEST(RequestJson, AppendsOneLineAfterTheOther) {
  std::string lines;
  const auto r = example_request("/", 200);
  append_json(lines, r, budget_of(r), "/", 0);
  const std::size_t first = lines.size();
  append_json(lines, r, budget_of(r), "/", 0);
  EXPECT_EQ(lines.substr(0, first), lines.substr(first));
}

class RequestText : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }

  static std::string line(const request::Request& r) {
    std::string text;
    append_text(text, r, budget_of(r), 1'700'000'000'000'000'000);
    return text;
  }
};

TEST_F(RequestText, ShowsTheColumns) {
  EXPECT_EQ(text_header(),
            "TIME             STATUS    LATENCY  METHOD  PATH                              WHERE IT WENT\n");
  EXPECT_EQ(line(example_request("/users/17", 200)),
            "22:13:21.000000  200        200 us  GET     /users/17                         "
            "cpu 100 us, lock_user 60.0 us, wakeup 20.0 us, unattributed 20.0 us\n");
}

TEST_F(RequestText, MarksWhatIsNotWhole) {
  auto r = example_request("", 0);
  r.method.clear();
  r.partial = true;
  r.outcome = request::Outcome::cut;
  EXPECT_THAT(line(r), HasSubstr("  -          200 us  -       -    "));
  EXPECT_THAT(line(r), EndsWith("  (partial)  (cut)\n"));
}

TEST_F(RequestText, ShowsNoTimesWhereTheArrivalWasNotSeen) {
  auto r = example_request("/", 200);
  r.measured = false;
  EXPECT_THAT(line(r), Not(HasSubstr("cpu")));
  EXPECT_THAT(line(r), Not(HasSubstr("200 us")));
}

// Neither a terminal's escape sequences nor line breaks get through, and the line's length is bounded.
TEST_F(RequestText, LetsNoControlBytesThrough) {
  std::string path = "/\x1b[2J\r\n\t\x7f";
  for (int byte = 0x80; byte < 0x100; byte++) path += static_cast<char>(byte);
  path += std::string(4000, 'x');
  auto r = example_request(path, 200);
  r.method = "G\x1b" + std::string(300, 'M');
  const std::string text = line(r);
  EXPECT_LT(text.size(), 400u);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  for (const char c : text.substr(0, text.size() - 1)) {
    EXPECT_GE(c, 0x20) << text;
    EXPECT_LT(c, 0x7f) << text;
  }
  EXPECT_THAT(text, HasSubstr("/?[2J????"));
}

}  // namespace
}  // namespace plateau::sink
