// What plateau says when it cannot do what it is asked: one line, and a status that scripts can rely on.
#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "harness/folder.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

constexpr uid_t kNobody = 65534;

// One line that begins with the program's name and holds `about`; nothing on standard output.
void expect_error(const Ended& ended, int status, const std::string& about) {
  EXPECT_EQ(ended.status, status) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
  EXPECT_TRUE(ended.err.starts_with("plateau: ")) << ended.err;
  EXPECT_NE(ended.err.find(about), std::string::npos) << ended.err;
}

using Errors = LiveTest;

TEST_F(Errors, AProcessThatDoesNotExistIsNoTarget) {
  Child child({"/bin/true"});
  const std::string pid = std::to_string(child.pid());
  ASSERT_EQ(child.finish(5'000), 0);
  for (const char* const command : {"requests", "explain"}) {
    expect_error(run_plateau({command, "--pid", pid}), 4, "no process " + pid);
  }
  expect_error(run_plateau({"doctor", "--pid", pid}), 4, "no process " + pid);
  Folder folder;
  expect_error(run_plateau({"record", "--pid", pid, "-o", folder.file("x")}), 4, "no process " + pid);
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(Errors, APortThatNobodyListensOnIsNoTarget) {
  const std::string port = std::to_string(free_port());
  expect_error(run_plateau({"requests", "--port", port}), 4, "port " + port);
  expect_error(run_plateau({"doctor", "--port", port}), 4, "port " + port);
}

TEST_F(Errors, ANameThatNoProcessHasIsNoTarget) {
  expect_error(run_plateau({"requests", "--comm", "nobody-is-this"}), 4, "nobody-is-this");
}

TEST_F(Errors, WrongUsageIsToldInOneLine) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"requests"},
      {"requests", "--pid", "1", "--port", "80"},
      {"requests", "--pid", "1", "--from", "x"},
      {"requests", "--pid", "1", "--duration", "soon"},
      {"requests", "--pid", "1", "--duration", "-1s"},
      {"requests", "--pid", "1", "--format", "xml"},
      {"requests", "--pid", "1", "--count", "0"},
      {"requests", "--pid", "1", "--count", "many"},
      {"requests", "--pid", "0"},
      {"requests", "--port", "65536"},
      {"explain", "--pid", "1", "--slower-than", "1s"},
      {"record", "--pid", "1"},
      {"frobnicate"},
  };
  for (const auto& arguments : wrong) {
    std::string text;
    for (const std::string& argument : arguments) text += " " + argument;
    SCOPED_TRACE("plateau" + text);
    expect_error(run_plateau(arguments), 2, "");
  }
}

TEST_F(Errors, AWordThatIsNotAmongTheChoicesIsToldWithThem) {
  expect_error(run_plateau({"requests", "--pid", "1", "--format", "xml"}), 2,
               "--format: 'xml' is not one of text|json");
  expect_error(run_plateau({"requests", "--pid", "1", "--detail", "Low"}), 2,
               "--detail: 'Low' is not one of low|default|high");
  const Ended help = run_plateau({"requests", "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("--detail low|default|high  "), std::string::npos) << help.out;
}

TEST_F(Errors, AUserWithoutPrivilegesIsToldWhatToDo) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  const ChildOptions nobody{.user = kNobody};
  expect_error(run_plateau({"requests", "--pid", server.pid_text()}, nobody), 3, "root");
  expect_error(run_plateau({"explain", "--pid", server.pid_text()}, nobody), 3, "root");
}

TEST_F(Errors, ATargetThatExitsEndsTheCaptureWithWhatItHas) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  ASSERT_EQ(run_load(server, {"--connections", "7", "--requests", "101"}), 101u);
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(capture.finish(), 0);
  EXPECT_EQ(capture.requests().size(), 101u);
  EXPECT_NE(capture.child().err().find("the target has exited"), std::string::npos) << capture.child().err();
}

TEST_F(Errors, ATargetThatIsKilledEndsTheCaptureWithWhatItHas) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  ASSERT_EQ(run_load(server, {"--connections", "7", "--requests", "101"}), 101u);
  server.child().signal(SIGKILL);
  EXPECT_EQ(capture.finish(), 0);
  EXPECT_EQ(capture.requests().size(), 101u);
}

TEST_F(Errors, AProcessWithoutAListeningSocketIsFollowedAllTheSame) {
  Child server({ONE_CONNECTION});
  const std::string line = server.wait_for_line("listening on ", 5'000);
  ASSERT_NE(line, "");
  HttpConnection client(static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1))));
  ASSERT_NE(server.wait_for_line("accepted", 5'000), "");
  Capture capture(requests_of(server.pid()));
  ASSERT_TRUE(capture.ready()) << capture.child().err();
  EXPECT_NE(capture.child().err().find("no listening socket"), std::string::npos) << capture.child().err();
  for (const char* const path : {"/first", "/second", "/third"}) EXPECT_EQ(client.exchange(path).status, 200);
  capture.settle(3);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  const std::vector<SeenRequest> seen = capture.requests();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[1].path, "/second");
  EXPECT_EQ(seen[2].path, "/third");
  EXPECT_EQ(seen[2].status, 200);
}

TEST_F(Errors, APortInUseIsToldBeforeAnythingIsAttached) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  const std::string taken = "127.0.0.1:" + std::to_string(server.port());
  expect_error(run_plateau({"attach", "--pid", server.pid_text(), "--listen", taken}), 1, taken);
}

TEST_F(Errors, AnUnwritableCaptureFileIsToldInOneLine) {
  Server server = start_httpd({});
  ASSERT_NE(server.port(), 0);
  Folder folder;
  const std::string nowhere = folder.file("no/such/folder/x");
  expect_error(run_plateau({"record", "--pid", server.pid_text(), "-o", nowhere}), 1, nowhere);
  expect_error(run_plateau({"record", "--pid", server.pid_text(), "-o", folder.path()}), 1, folder.path());
}

}  // namespace
}  // namespace plateau::live
