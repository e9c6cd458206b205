// Plateau with the capabilities that it says it needs, and no other; and what it keeps of them.
#include <linux/capability.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

constexpr std::size_t kRequests = 997;
constexpr const char* kNobody = "65534";

// As an ordinary user with these capabilities alone: "+bpf,+perfmon".
std::vector<std::string> as_user_with(const std::string& capabilities) {
  const std::string set = "-all" + (capabilities.empty() ? "" : "," + capabilities);
  return {"/usr/bin/setpriv", "--reuid",    kNobody, "--regid",        kNobody,
          "--clear-groups",   "--inh-caps", set,     "--ambient-caps", set,
          "--bounding-set",   set,          PLATEAU};
}

std::vector<std::string> operator+(std::vector<std::string> front, const std::vector<std::string>& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

// In effect for any thread of the process.
std::uint64_t capabilities_of(pid_t pid) {
  std::uint64_t all = 0;
  std::error_code ignored;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", ignored)) {
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("CapEff:") || line.starts_with("CapPrm:"))
        all |= std::stoull(line.substr(7), nullptr, 16);
  }
  return all;
}

constexpr std::uint64_t bit(unsigned capability) {
  return std::uint64_t{1} << capability;
}

using Privilege = LiveTest;

TEST_F(Privilege, TwoCapabilitiesAreEnoughToSeeEveryRequest) {
  Server server = start_httpd({"--engine", "epoll"});
  ASSERT_NE(server.port(), 0);
  Child plateau(as_user_with("+bpf,+perfmon") + requests_of(server.pid()));
  ASSERT_NE(plateau.wait_for_line("plateau: ready", 10'000), "") << plateau.err();
  ASSERT_EQ(run_load(server, {"--connections", "7", "--requests", std::to_string(kRequests)}), kRequests);
  plateau.wait_for([](const Output& output) { return output.out_lines >= kRequests; }, 5'000);
  plateau.signal(SIGINT);
  EXPECT_EQ(plateau.finish(10'000), 0) << plateau.err();
  const auto seen = parse_requests(plateau.out());
  ASSERT_EQ(seen.size(), kRequests) << plateau.err();
  for (const auto& request : seen) ASSERT_EQ(request.framing, "exact");
}

TEST_F(Privilege, TheOneThatIsMissingIsNamed) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  for (const auto& [held, missing] : {std::pair{"+perfmon", "CAP_BPF"}, std::pair{"+bpf", "CAP_PERFMON"}}) {
    Child plateau(as_user_with(held) + requests_of(server.pid()));
    EXPECT_EQ(plateau.finish(10'000), 3);
    EXPECT_EQ(plateau.err(), "plateau: no privilege to load BPF programs: " + std::string(missing) +
                                 " missing; run as root, or with " + missing + "\n");
  }
}

TEST_F(Privilege, DoctorSaysWhichAreHeldAndWhatIsLostWithoutTheOthers) {
  Child doctor(as_user_with("+bpf,+perfmon,+syslog") +
               std::vector<std::string>{"doctor", "--format", "json"});
  EXPECT_EQ(doctor.finish(10'000), 0) << doctor.err();
  const auto json = nlohmann::json::parse(doctor.out());
  std::size_t held = 0;
  for (const auto& privilege : json["privileges"]) {
    held += privilege["held"].get<bool>();
    EXPECT_EQ(privilege["held"], privilege["lost"].get<std::string>().empty()) << privilege;
  }
  EXPECT_EQ(held, 3u) << json["privileges"];
  EXPECT_EQ(json["privileged"], true);
}

class Kept : public LiveTestWith<const char*> {};

INSTANTIATE_TEST_SUITE_P(Commands, Kept, testing::Values("requests", "explain", "record", "attach"),
                         [](const auto& command) { return std::string(command.param); });

TEST_P(Kept, OnlyWhatLooksIntoTheTargetOnceTheCostIsMeasured) {
  Server server = start_httpd({"--engine", "epoll"});
  ASSERT_NE(server.port(), 0);
  Child load(load_command(server, {"--connections", "7", "--rate", "1000", "--duration", "1m"}));
  Folder folder;
  std::vector<std::string> command = {GetParam(), "--pid", server.pid_text()};
  if (command[0] == "record") command.insert(command.end(), {"-o", folder.file("x")});
  if (command[0] == "attach")
    command.insert(command.end(), {"--listen", "127.0.0.1:" + std::to_string(free_port())});
  Capture capture(command);
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const pid_t pid = capture.child().pid();
  const std::uint64_t allowed = bit(CAP_SYS_PTRACE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_NET_BIND_SERVICE);
  EXPECT_TRUE(wait_until([&] { return (capabilities_of(pid) & ~allowed) == 0; }, 10'000))
      << std::hex << capabilities_of(pid);
  EXPECT_NE(capabilities_of(pid) & bit(CAP_SYS_PTRACE), 0u);
  EXPECT_EQ(capture.stop(SIGINT), 0) << capture.child().err();
}

// The measurement of cost takes CAP_SYS_ADMIN, and waits for requests.
TEST_F(Privilege, NothingElseIsKeptEvenWhileThereAreNoRequests) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  const pid_t pid = capture.child().pid();
  const std::uint64_t allowed = bit(CAP_SYS_PTRACE) | bit(CAP_DAC_READ_SEARCH) | bit(CAP_SYS_ADMIN);
  EXPECT_TRUE(wait_until([&] { return (capabilities_of(pid) & ~allowed) == 0; }, 10'000))
      << std::hex << capabilities_of(pid);
  EXPECT_EQ(capture.stop(SIGINT), 0);
}

}  // namespace
}  // namespace plateau::live
