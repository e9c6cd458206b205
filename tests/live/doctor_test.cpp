// plateau doctor with a target, named as for any other command.
#include <nlohmann/json.hpp>
#include <string>

#include "harness/live_test.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

using Doctor = LiveTest;

TEST_F(Doctor, LooksAtTheServerThatIsMeant) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  const std::string port = std::to_string(server.port());
  const Ended by_port = run_plateau({"doctor", "--port", port});
  const Ended by_pid = run_plateau({"doctor", "--pid", server.pid_text()});
  EXPECT_EQ(by_port.status, 0) << by_port.err;
  EXPECT_NE(by_port.out.find("(PID " + server.pid_text() + ")"), std::string::npos) << by_port.out;
  EXPECT_EQ(by_port.out, by_pid.out);
  EXPECT_EQ(by_port.err, "");
}

TEST_F(Doctor, SaysWhichOfSeveralServersItLooksAt) {
  Server one = start_httpd({});
  Server other = start_httpd({});
  ASSERT_NE(one.port(), 0);
  ASSERT_NE(other.port(), 0);
  const Ended both =
      run_plateau({"doctor", "--pid", one.pid_text(), "--pid", other.pid_text(), "--format", "json"});
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_EQ(both.err,
            "plateau: several servers are meant: looking at process " + one.pid_text() + " alone\n");
  EXPECT_EQ(nlohmann::json::parse(both.out)["target"]["pid"], one.pid());
}

}  // namespace
}  // namespace plateau::live
