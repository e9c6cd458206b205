#include "harness/truth_run.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <csignal>

#include "harness/capture.h"
#include "harness/folder.h"
#include "harness/load.h"
#include "harness/server.h"

namespace plateau::live {
namespace {

using Words = std::vector<std::string>;

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void append(Words& words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
}

Words capture_command(const TruthRun& run, const Server& server, const std::string& file) {
  Words command = requests_of(server.pid());
  if (run.recorded) command = {"record", "--pid", server.pid_text(), "--max-cost", "off", "-o", file};
  append(command, run.options);
  return command;
}

std::vector<SeenRequest> seen_by(const TruthRun& run, Capture& capture, const std::string& file) {
  if (!run.recorded) capture.settle(run.requests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  if (!run.recorded) return capture.requests();
  const Ended replay = run_plateau({"requests", "--from", file, "--format", "json"});
  EXPECT_EQ(replay.status, 0) << replay.err;
  return parse_requests(replay.out);
}

}  // namespace

std::vector<Pair> run_with_truth(const TruthRun& run) {
  std::vector<int> others = allowed_cpus();
  ChildOptions beside{.cpus = {others.back()}};
  if (others.size() > 1) others.pop_back();
  Folder folder;
  const std::string log = folder.file("truth.jsonl");
  const std::string client_log = folder.file("load.jsonl");
  const std::string file = folder.file("server.plateau");
  Words switches = run.switches;
  append(switches, {"--truth", log});
  if (run.stamps) append(switches, {"--truth-stamps", "on"});
  Server server = start_httpd(switches, beside);
  EXPECT_NE(server.port(), 0) << server.child().err();
  Capture capture(capture_command(run, server, file), {.cpus = others});
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  Words load = {"--connections", std::to_string(run.connections),
                "--requests",    std::to_string(run.requests),
                "--log",         client_log};
  append(load, run.load);
  EXPECT_EQ(run_load(server, load, {.cpus = others}), run.requests);
  const std::vector<SeenRequest> seen = seen_by(run, capture, file);
  EXPECT_EQ(server.stop(), 0);
  if (!run.excuse.empty() && capture.child().err().find(run.excuse) != std::string::npos) return {};
  std::vector<Truth> truths = read_truth(log);
  move_ends_up(truths, client_log);
  const std::vector<Pair> pairs = join(truths, seen);
  EXPECT_EQ(pairs.size(), run.requests);
  return pairs.size() == run.requests ? pairs : std::vector<Pair>();
}

}  // namespace plateau::live
