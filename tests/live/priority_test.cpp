// The ring has to be emptied in time however many threads of the target want a CPU.
#include <sys/resource.h>

#include <csignal>

#include "harness/live_test.h"
#include "harness/server_kind.h"

namespace plateau::live {
namespace {

using Priority = LiveTest;

TEST_F(Priority, TheAgentGoesBeforeTheTargetOnceItIsAttached) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  const int before = getpriority(PRIO_PROCESS, static_cast<id_t>(server.pid()));
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(capture.child().pid())), -20);
  EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(server.pid())), before);
  EXPECT_EQ(capture.stop(SIGINT), 0);
}

}  // namespace
}  // namespace plateau::live
