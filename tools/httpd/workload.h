// What a request does between being read and being answered: the planted stages, in a fixed order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "httpd/downstream.h"
#include "httpd/options.h"
#include "httpd/pause_gate.h"
#include "httpd/section.h"
#include "httpd/stage.h"

namespace plateau::httpd {

class Workload {
 public:
  explicit Workload(const Options& options);

  // Starts what the switches need beside the requests: the pauses, the helper. Call it once, before run().
  Status start();

  // Passes the pause, the section, the faults, the downstream, sleeps and spins, as far as switched on.
  // Blocks; any thread may call it.
  void run(StageSpans& spans);

 private:
  std::size_t next_section();
  void pass_section(StageSpans& spans);
  void plant_in_memory(StageSpans& spans);
  void plant_faults(StageSpans& spans);
  void ask_downstream(StageSpans& spans);

  const Options& options_;
  const bool idle_;  // nothing is planted
  std::vector<std::unique_ptr<Section>> sections_;
  const std::uint64_t chance_;            // where the row of random numbers begins
  std::atomic<std::uint64_t> passes_{0};  // of the sections
  std::unique_ptr<PauseGate> gate_;
  std::unique_ptr<Downstream> downstream_;
};

}  // namespace plateau::httpd
