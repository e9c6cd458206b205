// The flamegraph of the last minute, kept while a capture goes on.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "app/commands.h"
#include "app/flame.h"
#include "sink/page/page.h"

namespace plateau::app {

class LiveFlame {
 public:
  // `profile`: what the capture samples. Takes the pipeline's requests from here on; `pipeline` must outlive
  // this.
  LiveFlame(const probe::Profile& profile, Pipeline& pipeline);
  LiveFlame(const LiveFlame&) = delete;
  LiveFlame& operator=(const LiveFlame&) = delete;

  // cpu, offcpu, wall or fault; empty: nothing is sampled.
  std::string_view kind() const;

  // Has the capture's stacks brought here.
  void hook(SourceHooks& hooks);
  void tick(std::uint64_t now_ns);

  std::shared_ptr<const sink::page::Profile> graph(const wire::Facts& facts) const;

 private:
  struct Slice {
    std::uint64_t from_ns;
    std::vector<attribution::WeightedStack> sums;
  };
  void begin();

  FlameOptions options_;
  Pipeline& pipeline_;
  bool on_;
  std::unique_ptr<FlameCollector> collector_;
  std::deque<Slice> slices_;   // that are over, the oldest first
  std::uint64_t from_ns_ = 0;  // when the one under way began; 0: not yet
};

}  // namespace plateau::app
