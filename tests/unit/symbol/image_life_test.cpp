// What happens to a process while its image is in use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "symbol/process_image.h"
#include "victim_process.h"

namespace plateau::symbol::test {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;

constexpr std::uint64_t kNever = ~std::uint64_t{0};

auto named(const char* name) {
  return Contains(Field("name", &Frame::name, name));
}

std::vector<Frame> frames_of(ProcessImage& image, const Snapshot& snapshot) {
  return image.symbolize(image.unwind(snapshot.registers, snapshot.slice()));
}

TEST(ImageLife, NoSuchProcessIsNoTarget) {
  VictimProcess victim(victim_path("symbol_victim"));
  const auto pid = victim.pid();
  victim.kill();
  for (const pid_t absent : {pid, pid_t{0}, pid_t{-5}}) {
    const auto image = ProcessImage::open(absent);
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ExitCode::no_target);
  }
}

// The exit code open() fails with, as another user, for a process of this one; above 99 if it does not.
int code_for_a_stranger(pid_t pid) {
  const pid_t child = fork();
  if (child == 0) {
    if (setuid(65534) != 0) _exit(100);
    const auto image = ProcessImage::open(pid);
    _exit(image ? 101 : static_cast<int>(image.error().code));
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ImageLife, AStrangersProcessIsAMatterOfPrivilege) {
  if (geteuid() != 0) GTEST_SKIP() << "becoming another user needs root";
  VictimProcess victim(victim_path("symbol_victim"));
  ASSERT_TRUE(victim.run());
  EXPECT_EQ(code_for_a_stranger(victim.pid()), static_cast<int>(ExitCode::unsupported));
}

TEST(ImageLife, OutlivesTheProcess) {
  VictimProcess victim(victim_path("symbol_victim"));
  ASSERT_TRUE(victim.run());
  auto image = ProcessImage::open(victim.pid(), {.reload_interval_ns = 0});
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(image && holder);
  victim.kill();
  EXPECT_FALSE(image->refresh());
  EXPECT_THAT(frames_of(*image, *holder), named("bank::audit(int)"));
  EXPECT_FALSE(image->symbolize(0x10).named);
  EXPECT_EQ(image->stats().failed_loads, 2u);
}

TEST(ImageLife, ReadsAProgramWhoseFileIsDeleted) {
  const Scratch scratch;
  const auto program = scratch.path() / "victim";
  std::filesystem::copy_file(victim_path("symbol_victim"), program);
  VictimProcess victim(program);
  ASSERT_TRUE(victim.run());
  std::filesystem::remove(program);
  auto image = ProcessImage::open(victim.pid());
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(image && holder);
  const auto frames = frames_of(*image, *holder);
  EXPECT_THAT(frames, named("bank::settle(int)"));
  EXPECT_THAT(frames, Contains(Field("module", &Frame::module, program.string())));
}

TEST(ImageLife, ReadsTheMapsAgainForAnUnknownAddress) {
  VictimProcess victim(victim_path("symbol_victim"));
  auto eager = ProcessImage::open(victim.pid(), {.reload_interval_ns = 0});
  auto patient = ProcessImage::open(victim.pid(), {.reload_interval_ns = kNever});
  ASSERT_TRUE(eager && patient);
  ASSERT_TRUE(victim.run());  // the child becomes another program
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(holder);

  EXPECT_THAT(frames_of(*eager, *holder), named("bank::settle(int)"));
  EXPECT_EQ(eager->stats().loads, 2u);

  const auto stack = patient->unwind(holder->registers, holder->slice());
  EXPECT_EQ(stack.end, UnwindEnd::no_module);
  EXPECT_THAT(patient->symbolize(holder->registers.ip).name, HasSubstr("[unknown]+0x"));
  EXPECT_EQ(patient->stats().loads, 1u);
  EXPECT_GE(patient->stats().postponed_loads, 2u);
  ASSERT_TRUE(patient->refresh());
  EXPECT_THAT(frames_of(*patient, *holder), named("bank::settle(int)"));
}

TEST(ImageLife, DoesNotReadAFileThatWasCutShortUnderIt) {
  const Scratch scratch;
  const auto program = scratch.path() / "victim";
  std::filesystem::copy_file(victim_path("symbol_victim"), program);
  VictimProcess victim(program);
  ASSERT_TRUE(victim.run());
  auto image = ProcessImage::open(victim.pid(), {.reload_interval_ns = kNever});
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(image && holder);
  victim.kill();  // a running program cannot be written to
  ASSERT_EQ(truncate(program.c_str(), 100), 0);
  EXPECT_TRUE(image->unwind(holder->registers, holder->slice()).ips.empty());
  EXPECT_FALSE(image->symbolize(holder->registers.ip).named);
}

TEST(ImageLife, ReadsAProgramUnderAnotherRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "chroot needs root";
  const Scratch scratch;
  std::filesystem::copy_file(victim_path("symbol_victim_static"), scratch.path() / "victim");
  VictimProcess victim("/victim", scratch.path());
  ASSERT_TRUE(victim.run());
  auto image = ProcessImage::open(victim.pid());
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(image && holder);
  EXPECT_THAT(frames_of(*image, *holder), named("bank::settle(int)"));
}

// A socket on loopback that nobody must connect to.
class UnusedServer {
 public:
  UnusedServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ready_ = bind(socket_.get(), generic, size) == 0 && listen(socket_.get(), 8) == 0 &&
             getsockname(socket_.get(), generic, &size) == 0;
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  bool ready() const { return ready_; }
  const std::string& url() const { return url_; }
  bool contacted() const {
    pollfd waiting{socket_.get(), POLLIN, 0};
    return poll(&waiting, 1, 0) != 0;
  }

 private:
  Fd socket_;
  bool ready_ = false;
  std::string url_;
};

TEST(ImageLife, AsksNoDebugInfoServer) {
  const UnusedServer server;
  ASSERT_TRUE(server.ready());
  setenv("DEBUGINFOD_URLS", server.url().c_str(), 1);
  VictimProcess victim(victim_path("stripped/victim"));
  ASSERT_TRUE(victim.run());
  auto image = ProcessImage::open(victim.pid());
  const auto holder = victim.snapshot(victim.holder());
  ASSERT_TRUE(image && holder);
  EXPECT_GE(frames_of(*image, *holder).size(), 4u);
  unsetenv("DEBUGINFOD_URLS");
  EXPECT_FALSE(server.contacted());
}

}  // namespace
}  // namespace plateau::symbol::test
