// Each format holds the stacks, and nothing in a name breaks it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "flame_example.h"
#include "sink/flame/write.h"

namespace plateau::sink::flame {
namespace {

using test::example;
using testing::ElementsAre;
using testing::HasSubstr;

std::uint64_t self_time(const Graph& graph, const std::string& innermost) {
  std::uint64_t sum = 0;
  for (const auto& stack : graph.stacks())
    if (!stack.frames.empty() && graph.frames()[stack.frames.back()].name == innermost) sum += stack.ns;
  return sum;
}

TEST(Folded, IsOneLineAStackWhateverItServed) {
  EXPECT_EQ(
      to_folded(example()),
      "start_thread;LazyCompile:*f_/app.js:1_[j] 30000000\n"
      "start_thread;[anon]+0x1234;[woken,_waiting_for_a_CPU] 30000000\n"
      "start_thread;main.(*Server).Serve 40000000\n"
      "start_thread;std::vector<int,_std::allocator<int>_>::push_back(int&&);hash(char_const*)_[i] "
      "600000000\n"
      "start_thread;std::vector<int,_std::allocator<int>_>::push_back(int&&);tcp_sendmsg_[k] 300000000\n");
}

TEST(Folded, IsReadBackWithItsKinds) {
  const auto graph = read_graph(to_folded(example()));
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->total_ns(), example().total_ns());
  EXPECT_EQ(self_time(*graph, "tcp_sendmsg"), 300'000'000u);
  for (const auto& frame : graph->frames()) {
    EXPECT_EQ(frame.kind == Kind::kernel, frame.name == "tcp_sendmsg");
    EXPECT_EQ(frame.kind == Kind::inlined, frame.name == "hash(char_const*)");
  }
}

TEST(Folded, OfOtherToolsWithSpacesInNamesIsRead) {
  const auto graph = read_graph("a b;c d 7\n\nx 1\n");
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->total_ns(), 8u);
  EXPECT_EQ(self_time(*graph, "c d"), 7u);
}

TEST(Folded, ThatIsNoneIsRefusedWithItsLine) {
  for (const char* text : {"", "no count\n", "a;b 1\nc\n", "a 1x\n", "a \n", "a 99999999999999999999\n"}) {
    const auto graph = read_graph(text);
    EXPECT_FALSE(graph) << text;
  }
  EXPECT_THAT(read_graph("a;b 1\nc\n").error().message, HasSubstr("line 2"));
}

TEST(Pprof, IsReadBackWhole) {
  const auto bytes = to_pprof(example());
  EXPECT_TRUE(bytes.starts_with("\x1f\x8b"));
  const auto graph = read_graph(bytes);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_EQ(graph->total_ns(), example().total_ns());
  EXPECT_EQ(self_time(*graph, "tcp_sendmsg"), 300'000'000u);
  EXPECT_EQ(self_time(*graph, "hash(char const*)"), 600'000'000u);
  EXPECT_EQ(to_pprof(example()), bytes);
}

TEST(Pprof, ThatIsDamagedIsRefused) {
  const auto bytes = to_pprof(example());
  for (std::size_t length = 2; length < bytes.size(); length += 7)
    EXPECT_FALSE(read_graph(bytes.substr(0, length))) << length;
  for (std::size_t at = 10; at < bytes.size(); at += 3) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    EXPECT_FALSE(read_graph(damaged)) << at;
  }
}

TEST(FlameGraph, OfPageFaultsCountsThem) {
  Graph graph = example();
  graph.unit = Unit::page_faults;
  graph.what = "page faults";
  EXPECT_EQ(graph.total(), "1,000,000,000 page faults");
  EXPECT_THAT(to_svg(graph), HasSubstr("all: 1,000,000,000 page faults"));
  EXPECT_EQ(nlohmann::json::parse(to_speedscope(graph))["profiles"][0]["unit"], "none");
  const auto again = read_graph(to_pprof(graph));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->total_ns(), graph.total_ns());
}

TEST(Speedscope, HoldsEveryStackAndItsWeight) {
  const auto json = nlohmann::json::parse(to_speedscope(example()));
  EXPECT_EQ(json["$schema"], "https://www.speedscope.app/file-format-schema.json");
  const auto& profile = json["profiles"][0];
  EXPECT_EQ(profile["type"], "sampled");
  EXPECT_EQ(profile["unit"], "nanoseconds");
  EXPECT_EQ(profile["endValue"], 1'000'000'000u);
  ASSERT_EQ(profile["samples"].size(), profile["weights"].size());
  const auto weights = profile["weights"].get<std::vector<std::uint64_t>>();
  EXPECT_EQ(std::accumulate(weights.begin(), weights.end(), std::uint64_t{0}), 1'000'000'000u);
  for (const auto& sample : profile["samples"])
    for (const auto& frame : sample) EXPECT_LT(frame.get<std::size_t>(), json["shared"]["frames"].size());
  EXPECT_EQ(json["shared"]["frames"][1]["line"], 12);
}

}  // namespace
}  // namespace plateau::sink::flame
