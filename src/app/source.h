// Where a capture comes from: a running target, or a file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "base/result.h"
#include "probe/plan.h"
#include "wire/event.h"
#include "wire/facts.h"
#include "wire/profile.h"

namespace plateau::app {

// What the command line says about it; one meaning everywhere.
struct CaptureOptions {
  std::vector<int> pids;
  int port = 0;
  std::string comm;
  std::string from;            // capture file in place of a target
  double duration_s = 0;       // 0: no limit
  std::uint64_t requests = 0;  // 0: no limit
  probe::Detail detail = probe::Detail::normal;
  std::vector<std::string> providers;             // forced, as SIGNAL=PROVIDER
  double max_cost = 0.025;                        // bound on the probes' CPU time (cost_governor.h); 0: none
  std::size_t ring_bytes = 0;                     // between the kernel and us; 0: as the capture needs
  probe::Profile profile;                         // stacks to take
  unsigned frequency_hz = 99;                     // of those on a CPU
  bool debuginfod = false;                        // ask its servers for the debug files of programs
  std::uint64_t holder_interval_ns = 20'000'000;  // at most one lock holder's stack a CPU in this time
  bool find_again = false;                        // a target that ended, by port or comm
  bool writes_results = false;                    // to files, once it is over: keeps the privilege to
};

struct SourceHooks {
  // While a live capture runs, every 20 ms or so, with what is known so far.
  std::function<void(const wire::Facts&)> tick;
  // Asked before the records that are there are read, each time: whether the facts that take some
  // milliseconds to get (locks, CPU times, cost) are wanted. If so `facts` gets them once the records are in
  // the pipeline.
  std::function<bool()> facts_wanted;
  std::function<void(const wire::Facts&)> facts;
  // Asked after each tick: whether the capture is to end now.
  std::function<bool()> stop;
  // The target was found again (CaptureOptions::find_again): the processes that are followed from here on.
  std::function<void(const std::vector<std::int32_t>&)> found;
  // Every holder sample.
  std::function<void(const wire::HolderSample&)> holder;
  // Each stack of a profile before the first sample that has it; every sample; and every turn's record and
  // connection's end, before the pipeline gets it.
  std::function<void(wire::ProfileStack&&)> stack;
  std::function<void(const wire::StackSample&)> sample;
  // Where it is set, and there are too many different stacks to know them all: the stacks told so far, and
  // their samples, are to be forgotten, and numbers begin anew.
  std::function<void()> stacks_anew;
  std::function<void(const wire::Turn&)> turn;
  std::function<void(const wire::Close&)> close;
  // Once, when the first facts are known.
  std::function<Status(const wire::Facts&)> start;
};

class Source {
 public:
  virtual ~Source() = default;

  // Feeds the pipeline until the limits are reached, a signal comes or the target ends; then hands out the
  // final facts. Warnings are lines for stderr.
  virtual Result<wire::Facts> run(Pipeline& pipeline, const SourceHooks& hooks) = 0;
};

Result<std::unique_ptr<Source>> open_source(const CaptureOptions& options);

}  // namespace plateau::app
