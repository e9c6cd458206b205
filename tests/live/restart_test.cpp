// plateau attach for as long as a machine runs: before its target comes, over the target's restart, and when
// its own configuration changes.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "base/fd.h"
#include "harness/folder.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/scrape.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr int kPatienceMs = 20'000;
const char* const kRequests = "http_server_request_duration_seconds_count";

class Restart : public LiveTest {
 protected:
  void SetUp() override {
    LiveTest::SetUp();
    if (!IsSkipped() && !missing_curl().empty()) GTEST_SKIP() << missing_curl();
  }

  Server start_server() const { return start_httpd({"--preset", "fast", "--port", std::to_string(port_)}); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(metrics_) + "/metrics"; }
  std::vector<std::string> attach(const std::vector<std::string>& more) const {
    std::vector<std::string> words{
        PLATEAU,      "attach", "--port",   std::to_string(port_),
        "--max-cost", "off",    "--listen", "127.0.0.1:" + std::to_string(metrics_)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::map<std::string, double> scrape() const { return samples_of(fetch(url())); }
  // The page once it tells of so many requests, or the last one: a client may have its answer before the
  // thread that sent it is done with it.
  std::map<std::string, double> scrape_of(double requests) const {
    std::map<std::string, double> samples;
    wait_until(
        [&] {
          samples = scrape();
          return sum_of(samples, kRequests) >= requests;
        },
        kPatienceMs);
    return samples;
  }

  std::uint16_t port_ = free_port();
  std::uint16_t metrics_ = free_port();
};

// A counter, by its name; buckets of a histogram rise too.
bool counts(const std::string& sample) {
  const std::string name = sample.substr(0, sample.find('{'));
  return name.ends_with("_total") || name.ends_with("_count") || name.ends_with("_sum") ||
         name.ends_with("_bucket");
}

// By way they are the stages' time, to the last nanosecond.
void expect_copies_add_up(const std::map<std::string, double>& samples) {
  double stages = 0;
  for (const auto& [sample, value] : samples)
    if (sample.starts_with("plateau_request_stage_seconds_total{stage=\"copy_")) stages += value;
  EXPECT_GT(stages, 0);
  EXPECT_NEAR(sum_of(samples, "plateau_copy_seconds_total"), stages, 1e-10);
}

TEST_F(Restart, FindsTheTargetAgainAndGoesOnCounting) {
  Child plateau(attach({"--wait", "--detail", "high"}));
  ASSERT_FALSE(plateau.wait_for_line("waiting for the target", kPatienceMs).empty()) << plateau.err();
  std::map<std::string, double> before;
  {
    Server first = start_server();
    ASSERT_EQ(first.port(), port_);
    ASSERT_FALSE(plateau.wait_for_line("plateau: ready", 60'000).empty()) << plateau.err();
    ASSERT_EQ(run_load(first, {"--requests", "211", "--connections", "3"}), 211u);
    before = scrape_of(211);
    EXPECT_EQ(sum_of(before, kRequests), 211);
    EXPECT_EQ(sum_of(before, "plateau_target_up"), 1);
    EXPECT_EQ(first.stop(), 0);
  }
  EXPECT_FALSE(plateau.wait_for_line("a process of the target has exited", kPatienceMs).empty())
      << plateau.err();
  EXPECT_EQ(sum_of(scrape(), "plateau_target_up"), 0);
  Server second = start_server();
  ASSERT_EQ(second.port(), port_);
  ASSERT_FALSE(plateau.wait_for_line("following the target again", kPatienceMs).empty()) << plateau.err();
  ASSERT_EQ(run_load(second, {"--requests", "307", "--connections", "3"}), 307u);
  const auto after = scrape_of(211 + 307);
  EXPECT_EQ(sum_of(after, kRequests), 211 + 307);
  EXPECT_EQ(sum_of(after, "plateau_target_up"), 1);
  EXPECT_EQ(after.count("plateau_target_up{pid=\"" + second.pid_text() + "\"}"), 1u);
  std::size_t counters = 0;
  for (const auto& [sample, value] : before) {
    if (!counts(sample)) continue;
    counters++;
    // A lock gives its place up to others, and is another series once its holder is known.
    if (sample.starts_with("plateau_lock_") && !after.contains(sample)) continue;
    ASSERT_TRUE(after.contains(sample)) << sample;
    EXPECT_GE(after.at(sample), value) << sample;
  }
  EXPECT_GT(counters, 60u);
  expect_copies_add_up(after);
  plateau.signal(SIGTERM);
  EXPECT_EQ(plateau.finish(kPatienceMs), 0) << plateau.err();
}

// Mappings of the target's program: what its lock holders are named from.
std::size_t programs_held(const Child& plateau) {
  const std::string maps = read_file("/proc/" + std::to_string(plateau.pid()) + "/maps");
  std::size_t held = 0;
  for (std::size_t at = 0; (at = maps.find("/plateau-httpd\n", at)) != std::string::npos; at++) held++;
  return held;
}

TEST_F(Restart, LetsGoOfTheProgramsOfThoseThatEnded) {
  Child plateau(attach({"--wait"}));
  ASSERT_FALSE(plateau.wait_for_line("waiting for the target", kPatienceMs).empty()) << plateau.err();
  std::size_t held_at_first = 0;
  for (int life = 0; life < 3; life++) {
    Server server = start_httpd({"--section", "global", "--hold", "200us", "--port", std::to_string(port_)});
    ASSERT_EQ(server.port(), port_);
    ASSERT_FALSE(
        plateau.wait_for_line(life ? "following the target again" : "plateau: ready", 60'000).empty())
        << plateau.err();
    const std::string holder = "pid=\"" + server.pid_text() + "\"";
    const auto named = [&] {
      run_load(server, {"--requests", "211", "--connections", "7"});
      const std::string page = fetch(url());
      const std::size_t lock = page.find("holder=\"plateau::httpd::hold_section");
      return lock != std::string::npos && page.find(holder) != std::string::npos &&
             programs_held(plateau) > 0;
    };
    ASSERT_TRUE(wait_until(named, kPatienceMs)) << fetch(url());
    if (life == 0) held_at_first = programs_held(plateau);
    EXPECT_EQ(programs_held(plateau), held_at_first) << "in life " << life + 1;
    EXPECT_EQ(server.stop(), 0);
  }
  plateau.signal(SIGTERM);
  EXPECT_EQ(plateau.finish(kPatienceMs), 0) << plateau.err();
}

TEST_F(Restart, ReadsItsPasswordsAgain) {
  const Folder folder;
  const std::string file = folder.file("web.yml");
  write_file(file, "");
  const Server server = start_server();
  ASSERT_EQ(server.port(), port_);
  Child plateau(attach({"--web-config", file}));
  ASSERT_FALSE(plateau.wait_for_line("plateau: ready", 60'000).empty()) << plateau.err();
  EXPECT_EQ(sum_of(scrape(), "plateau_target_up"), 1);
  // The password of "anna" is "secret".
  write_file(file,
             "basic_auth_users:\n  anna: $2y$04$C0y9hJ8rAU/Tx0v/vtdu8e0F/U0ij8zqsYjdTIkaWY09Bt5DPCljy\n");
  plateau.signal(SIGHUP);
  ASSERT_FALSE(plateau.wait_for_line("read '" + file + "' again", kPatienceMs).empty()) << plateau.err();
  EXPECT_EQ(sum_of(scrape(), "plateau_target_up"), -1);
  EXPECT_EQ(sum_of(samples_of(fetch(url(), {"--user", "anna:secret"})), "plateau_target_up"), 1);
  write_file(file, "basic_auth_users: [\n");
  plateau.signal(SIGHUP);
  EXPECT_FALSE(plateau.wait_for_line("serving as before", kPatienceMs).empty()) << plateau.err();
  EXPECT_EQ(sum_of(samples_of(fetch(url(), {"--user", "anna:secret"})), "plateau_target_up"), 1);
  plateau.signal(SIGTERM);
  EXPECT_EQ(plateau.finish(kPatienceMs), 0) << plateau.err();
}

TEST_F(Restart, TellsTheServiceManager) {
  const Folder folder;
  const std::string path = folder.file("notify");
  const Fd manager(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  ASSERT_EQ(bind(manager.get(), static_cast<const sockaddr*>(static_cast<const void*>(&name)), sizeof(name)),
            0);
  std::string told;
  const auto tells = [&](const std::string& text) {
    return wait_until(
        [&] {
          char buffer[512];
          const ssize_t size = recv(manager.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
          if (size > 0) told += std::string(buffer, static_cast<std::size_t>(size)) + "\n";
          return told.find(text) != std::string::npos;
        },
        kPatienceMs);
  };
  const Server server = start_server();
  ASSERT_EQ(server.port(), port_);
  auto words = attach({});
  words.insert(words.begin(), {"/usr/bin/env", "NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=200000"});
  Child plateau(words);
  EXPECT_TRUE(tells("READY=1\nSTATUS=following plateau-httpd")) << told << plateau.err();
  EXPECT_TRUE(tells("WATCHDOG=1\nWATCHDOG=1")) << told;
  plateau.signal(SIGTERM);
  EXPECT_TRUE(tells("STOPPING=1")) << told;
  EXPECT_EQ(plateau.finish(kPatienceMs), 0) << plateau.err();
}

}  // namespace
}  // namespace plateau::live
