#include "http/route.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "http/segment.h"

namespace plateau::http {
namespace {

std::string name_of(RouteTable& table, std::string_view path) {
  return std::string(table.name(table.template_of(path)));
}

TEST(Segment, Identifiers) {
  for (const char* s :
       {"0", "17", "-1", "2024-01-05", "12.5", "10.0.0.1", "12:30", "17.json",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "deadbeef",
        "0a1b2c3d", "DEADBEEF01.jpg", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "ZXhhbXBsZTEyMzQ1Njc4",
        "aGVsbG8gd29ybGQ_1-xYz==", "me@example.org", "caf\xc3\xa9", "abcdefghijklmnopqrst1"}) {
    EXPECT_TRUE(is_identifier(s)) << s;
  }
  EXPECT_TRUE(is_identifier(std::string(65, 'a')));
  for (const char* s : {"users", "v1", "v1.2", "beef", "index.html", "app.3.js",
                        "oauth2-authorization-server", "how-to-install-debian-12", "internationalization",
                        "_search", ".env", "-", "...", "a1b2", "wp-login.php", "%20"}) {
    EXPECT_FALSE(is_identifier(s)) << s;
  }
}

TEST(RouteTable, Templates) {
  RouteTable table;
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},
      {"//", "/"},
      {"/users", "/users"},
      {"/users/", "/users"},
      {"//users//17/", "/users/{id}"},
      {"/users/17/orders/deadbeef01", "/users/{id}/orders/{id}"},
      {"/users/{id}", "/users/{id}"},
      {"/a;jsessionid=secret/b", "/a/b"},
      {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14",
       "/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{rest}"},
      {"*", "*"},
      {"host:443", "{authority}"},
      {"", "{unknown}"},
  };
  for (int round = 0; round < 2; ++round) {
    for (const auto& [path, name] : cases) EXPECT_EQ(name_of(table, path), name) << path;
  }
  EXPECT_EQ(table.size(), 6u);
  EXPECT_EQ(table.overflowed(), 0u);
}

TEST(RouteTable, SameTemplateSameId) {
  RouteTable table;
  EXPECT_EQ(table.template_of("/users/1"), table.template_of("/users/2"));
  EXPECT_NE(table.template_of("/users/1"), table.template_of("/users"));
  EXPECT_EQ(table.name(12345), "other");
}

TEST(RouteTable, ManyChildrenCollapse) {
  RouteTable table;
  std::vector<RouteTable::Id> ids;
  for (int i = 0; i < 50; ++i) {
    ids.push_back(table.template_of("/users/name" + std::string(1, static_cast<char>('a' + i % 26)) +
                                    std::string(1, static_cast<char>('a' + i / 26)) + "/orders"));
  }
  EXPECT_EQ(table.size(), 50u);
  EXPECT_EQ(table.collapsed(), 0u);
  const RouteTable::Id merged = table.template_of("/users/onemore/orders");
  EXPECT_EQ(table.name(merged), "/users/{id}/orders");
  EXPECT_EQ(table.collapsed(), 1u);
  EXPECT_EQ(table.size(), 1u);
  for (const RouteTable::Id id : ids) {
    EXPECT_EQ(table.canonical(id), merged);
    EXPECT_EQ(table.name(id), "/users/{id}/orders");
  }
  EXPECT_EQ(name_of(table, "/users/nameaa/orders"), "/users/{id}/orders") << "the cache must not remember";
  EXPECT_EQ(name_of(table, "/users/nameaa"), "/users/{id}");
}

TEST(RouteTable, CollapseMergesSubtrees) {
  RouteTable table(200, 3);
  const auto deep = table.template_of("/t/a/x/1");
  const auto shallow = table.template_of("/t/a");
  table.template_of("/t/b/x/2");
  table.template_of("/t/c/y");
  table.template_of("/t/d/x");
  EXPECT_EQ(table.name(deep), "/t/{id}/x/{id}");
  EXPECT_EQ(table.name(shallow), "/t/{id}");
  EXPECT_EQ(table.canonical(deep), table.template_of("/t/b/x/2"));
  EXPECT_EQ(table.size(), 4u);  // /t/{id}, /t/{id}/x/{id}, /t/{id}/y, /t/{id}/x
}

TEST(RouteTable, CollapseKeepsBusyNames) {
  RouteTable table;
  for (int i = 0; i < 1000; ++i) table.template_of("/api/orders");
  for (int i = 0; i < 200; ++i)
    table.template_of("/scan" + std::string(static_cast<std::size_t>(i) / 26 + 1, 'z') +
                      std::string(1, static_cast<char>('a' + i % 26)));
  EXPECT_EQ(name_of(table, "/api/orders"), "/api/orders");
  EXPECT_EQ(name_of(table, "/scanza"), "/{id}");
  EXPECT_EQ(table.size(), 2u);
}

TEST(RouteTable, OverflowIsOtherAndCounted) {
  RouteTable table(3);
  table.template_of("/a");
  table.template_of("/b");
  table.template_of("/c/d/e");
  EXPECT_EQ(table.template_of("/f"), RouteTable::kOther);
  EXPECT_EQ(table.template_of("/f"), RouteTable::kOther);
  EXPECT_EQ(table.template_of("/c/d"), RouteTable::kOther);
  EXPECT_EQ(name_of(table, "/f"), "other");
  EXPECT_EQ(table.overflowed(), 4u);
  EXPECT_EQ(name_of(table, "/a"), "/a");
  EXPECT_EQ(table.size(), 3u);
}

TEST(RouteTable, BoundedUnderRandomPaths) {
  std::mt19937 random(7);
  RouteTable table(50, 10);
  for (int i = 0; i < 200'000; ++i) {
    std::string path;
    for (auto depth = 1 + random() % 5; depth > 0; --depth) {
      path += '/';
      for (auto n = 1 + random() % 3; n > 0; --n) path += static_cast<char>('g' + random() % 20);
    }
    const RouteTable::Id id = table.template_of(path);
    ASSERT_EQ(table.canonical(id), id);
    ASSERT_LE(table.size(), 50u);
    ASSERT_LE(table.ids(), 50u * 16 + 4);
  }
  EXPECT_GT(table.collapsed(), 0u);
}

}  // namespace
}  // namespace plateau::http
