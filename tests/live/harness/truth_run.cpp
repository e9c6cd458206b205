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

}  // namespace

std::vector<Pair> run_with_truth(const TruthRun& run) {
  std::vector<int> others = allowed_cpus();
  ChildOptions beside{.cpus = {others.back()}};
  if (others.size() > 1) others.pop_back();
  Folder folder;
  const std::string log = folder.file("truth.jsonl");
  const std::string client_log = folder.file("load.jsonl");
  std::vector<std::string> switches = run.switches;
  switches.insert(switches.end(), {"--truth", log, "--truth-stamps", "on"});
  Server server = start_httpd(switches, beside);
  EXPECT_NE(server.port(), 0) << server.child().err();
  Capture capture(requests_of(server.pid()), {.cpus = others});
  EXPECT_TRUE(capture.ready()) << capture.child().err();
  EXPECT_EQ(run_load(server,
                     {"--connections", std::to_string(run.connections), "--requests",
                      std::to_string(run.requests), "--log", client_log},
                     {.cpus = others}),
            run.requests);
  capture.settle(run.requests);
  EXPECT_EQ(capture.stop(SIGINT), 0);
  EXPECT_EQ(server.stop(), 0);
  std::vector<Truth> truths = read_truth(log);
  move_ends_up(truths, client_log);
  const std::vector<Pair> pairs = join(truths, capture.requests());
  EXPECT_EQ(pairs.size(), run.requests);
  return pairs.size() == run.requests ? pairs : std::vector<Pair>();
}

}  // namespace plateau::live
