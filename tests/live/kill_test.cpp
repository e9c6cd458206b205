// plateau killed at any moment: the target does not notice, and nothing of plateau's stays behind.
#include <poll.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "harness/bpf_objects.h"
#include "harness/folder.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

namespace fs = std::filesystem;

constexpr int kKills = 10;
constexpr int kLatestMs = 600;  // after the start: loading, attaching and running all lie within

// Names that tell their maker, where programs leave files and pinned objects.
std::vector<std::string> traces_of_plateau() {
  std::vector<std::string> traces;
  std::error_code error;
  for (const char* const folder : {"/tmp", "/var/tmp", "/dev/shm", "/run", "/sys/fs/bpf"}) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().filename().string().find("plateau") != std::string::npos)
        traces.push_back(entry.path());
    }
  }
  std::sort(traces.begin(), traces.end());
  return traces;
}

std::string list(const BpfObjects& objects) {
  std::string text;
  for (const auto& [kind, id] : objects) text += kind + " " + std::to_string(id) + ", ";
  return text;
}

class Killed : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Commands, Killed, testing::Values("requests", "explain", "attach"),
                         [](const auto& command) { return std::string(command.param); });

TEST_P(Killed, LeavesTheTargetServingAndTheKernelClean) {
  Server server = start_httpd({"--engine", "thread", "--section", "global", "--hold", "100us"});
  ASSERT_NE(server.port(), 0);
  Child load(load_command(server, {"--connections", "31", "--duration", "5m"}));
  const std::vector<std::string> traces = traces_of_plateau();
  Folder folder;
  std::vector<std::string> command = {PLATEAU, GetParam(), "--pid", server.pid_text()};
  if (command[1] == "attach")
    command.insert(command.end(), {"--listen", "127.0.0.1:" + std::to_string(free_port())});
  const auto seed = static_cast<unsigned>(getpid());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand random(seed);
  for (int kill = 0; kill < kKills; ++kill) {
    const BpfObjects before = bpf_objects();
    Child plateau(command, {.directory = folder.path()});
    const int moment_ms = std::uniform_int_distribution(0, kLatestMs)(random);
    plateau.wait_for([](const Output&) { return false; }, moment_ms);
    plateau.signal(SIGKILL);
    ASSERT_EQ(plateau.finish(10'000), 128 + SIGKILL) << plateau.err();
    // The kernel frees what was held after a grace period.
    EXPECT_TRUE(wait_until([&] { return orphans_since(before).empty(); }, 10'000))
        << "killed after " << moment_ms << " ms: " << list(orphans_since(before));
    EXPECT_TRUE(folder.names().empty()) << folder.names().front();
  }
  EXPECT_EQ(traces_of_plateau(), traces);
  load.signal(SIGINT);
  EXPECT_EQ(load.finish(20'000), 0) << load.out() << load.err();
  const auto json = nlohmann::json::parse(load.out(), nullptr, false);
  EXPECT_GT(json["answered"], 1000) << load.out();
  for (const auto& [kind, count] : json["errors"].items()) EXPECT_EQ(count, 0) << kind;
  EXPECT_EQ(server.stop(), 0);
}

// The check above can fail: a program that is held is found, and is not an orphan.
TEST_F(LiveTest, ObjectsOfARunningPlateauAreFoundAndHeld) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  const BpfObjects before = bpf_objects();
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  BpfObjects held;
  std::ranges::set_difference(held_bpf_objects(), before, std::inserter(held, held.end()));
  for (const char* const kind : {"prog", "map", "link"}) {
    EXPECT_TRUE(std::ranges::any_of(held, [&](const auto& object) { return object.first == kind; })) << kind;
  }
  EXPECT_EQ(capture.stop(SIGTERM), 0);
  EXPECT_TRUE(wait_until([&] { return orphans_since(before).empty(); }, 10'000))
      << list(orphans_since(before));
}

}  // namespace
}  // namespace plateau::live
