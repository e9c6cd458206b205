#include "httpd/bottleneck_switches.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plateau::httpd {
namespace {

Result<Invocation> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "plateau-httpd");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(BottleneckSwitches, AreRead) {
  const auto invocation = parse({"--engine",
                                 "reuseport",
                                 "--loops",
                                 "3",
                                 "--section",
                                 "sharded",
                                 "--hold",
                                 "1ms",
                                 "--shards",
                                 "7",
                                 "--shard-by",
                                 "chance",
                                 "--hold-kind",
                                 "spinning",
                                 "--wait-kind",
                                 "spin",
                                 "--pause",
                                 "12.7ms/1.8s",
                                 "--memory",
                                 "fresh",
                                 "--garbage",
                                 "65536",
                                 "--page-fault",
                                 "8192",
                                 "--copy",
                                 "16384",
                                 "--disk",
                                 "4096",
                                 "--disk-dir",
                                 "/tmp",
                                 "--downstream",
                                 "5",
                                 "--downstream-delay",
                                 "2ms",
                                 "--framing",
                                 "chunked",
                                 "--body",
                                 "splice",
                                 "--truth",
                                 "f",
                                 "--truth-stamps",
                                 "on",
                                 "--congestion",
                                 "reno"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const Options& o = invocation->options;
  const BottleneckOptions& b = o.bottleneck;
  EXPECT_EQ(o.engine, EngineKind::reuseport);
  EXPECT_EQ(b.loops, 3u);
  EXPECT_EQ(o.section, SectionKind::sharded);
  EXPECT_EQ(b.shards, 7u);
  EXPECT_EQ(b.shard_choice, ShardChoice::chance);
  EXPECT_EQ(b.hold_kind, HoldKind::spinning);
  EXPECT_EQ(b.wait_kind, WaitKind::spin);
  EXPECT_EQ(b.pause_ns, 12'700'000u);
  EXPECT_EQ(b.pause_every_ns, 1'800'000'000u);
  EXPECT_EQ(b.memory, MemoryKind::fresh);
  EXPECT_EQ(b.garbage, 65'536u);
  EXPECT_EQ(b.page_fault, 8192u);
  EXPECT_EQ(b.copy, 16384u);
  EXPECT_EQ(b.disk, 4096u);
  EXPECT_EQ(b.disk_dir, "/tmp");
  EXPECT_EQ(b.downstream, 5u);
  EXPECT_EQ(b.downstream_delay_ns, 2'000'000u);
  EXPECT_EQ(b.framing, FramingRule::chunked);
  EXPECT_EQ(o.body, BodyMode::splice);
  EXPECT_TRUE(b.truth_stamps);
  EXPECT_EQ(b.congestion, "reno");
}

TEST(BottleneckSwitches, ThatContradictEachOtherAreRefusedInOneLine) {
  struct Case {
    std::vector<const char*> arguments;
    std::string named;
  };
  const std::vector<Case> cases = {
      {{"--loops", "2"}, "--loops"},
      {{"--engine", "reuseport", "--loops", "0"}, "--loops"},
      {{"--engine", "pool", "--workers", "0"}, "--workers"},
      {{"--engine", "epoll", "--workers", "2"}, "--workers"},
      {{"--section", "global", "--hold", "1ms", "--shards", "2"}, "--shards"},
      {{"--section", "global", "--hold", "1ms", "--shard-by", "chance"}, "--shard-by"},
      {{"--section", "sharded"}, "--hold"},
      {{"--hold-kind", "spinning"}, "--hold-kind"},
      {{"--wait-kind", "spin"}, "--wait-kind"},
      {{"--pause", "1ms"}, "--pause"},
      {{"--pause", "2ms/1ms"}, "--pause"},
      {{"--pause", "0/1ms"}, "--pause"},
      {{"--memory", "fresh"}, "--garbage"},
      {{"--disk-dir", "/tmp"}, "--disk-dir"},
      {{"--downstream-delay", "1ms"}, "--downstream-delay"},
      {{"--downstream", "4097"}, "--downstream"},
      {{"--truth-stamps", "on"}, "--truth-stamps"},
      {{"--engine", "io_uring", "--truth", "f", "--truth-stamps", "on"}, "--truth-stamps"},
      {{"--engine", "io_uring", "--body", "sendfile"}, "io_uring"},
      {{"--scheduling", "fifo"}, "--scheduling"},
      {{"--engine", "thread", "--hot-path", "on"}, "--hot-path"},
      {{"--engine", "epoll", "--body", "writev", "--hot-path", "on"}, "--hot-path"}};
  for (const Case& c : cases) {
    const auto invocation = parse(c.arguments);
    ASSERT_FALSE(invocation.ok()) << c.arguments[0] << " " << c.arguments[1];
    EXPECT_EQ(invocation.error().code, ExitCode::usage);
    EXPECT_NE(invocation.error().message.find(c.named), std::string::npos) << invocation.error().message;
    EXPECT_EQ(invocation.error().message.find('\n'), std::string::npos) << invocation.error().message;
  }
}

// The field report's rungs: 2,940, 3,760 and 14,200 requests/s.
TEST(BottleneckSwitches, PresetsMakeTheLadder) {
  const auto rung = [](const char* name) {
    const auto invocation = parse({"--preset", name});
    EXPECT_TRUE(invocation.ok());
    return invocation->options;
  };
  const Options plateau = rung("plateau");
  const Options nocopy = rung("nocopy");
  const Options pooled = rung("pooled");
  EXPECT_EQ(plateau.hold_ns, 340'000u);
  EXPECT_GE(static_cast<double>(plateau.hold_ns), 1.28 * static_cast<double>(nocopy.hold_ns));
  EXPECT_GE(static_cast<double>(plateau.hold_ns), 4.8 * static_cast<double>(pooled.hold_ns));
  EXPECT_EQ(plateau.body, BodyMode::single);
  EXPECT_EQ(nocopy.body, BodyMode::writev);
  EXPECT_EQ(pooled.body, BodyMode::writev);
}

// What the labs begin with, as --list-switches spells it.
TEST(BottleneckSwitches, EachOtherLabHasAPreset) {
  const Options loop = parse({"--preset", "reuseport"})->options;
  EXPECT_EQ(loop.engine, EngineKind::reuseport);
  EXPECT_EQ(loop.bottleneck.loops, 1u);
  EXPECT_EQ(loop.sleep_ns, 100'000u);
  EXPECT_EQ(parse({"--preset", "reuseport", "--loops", "4"})->options.bottleneck.loops, 4u);

  const Options handshakes = parse({"--preset", "keepalive"})->options;
  EXPECT_EQ(handshakes.protocol.tls, TlsVersion::v1_2);
  EXPECT_FALSE(handshakes.protocol.tls_resumption);
  EXPECT_FALSE(handshakes.keep_alive);

  const Options paused = parse({"--preset", "pause"})->options;
  const Options asked = parse({"--preset", "fast", "--pause", "12.7ms/1.8s"})->options;
  EXPECT_EQ(paused.bottleneck.pause_ns, asked.bottleneck.pause_ns);
  EXPECT_EQ(paused.bottleneck.pause_every_ns, asked.bottleneck.pause_every_ns);
  EXPECT_EQ(paused.engine, asked.engine);

  const Options copies = parse({"--preset", "copy"})->options;
  EXPECT_EQ(copies.engine, EngineKind::epoll);
  EXPECT_EQ(copies.body, BodyMode::buffered);
  EXPECT_EQ(copies.size, 262'144u);

  EXPECT_EQ(parse({"--preset", "concurrency"})->options.engine, EngineKind::thread);
}

TEST(BottleneckSwitches, ThePresetsThatPlantNothingDifferInTheEngine) {
  const auto fast = parse({"--preset", "fast"});
  const auto ring = parse({"--preset", "fast-io_uring"});
  ASSERT_TRUE(fast.ok());
  ASSERT_TRUE(ring.ok());
  EXPECT_EQ(fast->options.engine, EngineKind::epoll);
  EXPECT_EQ(ring->options.engine, EngineKind::io_uring);
  for (const Options& options : {fast->options, ring->options}) {
    EXPECT_TRUE(hot_path_applies(options));
    EXPECT_EQ(options.bottleneck.scheduling, Scheduling::batch);
    EXPECT_EQ(options.bottleneck.congestion, "reno");
  }
  EXPECT_EQ(parse({})->options.bottleneck.scheduling, Scheduling::normal);
}

TEST(BottleneckSwitches, AnswersComeFromMemoryOnlyWhereNothingElseIsAsked) {
  const auto applies = [](std::vector<const char*> more) {
    more.insert(more.begin(), {"--preset", "fast"});
    const auto invocation = parse(more);
    EXPECT_TRUE(invocation.ok());
    return hot_path_applies(invocation->options);
  };
  EXPECT_TRUE(applies({}));
  EXPECT_TRUE(applies({"--engine", "reuseport", "--loops", "2"}));
  EXPECT_TRUE(applies({"--engine", "io_uring"}));
  EXPECT_TRUE(applies({"--truth", "f"}));
  const std::vector<std::vector<const char*>> others = {{"--truth", "f", "--truth-stamps", "on"},
                                                        {"--sleep", "1us"},
                                                        {"--spin", "1us"},
                                                        {"--section", "global", "--hold", "1us"},
                                                        {"--pause", "1ms/1s"},
                                                        {"--garbage", "1"},
                                                        {"--page-fault", "1"},
                                                        {"--copy", "1"},
                                                        {"--disk", "1"},
                                                        {"--downstream", "1"},
                                                        {"--keepalive", "off"},
                                                        {"--requests-per-connection", "3"},
                                                        {"--engine", "thread"},
                                                        {"--body", "buffered"},
                                                        {"--hot-path", "off"}};
  for (const auto& other : others) EXPECT_FALSE(applies(other)) << other[0];
}

}  // namespace
}  // namespace plateau::httpd
