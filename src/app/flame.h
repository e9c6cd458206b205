// plateau flame: what is drawn, out of what a capture tells. The command itself is in commands.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/pipeline.h"
#include "attribution/profile.h"
#include "sink/flame/graph.h"
#include "wire/facts.h"
#include "wire/profile.h"

namespace plateau::app {

// Collects a capture's stacks, samples and lock holders, and makes them graphs of the kind asked for.
class FlameCollector {
 public:
  // `pipeline` names routes, and must outlive this.
  FlameCollector(const FlameOptions& options, Pipeline& pipeline, attribution::ProfileLimits limits = {});

  void stack(wire::ProfileStack&& stack);
  void sample(const wire::StackSample& sample);
  void holder(const wire::HolderSample& sample);
  void finish() { profile_.finish(); }

  attribution::Profile& profile() { return profile_; }

  // All of it; or, where slow requests are held against fast ones, the fast (set 0) or the slow (set 1).
  sink::flame::Graph graph(const wire::Facts& facts, std::uint8_t set) const;
  // Of these sums in place of those that the profile has now.
  sink::flame::Graph graph(const wire::Facts& facts, std::uint8_t set,
                           std::span<const attribution::WeightedStack> sums) const;

  // Of the stacks drawn, by their samples: shares of frames that have a name, and of stacks cut short.
  struct Quality {
    std::uint64_t frames = 0;
    std::uint64_t named = 0;
    std::uint64_t stacks = 0;
    std::uint64_t cut_short = 0;
    std::uint64_t by_tables = 0;
    std::uint64_t by_frame_pointers = 0;
    std::uint64_t blocked_ns = 0;  // where wakers are drawn
    std::uint64_t woken_ns = 0;    // of them, with a waker that was seen
  };
  Quality quality() const;

  // Of the samples of the requests drawn, the time in which the kernel copied from or to user memory, by
  // their stacks; the time that their threads' accounts counted as copying when they were taken; and what of
  // that was in the kernel's copying functions.
  struct Copying {
    std::uint64_t by_stack_ns = 0;
    std::uint64_t by_account_ns = 0;
    std::uint64_t by_both_ns = 0;
  };
  Copying copying() const;

 private:
  struct Holder {
    std::vector<sink::flame::Frame> frames;  // outermost first
    std::uint64_t weight = 0;
  };

  std::optional<attribution::ProfileClass> classify(const request::Request& request);
  bool is_told(std::uint32_t stack) const;
  bool is_drawn(const attribution::WeightedStack& weighted) const;
  bool copies(const wire::ProfileStack& stack) const;
  void add(sink::flame::Graph& graph, const attribution::WeightedStack& weighted) const;
  void add_waker(sink::flame::Graph& graph, sink::flame::Stack& stack, std::uint32_t waker) const;
  void add_frames(sink::flame::Graph& graph, sink::flame::Stack& stack, std::uint32_t id) const;
  void add_with_holders(sink::flame::Graph& graph, sink::flame::Stack stack, std::uint64_t futex) const;

  const FlameOptions& options_;
  Pipeline& pipeline_;
  std::vector<wire::ProfileStack> stacks_;  // by id
  std::vector<sink::flame::Label> labels_;
  std::map<sink::flame::Label, std::uint32_t> label_ids_;
  std::map<std::uint64_t, std::map<std::vector<std::string>, Holder>> holders_;  // by futex, by names
  std::size_t holder_count_ = 0;
  attribution::Profile profile_;
};

}  // namespace plateau::app
