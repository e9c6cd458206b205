// What plateau says that it can see on this kernel, and that the kernel takes what it chooses.
#include <sys/utsname.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "harness/capture.h"
#include "harness/server.h"
#include "vm_test.h"

namespace plateau::vm {
namespace {

// There nothing can be seen, which is not Plateau's to mend.
bool is_confidential() {
  std::ifstream in("/sys/kernel/security/lockdown");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.find("[confidentiality]") != std::string::npos;
}

// Likewise: tools/kernel-matrix says of which kernels it is known (tools/matrix/machine.sh).
bool shows_no_requests() {
  return std::getenv("PLATEAU_NO_REQUESTS") != nullptr;
}

// Whoever asks for requests all the same is told what doctor says; of a program that the kernel refuses, the
// kernel's reason.
void expect_refusal(const std::string& problem) {
  live::Server server = live::start_httpd({});
  ASSERT_NE(server.port(), 0);
  for (const char* command : {"requests", "explain"}) {
    const live::Ended ended = live::run_plateau({command, "--pid", server.pid_text(), "--duration", "1s"});
    EXPECT_EQ(ended.status, 3);
    EXPECT_EQ(ended.out, "");
    if (is_confidential()) {
      const std::string reason = "it is locked down for confidentiality";
      EXPECT_NE(problem.find(reason), std::string::npos) << problem;
      EXPECT_NE(ended.err.find(reason), std::string::npos) << ended.err;
    } else {
      EXPECT_EQ(ended.err, "plateau: " + problem + "\n");
    }
  }
}

TEST(Doctor, SaysForEverySignalWhatIsChosenOrWhyNot) {
  utsname name{};
  ASSERT_EQ(uname(&name), 0);
  const Plan& plan = plan_of_this_kernel();
  EXPECT_EQ(plan.kernel, name.release);
  EXPECT_GE(plan.signals.size(), 10u);
  bool ready = true;
  for (const SignalPlan& signal : plan.signals) {
    EXPECT_NE(signal.provider, "") << signal.name;
    if (signal.provider != "none") continue;
    EXPECT_NE(signal.reason, "") << signal.name;
    EXPECT_NE(signal.lost, "") << signal.name;
    if (signal.required) ready = false;
  }
  EXPECT_EQ(plan.ready, ready);
  EXPECT_EQ(plan.problem.empty(), ready) << plan.problem;
  EXPECT_EQ(ready, !is_confidential() && !shows_no_requests())
      << "all other tests are skipped: " << plan.problem;
  if (!ready) expect_refusal(plan.problem);
}

using Programs = VmTest;

TEST_F(Programs, AreAllTakenByTheKernel) {
  live::Server server = live::start_httpd({});
  ASSERT_NE(server.port(), 0);
  live::Capture capture({"requests", "--pid", server.pid_text(), "--detail", "high"});
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  EXPECT_EQ(capture.stop(SIGINT), 0);
  std::string expected;
  for (const SignalPlan& signal : plan_of_this_kernel().signals)
    if (signal.provider == "none")
      expected += "plateau: no '" + signal.name + "': " + signal.reason + "; " + signal.lost + "\n";
  EXPECT_EQ(capture.child().err(), expected + "plateau: ready\n");
}

}  // namespace
}  // namespace plateau::vm
