// An engine that the kernel does not allow: one clear line, and the exit status of a missing kernel feature.
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>

#include "process.h"

namespace plateau::e2e {
namespace {

// From here on `call` fails with `error`, in this process and what it runs.
void refuse(std::uint32_t call, std::uint32_t error) {
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  sock_fprog program{filter.size(), filter.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

struct Refusal {
  const char* name;
  void (*before_exec)();
  const char* said;
};

class HttpdRefusal : public testing::TestWithParam<Refusal> {};

INSTANTIATE_TEST_SUITE_P(
    Calls, HttpdRefusal,
    testing::Values(
        Refusal{"not_there", [] { refuse(__NR_io_uring_setup, ENOSYS); }, "Function not implemented"},
        Refusal{"not_allowed", [] { refuse(__NR_io_uring_setup, EPERM); }, "Operation not permitted"},
        Refusal{"no_buffer_ring", [] { refuse(__NR_io_uring_register, EINVAL); }, "Invalid argument"}),
    [](const auto& refusal) { return std::string(refusal.param.name); });

TEST_P(HttpdRefusal, OfIoUringIsOneLineAndStatus3) {
  Process process({PLATEAU_HTTPD, "--port", "0", "--engine", "io_uring"}, GetParam().before_exec);
  EXPECT_EQ(process.finish(10'000), 3) << process.err();
  EXPECT_EQ(process.out(), "");
  EXPECT_EQ(process.err().find('\n'), process.err().size() - 1) << process.err();
  for (const std::string part : {"plateau-httpd: ", "--engine io_uring", GetParam().said, "choose another"}) {
    EXPECT_NE(process.err().find(part), std::string::npos) << process.err();
  }
}

// The other engines do not need it.
TEST_P(HttpdRefusal, LeavesTheOtherEnginesAlone) {
  Process process({PLATEAU_HTTPD, "--port", "0", "--engine", "epoll"}, GetParam().before_exec);
  EXPECT_NE(process.wait_for_line("listening on ", 10'000), "") << process.err();
  process.signal(SIGTERM);
  EXPECT_EQ(process.finish(10'000), 0) << process.err();
}

}  // namespace
}  // namespace plateau::e2e
