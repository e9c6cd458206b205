// Captures from running processes.
#pragma once

#include <future>
#include <memory>
#include <vector>

#include "app/capture_depth.h"
#include "app/cost_governor.h"
#include "app/cost_window.h"
#include "app/holder_namer.h"
#include "app/observer.h"
#include "app/rediscovery.h"
#include "app/signals.h"
#include "app/source.h"
#include "app/stack_namer.h"
#include "base/fd.h"
#include "probe/session.h"
#include "symbol/kernel_symbols.h"

namespace plateau::app {

class LiveSource : public Source {
 public:
  // Loads and attaches; the target is observed from here on.
  static Result<std::unique_ptr<Source>> open(const CaptureOptions& options);

  Result<wire::Facts> run(Pipeline& pipeline, const SourceHooks& hooks) override;

 private:
  LiveSource(const CaptureOptions& options, std::vector<pid_t> roots);

  Status attach();
  probe::SessionOptions session_options() const;
  // What is not needed from now on.
  void give_up_privileges();
  void tell_watched(Pipeline& pipeline);
  static void tell_of_goroutines(const std::vector<probe::GoProcess>& processes);
  // Programs that processes of the target have begun to execute.
  Status look_at_executed();
  void watch_exits();
  // False when the capture is over.
  bool wait(std::uint64_t deadline_ns);
  void drain(Pipeline& pipeline, const SourceHooks& hooks);
  void process(std::span<const std::byte> record, Pipeline& pipeline, const SourceHooks& hooks);
  void take_kernel_symbols();
  void start_profile(const SourceHooks& hooks);
  bool profiled() const { return options_.profile.any(); }
  wire::Facts with_profile(wire::Facts facts) const;
  void name_kernel_stacks();
  void measure_cost(std::uint64_t now_ns);
  Status keep_to_bound(Pipeline& pipeline, const SourceHooks& hooks);
  void pause(Pipeline& pipeline, const SourceHooks& hooks);
  // Up to `to_ns`, since pause_start_ns_.
  void tell_pause(Pipeline& pipeline, std::uint64_t to_ns) const;
  Status resume(Pipeline& pipeline);
  bool all_exited() const;
  // Looks for a target that ended, and follows it.
  Status find_again(const SourceHooks& hooks);

  CaptureOptions options_;
  std::vector<pid_t> roots_;
  probe::Plan plan_;
  StopSignals signals_;
  std::unique_ptr<probe::Session> session_;
  std::unique_ptr<Observer> observer_;
  Rediscovery rediscovery_;
  std::vector<Fd> exits_;  // a pidfd for each root that still runs
  HolderNamer namer_;
  std::unique_ptr<StackNamer> stacks_;  // null: no profile is taken
  CaptureDepth depth_;
  int usual_priority_ = 0;  // before it went before the target
  CostGovernor governor_;
  std::uint64_t pause_start_ns_ = 0;
  std::uint64_t paused_ns_ = 0;  // in pauses that are over
  std::future<Result<symbol::KernelSymbols>> kernel_symbols_to_come_;
  std::unique_ptr<symbol::KernelSymbols> kernel_symbols_;  // null: hidden, or still to come
  CostWindow cost_window_;
};

}  // namespace plateau::app
