#include "harness/go_run.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "harness/capture.h"
#include "harness/folder.h"
#include "harness/server.h"
#include "harness/wait.h"

namespace plateau::live {
namespace {

using Place = std::pair<std::string, std::uint64_t>;  // peer, sequence

constexpr int kLoadMs = 60'000;
constexpr int kLogMs = 5'000;

// A connection's requests are in the order of the log.
std::map<Place, nlohmann::json> read_log(const std::string& path) {
  std::map<Place, nlohmann::json> log;
  std::map<std::string, std::uint64_t> next;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) continue;
    const std::string peer = json["peer"];
    log[{peer, next[peer]++}] = json;
  }
  return log;
}

std::string number(std::size_t value) {
  return std::to_string(value);
}

void load(const Server& server, const GoRun& run) {
  Child load({PLATEAU_LOAD, server.url(run.path), "--json", "--connections", number(run.connections),
              "--requests", number(run.requests), "--pipeline", number(run.pipeline)});
  EXPECT_EQ(load.finish(kLoadMs), 0) << load.out() << load.err();
}

std::vector<GoPair> join(const std::map<Place, nlohmann::json>& log, const std::vector<SeenRequest>& seen) {
  std::vector<GoPair> pairs;
  for (const SeenRequest& request : seen) {
    const auto found = log.find({request.peer, request.seq});
    EXPECT_NE(found, log.end()) << "invented: " << request.peer << " " << request.seq;
    EXPECT_EQ(request.framing, "exact");
    if (found == log.end()) continue;
    const auto& truth = found->second;
    const std::uint64_t from = truth["from_ns"], to = truth["to_ns"], begin = truth["begin_ns"];
    pairs.push_back({truth["goid"], to - from, to - begin, request});
  }
  return pairs;
}

}  // namespace

std::vector<GoPair> run_go(const GoRun& run) {
  Folder folder;
  const std::string file = folder.file("truth.jsonl");
  std::vector<std::string> switches = {
      "-truth", file, "-procs", std::to_string(run.procs), "-spin", std::to_string(run.spinners)};
  std::optional<Server> upstream;
  if (run.path.starts_with("/down")) {
    upstream.emplace(start_go_stages({}));
    switches.insert(switches.end(), {"-upstream", "127.0.0.1:" + std::to_string(upstream->port())});
  }
  Server server = start_go_stages(switches, run.build);
  EXPECT_NE(server.port(), 0) << server.child().err();
  std::vector<std::string> watch = requests_of(server.pid());
  if (run.reasons) watch.insert(watch.end(), {"--detail", "high"});
  Capture capture(watch);
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  load(server, run);
  capture.settle(run.requests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  // With the reasons, what the probes on Go's runtime cost is said before.
  const std::string said = capture.child().err();
  EXPECT_TRUE(run.reasons ? said.ends_with("plateau: ready\n") : said == "plateau: ready\n") << said;
  EXPECT_EQ(said.find("two probes go on Go's runtime") != std::string::npos, run.reasons) << said;
  EXPECT_TRUE(wait_until([&] { return read_log(file).size() == run.requests; }, kLogMs));
  const std::vector<SeenRequest> seen = capture.requests();
  EXPECT_EQ(seen.size(), run.requests);
  auto pairs = join(read_log(file), seen);
  return pairs.size() == run.requests ? pairs : std::vector<GoPair>();
}

}  // namespace plateau::live
