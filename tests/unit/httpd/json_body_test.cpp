#include "httpd/json_body.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace plateau::httpd {
namespace {

TEST(JsonBody, ComesBackWithItsSizeAndInItsOrder) {
  std::string out;
  EXPECT_EQ(reserialise_json(" {\"b\" : 1, \"a\":[true,null,1.5,\"\\u00e9\"]}", out), 200);
  EXPECT_EQ(out, "{\"size\":40,\"value\":{\"b\":1,\"a\":[true,null,1.5,\"\xc3\xa9\"]}}\n");
}

TEST(JsonBody, TellsWhatIsWrongAsJson) {
  for (const std::string& bad : {std::string(), std::string("{"), std::string("[1,]"), std::string("nul"),
                                 std::string("\"\xff\""), std::string("{} x"), std::string("\"a\0b\"", 5)}) {
    std::string out;
    EXPECT_EQ(reserialise_json(bad, out), 400) << bad;
    const auto json = nlohmann::json::parse(out, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << out;
    EXPECT_TRUE(json["error"].get<std::string>().starts_with("parse error")) << out;
  }
}

TEST(JsonBody, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  std::string out;
  EXPECT_EQ(reserialise_json(nested(64), out), 200);
  EXPECT_EQ(reserialise_json(nested(66), out), 400);
  EXPECT_EQ(reserialise_json(std::string(1'000'000, '['), out), 400);
  EXPECT_NE(out.find("nested deeper"), std::string::npos) << out;
}

TEST(JsonBody, WritesUsersAndOrders) {
  std::string out;
  write_user_json(18'446'744'073'709'551'615u, out);
  EXPECT_EQ(out, "{\"id\":18446744073709551615,\"name\":\"user\"}\n");
  write_order_json(1, 2, out);
  EXPECT_EQ(out, "{\"user\":1,\"order\":2}\n");
}

}  // namespace
}  // namespace plateau::httpd
