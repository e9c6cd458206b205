// One profile in the forms that other programs read: they find the same in it.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "harness/child.h"
#include "harness/folded.h"
#include "harness/folder.h"
#include "harness/live_test.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

using testing::HasSubstr;
using testing::Not;

// The tool itself where a Go release ships it (up to 1.23), else through go, which builds it first, once.
std::vector<std::string> pprof_command() {
  std::error_code none;
  for (const auto& release : std::filesystem::directory_iterator("/usr/lib", none)) {
    const auto tool = release.path() / "pkg/tool/linux_amd64/pprof";
    if (release.path().filename().string().starts_with("go-") && std::filesystem::exists(tool, none))
      return {tool.string()};
  }
  if (!missing_go().empty()) return {};
  return {"/usr/bin/env", "go", "tool", "pprof"};
}

// Nanoseconds in a function itself, and in it and what it called.
using Top = std::map<std::string, std::pair<double, double>>;

// Below a heading: "flat flat% sum% cum cum% name".
Top read_top(const std::string& text) {
  Top top;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line) && line.find("flat%") == std::string::npos) continue;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string flat, cum, ignored, name;
    words >> flat >> ignored >> ignored >> cum >> ignored >> std::ws;
    std::getline(words, name);
    std::ranges::replace(name, ' ', '_');  // as folded stacks have it
    top[name] = {std::stod(flat), std::stod(cum)};
  }
  return top;
}

std::string without_kind(std::string name) {
  for (const char* kind : {"_[k]", "_[i]", "_[j]"})
    if (name.ends_with(kind)) name.resize(name.size() - 4);
  return name;
}

Top top_of(const std::vector<FoldedLine>& lines) {
  Top top;
  for (const auto& line : lines) {
    std::set<std::string> names;
    for (const auto& frame : line.frames) names.insert(without_kind(frame));
    for (const auto& name : names) top[name].second += line.ns;
    top[without_kind(line.frames.back())].first += line.ns;
  }
  return top;
}

// A profile of half a second of a server that answers briefly, at length, and with an error.
class FlameFormat : public LiveTest {
 protected:
  static constexpr const char* kLong = "/bytes/8000009";

  static void SetUpTestSuite() {
    if (!cannot_capture().empty()) return;
    folder = std::make_unique<Folder>();
    Server server = start_httpd({"--engine", "thread", "--spin", "200us"});
    ASSERT_NE(server.port(), 0);
    const Child load(load_command(server, {"--connections", "3", "--path", "/", "--path", kLong, "--path",
                                           "/status/404", "--duration", "60s"}));
    const Ended ended =
        run_plateau({"record", "--pid", server.pid_text(), "--duration", "500ms", "--max-cost", "off",
                     "--profile", "cpu", "--frequency", "1999", "-o", capture()});
    ASSERT_EQ(ended.status, 0) << ended.err;
  }
  static void TearDownTestSuite() { folder.reset(); }

  static std::string capture() { return folder->file("capture"); }

  // Draws it to `file`, with `options` beside.
  Ended draw(const std::string& format, const std::string& file, std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"flame", "--from", capture(), "--format", format, "-o", file});
    Ended ended = run_plateau(options);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended;
  }

  static inline std::unique_ptr<Folder> folder;
};

TEST_F(FlameFormat, GosPprofTellsTheSameOfEachFunction) {
  const auto command = pprof_command();
  if (command.empty()) GTEST_SKIP() << "no pprof and no Go to build it";
  const std::string profile = folder->file("cpu.pb.gz"), folded = folder->file("folded");
  draw("pprof", profile);
  draw("folded", folded);
  const auto run = [&](std::vector<std::string> options) {
    options.insert(options.begin(), command.begin(), command.end());
    options.push_back(profile);
    Child pprof(options);
    const int status = pprof.finish(150'000);
    EXPECT_EQ(status, 0) << pprof.err();
    return pprof.out();
  };
  const auto text = run({"-top", "-cum", "-unit=ns", "-symbolize=none", "-nodecount=100000",
                         "-nodefraction=0", "-edgefraction=0"});
  EXPECT_THAT(text, HasSubstr("Type: time"));
  const Top top = top_of(read_folded(folded));
  EXPECT_TRUE(top.contains("plateau::httpd::spin_until_ns(unsigned_long)"));
  EXPECT_THAT(read_top(text), testing::ContainerEq(top));
  const auto tags = run({"-tags"});
  for (const char* tag : {"/bytes/{id}", "/status/{id}", "404", "200"}) EXPECT_THAT(tags, HasSubstr(tag));
}

// "/bytes/…" is the only one that copies a body, and takes more than a millisecond.
TEST_F(FlameFormat, ClassesOfRequestsAreDrawnApart) {
  std::map<std::string, double> drawn;
  // Those under way at the attach, of unknown latency and perhaps path, are neither slow nor fast.
  const auto copying = [&](std::vector<std::string> options) {
    if (options.front() != "--slower-than") options.insert(options.begin(), {"--slower-than", "1ns"});
    const std::string file = folder->file("class" + options.back().substr(options.back().rfind('/') + 1));
    drawn[options.back()] = number_before(draw("folded", file, options).err, " requests drawn");
    const auto lines = read_folded(file);
    EXPECT_GT(time_in(lines, "spin_until_ns"), 0);
    return time_in(lines, "Body::append_to");
  };
  const double all = copying({"--status", "200"});
  EXPECT_GT(all, 0);
  EXPECT_EQ(copying({"--status", "404"}), 0);
  EXPECT_EQ(copying({"--route", "/bytes/{id}"}), all);
  EXPECT_EQ(copying({"--route", "/"}), 0);
  EXPECT_EQ(copying({"--route", "/status/{id}"}), 0);
  EXPECT_EQ(drawn["/"] + drawn["/bytes/{id}"], drawn["200"]);
  EXPECT_EQ(drawn["/status/{id}"], drawn["404"]);
  EXPECT_EQ(copying({"--slower-than", "1ns"}), all);
  EXPECT_EQ(drawn["200"] + drawn["404"], drawn["1ns"]);
  EXPECT_EQ(copying({"--slower-than", "1000us"}), all);
  EXPECT_EQ(copying({"--faster-than", "1ms"}), 0);
  EXPECT_EQ(drawn["1ms"] + drawn["1000us"], drawn["1ns"]);
}

// The title of what is drawn of a function: its share, and what it was before.
std::string title_of(const std::string& svg, const std::string& function) {
  const auto at = svg.find(function), begin = svg.rfind("<title>", at);
  return at == std::string::npos ? "" : svg.substr(begin, svg.find("</title>", at) - begin);
}

TEST_F(FlameFormat, SlowRequestsAreHeldAgainstFastOnesAndFilesAgainstEachOther) {
  const std::string split = folder->file("split.svg"), files = folder->file("files.svg");
  draw("svg", split, {"--split-at", "1ms"});
  EXPECT_THAT(read_file(split), HasSubstr("slower than 1.00 ms against faster"));
  EXPECT_THAT(title_of(read_file(split), "Body::append_to"), HasSubstr("; before: 0.0 %"));
  EXPECT_THAT(title_of(read_file(split), "spin_until_ns"), Not(HasSubstr("; before: 0.0 %")));
  const std::string brief = folder->file("brief.folded"), all = folder->file("all.pb.gz");
  draw("folded", brief, {"--route", "/"});
  draw("pprof", all);
  ASSERT_EQ(run_plateau({"flame", "--diff", brief, all, "-o", files}).status, 0);
  EXPECT_THAT(title_of(read_file(files), "Body::append_to"), HasSubstr("; before: 0.0 %"));
}

}  // namespace
}  // namespace plateau::live
