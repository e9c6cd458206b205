// The downstream's helper process ends with its server, however the server ends.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "raw_client.h"
#include "server.h"

namespace plateau::e2e {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kEndNs = 10'000'000'000;

// As in "pipe:[1234]".
std::set<std::string> pipes_of(const fs::path& process) {
  std::set<std::string> pipes;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(process / "fd", none)) {
    const std::string target = fs::read_symlink(entry.path(), none);
    if (target.starts_with("pipe:")) pipes.insert(target);
  }
  return pipes;
}

// The helpers that share a pipe with `server`, other than what all inherit from this process. A helper is no
// child of the server, so nothing else ties it to it.
std::vector<pid_t> helpers_of(pid_t server) {
  const fs::path proc = "/proc";
  std::set<std::string> pipes = pipes_of(proc / std::to_string(server));
  for (const std::string& inherited : pipes_of(proc / "self")) pipes.erase(inherited);
  std::vector<pid_t> helpers;
  for (const auto& entry : fs::directory_iterator(proc)) {
    std::ifstream command(entry.path() / "cmdline");
    std::string program;
    std::getline(command, program, '\0');
    if (program != "plateau-downstream") continue;
    for (const std::string& pipe : pipes_of(entry.path())) {
      if (!pipes.contains(pipe)) continue;
      helpers.push_back(std::stoi(entry.path().filename()));
      break;
    }
  }
  return helpers;
}

bool ends(pid_t process) {
  const std::uint64_t deadline = monotonic_ns() + kEndNs;
  while (fs::exists("/proc/" + std::to_string(process))) {
    if (monotonic_ns() >= deadline) return false;
    ::poll(nullptr, 0, 5);
  }
  return true;
}

class HttpdHelper : public testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Signals, HttpdHelper, testing::Values(SIGTERM, SIGINT, SIGKILL),
                         [](const auto& signal) { return std::string(sigabbrev_np(signal.param)); });

TEST_P(HttpdHelper, EndsWithItsServer) {
  Server server({"--engine", "thread", "--downstream", "3", "--downstream-delay", "1ms"});
  RawClient client(server.port());
  ASSERT_TRUE(client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  ASSERT_TRUE(client.read_to_end().starts_with("HTTP/1.1 200 "));
  const std::vector<pid_t> helpers = helpers_of(server.pid());
  ASSERT_EQ(helpers.size(), 1u);
  server.signal(GetParam());
  EXPECT_EQ(server.wait(), GetParam() == SIGKILL ? 128 + SIGKILL : 0);
  EXPECT_TRUE(ends(helpers[0]));
}

}  // namespace
}  // namespace plateau::e2e
