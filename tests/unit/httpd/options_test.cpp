#include "httpd/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "httpd/presets.h"
#include "httpd/switches.h"

namespace plateau::httpd {
namespace {

Result<Invocation> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "plateau-httpd");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(HttpdOptions, HaveTheDocumentedDefaults) {
  const auto invocation = parse({});
  ASSERT_TRUE(invocation.ok());
  const Options& o = invocation->options;
  EXPECT_EQ(o.host, "127.0.0.1");
  EXPECT_EQ(o.port, 8080);
  EXPECT_EQ(o.backlog, 1024);
  EXPECT_EQ(o.size, 1024u);
  EXPECT_TRUE(o.keep_alive);
  EXPECT_EQ(o.section, SectionKind::none);
}

TEST(HttpdOptions, ReadEverySwitch) {
  const auto invocation = parse(
      {"--host",   "127.0.0.2", "--port", "0",         "--engine",    "epoll",  "--body",
       "buffered", "--size",    "9",      "--section", "global",      "--hold", "1ms",
       "--sleep",  "2ms",       "--spin", "3us",       "--keepalive", "off",    "--requests-per-connection",
       "4",        "--backlog", "5",      "--truth",   "t.jsonl"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const Options& o = invocation->options;
  EXPECT_EQ(o.host, "127.0.0.2");
  EXPECT_EQ(o.port, 0);
  EXPECT_EQ(o.engine, EngineKind::epoll);
  EXPECT_EQ(o.body, BodyMode::buffered);
  EXPECT_EQ(o.size, 9u);
  EXPECT_EQ(o.section, SectionKind::global);
  EXPECT_EQ(o.hold_ns, 1'000'000u);
  EXPECT_EQ(o.sleep_ns, 2'000'000u);
  EXPECT_EQ(o.spin_ns, 3'000u);
  EXPECT_FALSE(o.keep_alive);
  EXPECT_EQ(o.requests_per_connection, 4u);
  EXPECT_EQ(o.backlog, 5);
  EXPECT_EQ(o.truth, "t.jsonl");
}

TEST(HttpdOptions, ExplicitSwitchesOverrideAPresetWhereverTheyStand) {
  const auto plateau = parse({"--preset", "plateau"});
  ASSERT_TRUE(plateau.ok());
  EXPECT_EQ(plateau->options.engine, EngineKind::thread);
  EXPECT_EQ(plateau->options.section, SectionKind::global);
  EXPECT_EQ(plateau->options.hold_ns, 340'000u);
  const auto changed = parse({"--hold", "1ms", "--preset", "plateau", "--engine", "epoll"});
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->options.hold_ns, 1'000'000u);
  EXPECT_EQ(changed->options.engine, EngineKind::epoll);
  EXPECT_EQ(changed->options.section, SectionKind::global);
  EXPECT_TRUE(parse({"--preset", "plateau", "--section", "none"}).ok());
}

TEST(HttpdOptions, RefuseBadUsageInOneLineThatNamesTheSwitch) {
  struct Case {
    std::vector<const char*> arguments;
    std::string named;
  };
  const std::vector<Case> cases = {
      {{"--engine", "warp"}, "--engine"},
      {{"--port", "65536"}, "--port"},
      {{"--port", "x"}, "--port"},
      {{"--hold", "5"}, "--hold"},
      {{"--hold", "5ms"}, "--section"},
      {{"--section", "global"}, "--hold"},
      {{"--keepalive", "maybe"}, "--keepalive"},
      {{"--size", "67108865"}, "--size"},
      {{"--preset", "none"}, "--preset"},
      {{"--truth", ""}, "--truth"},
      {{"--max-head", "63"}, "--max-head"},
      {{"--max-body", "67108865"}, "--max-body"},
      {{"--head-timeout", "soon"}, "--head-timeout"},
      {{"--middleware", "on", "--trace", "off"}, "--middleware"},
      {{"--access-log", ""}, "--access-log"},
      {{"--tls", "1.1"}, "--tls"},
      {{"--tls-resumption", "off"}, "--tls-resumption"},
      {{"--cert", "c", "--key", "k"}, "--tls"},
      {{"--tls", "1.3", "--cert", "c"}, "--key"},
      {{"--tls", "1.3", "--body", "sendfile"}, "--body"},
      {{"--tls", "1.2", "--body", "zerocopy"}, "--tls"},
      {{"--tls", "1.3", "--engine", "io_uring"}, "--engine"},
      {{"--tls", "1.3", "--truth", "t", "--truth-stamps", "on"}, "--truth-stamps"},
      {{"--http2", "on", "--body", "writev"}, "--http2"},
      {{"--http2", "on", "--framing", "chunked"}, "--framing"},
      {{"--http2", "maybe"}, "--http2"},
      {{"--no-such-switch"}, "--no-such-switch"},
      {{"stray"}, "stray"},
      {{"--port"}, "--port"}};
  for (const Case& c : cases) {
    const auto invocation = parse(c.arguments);
    ASSERT_FALSE(invocation.ok()) << c.arguments[0];
    EXPECT_EQ(invocation.error().code, ExitCode::usage);
    EXPECT_NE(invocation.error().message.find(c.named), std::string::npos) << invocation.error().message;
    EXPECT_EQ(invocation.error().message.find('\n'), std::string::npos) << invocation.error().message;
  }
}

TEST(HttpdOptions, ListExplainsEverySwitchAndPreset) {
  const auto invocation = parse({"--list-switches"});
  ASSERT_TRUE(invocation.ok());
  ASSERT_TRUE(invocation->print_only);
  for (const Switch& row : switches()) {
    EXPECT_NE(invocation->text.find("--" + std::string(row.name) + " "), std::string::npos) << row.name;
    EXPECT_NE(invocation->text.find(row.meaning), std::string::npos) << row.name;
    EXPECT_NE(invocation->text.find(row.symptom), std::string::npos) << row.name;
  }
  for (const Preset& preset : presets()) {
    EXPECT_NE(invocation->text.find("--preset " + std::string(preset.name)), std::string::npos);
  }
}

// What the table says a switch's default is must be what leaving it out does.
TEST(HttpdOptions, TheTablesDefaultsAreTrue) {
  for (const Switch& row : switches()) {
    if (row.standard.empty()) continue;
    Options options;
    options.host = "changed";
    ASSERT_TRUE(row.apply(options, row.standard).ok()) << row.name;
    const Options standard;
    EXPECT_EQ(options.host, row.name == "host" ? standard.host : "changed");
    EXPECT_EQ(options.port, standard.port) << row.name;
    EXPECT_EQ(options.engine, standard.engine) << row.name;
    EXPECT_EQ(options.body, standard.body) << row.name;
    EXPECT_EQ(options.size, standard.size) << row.name;
    EXPECT_EQ(options.section, standard.section) << row.name;
    EXPECT_EQ(options.hold_ns, standard.hold_ns) << row.name;
    EXPECT_EQ(options.sleep_ns, standard.sleep_ns) << row.name;
    EXPECT_EQ(options.spin_ns, standard.spin_ns) << row.name;
    EXPECT_EQ(options.keep_alive, standard.keep_alive) << row.name;
    EXPECT_EQ(options.requests_per_connection, standard.requests_per_connection) << row.name;
    EXPECT_EQ(options.backlog, standard.backlog) << row.name;
    const BottleneckOptions& given = options.bottleneck;
    const BottleneckOptions& usual = standard.bottleneck;
    EXPECT_EQ(given.loops, usual.loops) << row.name;
    EXPECT_EQ(given.workers, usual.workers) << row.name;
    EXPECT_EQ(given.hot_path, usual.hot_path) << row.name;
    EXPECT_EQ(given.shards, usual.shards) << row.name;
    EXPECT_EQ(given.shard_choice, usual.shard_choice) << row.name;
    EXPECT_EQ(given.hold_kind, usual.hold_kind) << row.name;
    EXPECT_EQ(given.wait_kind, usual.wait_kind) << row.name;
    EXPECT_EQ(given.memory, usual.memory) << row.name;
    EXPECT_EQ(given.garbage, usual.garbage) << row.name;
    EXPECT_EQ(given.page_fault, usual.page_fault) << row.name;
    EXPECT_EQ(given.disk, usual.disk) << row.name;
    EXPECT_EQ(given.disk_dir, usual.disk_dir) << row.name;
    EXPECT_EQ(given.downstream, usual.downstream) << row.name;
    EXPECT_EQ(given.downstream_delay_ns, usual.downstream_delay_ns) << row.name;
    EXPECT_EQ(given.framing, usual.framing) << row.name;
    EXPECT_EQ(given.truth_stamps, usual.truth_stamps) << row.name;
  }
}

TEST(HttpdOptions, ReadTheProtocolsSwitches) {
  const auto invocation = parse({"--request-id",    "on", "--trace",         "on", "--access-log",      "-",
                                 "--static",        "d",  "--server-timing", "on", "--max-head",        "64",
                                 "--max-headers",   "7",  "--max-body",      "8",  "--head-timeout",    "1s",
                                 "--body-timeout",  "2s", "--idle-timeout",  "3s", "--max-connections", "4",
                                 "--drain-timeout", "6s"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const ProtocolOptions& p = invocation->options.protocol;
  EXPECT_TRUE(p.request_id && p.trace && p.server_timing);
  EXPECT_EQ(p.access_log, "-");
  EXPECT_EQ(p.static_dir, "d");
  EXPECT_EQ(p.max_head, 64u);
  EXPECT_EQ(p.max_headers, 7u);
  EXPECT_EQ(p.max_body, 8u);
  EXPECT_EQ(p.head_timeout_ns, 1'000'000'000u);
  EXPECT_EQ(p.body_timeout_ns, 2'000'000'000u);
  EXPECT_EQ(p.idle_timeout_ns, 3'000'000'000u);
  EXPECT_EQ(p.max_connections, 4u);
  EXPECT_EQ(p.drain_timeout_ns, 6'000'000'000u);
}

TEST(HttpdOptions, ReadTlsAndHttp2) {
  const auto invocation = parse({"--tls", "1.2", "--tls-resumption", "off", "--cert", "c", "--key", "k",
                                 "--http2", "on", "--engine", "epoll"});
  ASSERT_TRUE(invocation.ok()) << invocation.error().message;
  const ProtocolOptions& p = invocation->options.protocol;
  EXPECT_EQ(p.tls, TlsVersion::v1_2);
  EXPECT_FALSE(p.tls_resumption);
  EXPECT_EQ(p.cert, "c");
  EXPECT_EQ(p.key, "k");
  EXPECT_TRUE(p.http2);
}

TEST(HttpdOptions, TheProtocolsDefaultsAreTrue) {
  const ProtocolOptions standard;
  for (const Switch& row : switches()) {
    if (row.standard.empty()) continue;
    Options options;
    ASSERT_TRUE(row.apply(options, row.standard).ok()) << row.name;
    EXPECT_TRUE(options.protocol == standard) << row.name;
  }
}

TEST(HttpdOptions, HelpHasAnExample) {
  const auto invocation = parse({"--help"});
  ASSERT_TRUE(invocation.ok());
  EXPECT_TRUE(invocation->print_only);
  EXPECT_NE(invocation->text.find("Example: plateau-httpd"), std::string::npos);
}

}  // namespace
}  // namespace plateau::httpd
