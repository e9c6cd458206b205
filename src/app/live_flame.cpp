#include "app/live_flame.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/units.h"

namespace plateau::app {
namespace {

constexpr std::uint64_t kSliceNs = 5'000'000'000;
constexpr std::size_t kSlices = 12;

FlameKind kind_of(const probe::Profile& profile) {
  if (profile.fault) return FlameKind::fault;
  if (profile.cpu && profile.sleep) return FlameKind::wall;
  return profile.sleep ? FlameKind::offcpu : FlameKind::cpu;
}

}  // namespace

LiveFlame::LiveFlame(const probe::Profile& profile, Pipeline& pipeline)
    : pipeline_(pipeline), on_(profile.any()) {
  options_.kind = kind_of(profile);
  begin();
  if (!on_) return;
  pipeline_.on_request([this](const request::Request& request, const attribution::Budget&) {
    collector_->profile().request(request);
  });
}

std::string_view LiveFlame::kind() const {
  if (!on_) return "";
  switch (options_.kind) {
    case FlameKind::fault:
      return "fault";
    case FlameKind::wall:
      return "wall";
    case FlameKind::offcpu:
      return "offcpu";
    default:
      return "cpu";
  }
}

// What is known of stacks goes with the numbers that stood for them.
void LiveFlame::begin() {
  collector_ = std::make_unique<FlameCollector>(options_, pipeline_);
  slices_.clear();
  from_ns_ = 0;
}

void LiveFlame::hook(SourceHooks& hooks) {
  if (!on_) return;
  hooks.stack = [this](wire::ProfileStack&& stack) { collector_->stack(std::move(stack)); };
  hooks.stacks_anew = [this] { begin(); };
  hooks.sample = [this](const wire::StackSample& sample) { collector_->sample(sample); };
  hooks.turn = [this](const wire::Turn& turn) { collector_->profile().turn(*turn.fixed); };
  hooks.close = [this](const wire::Close& close) { collector_->profile().close(close.fixed->conn); };
}

void LiveFlame::tick(std::uint64_t now_ns) {
  if (!on_) return;
  if (from_ns_ == 0) from_ns_ = now_ns;
  if (now_ns - from_ns_ < kSliceNs) return;
  slices_.push_back({from_ns_, collector_->profile().take()});
  if (slices_.size() > kSlices) slices_.pop_front();
  from_ns_ = now_ns;
}

std::shared_ptr<const sink::page::Profile> LiveFlame::graph(const wire::Facts& facts) const {
  std::vector<attribution::WeightedStack> sums = collector_->profile().stacks();
  for (const auto& slice : slices_) sums.insert(sums.end(), slice.sums.begin(), slice.sums.end());
  auto graph = collector_->graph(facts, 0, sums);
  const std::uint64_t from = slices_.empty() ? from_ns_ : slices_.front().from_ns;
  graph.subtitle = "in the last " + format_duration(from ? facts.end_ns - std::min(from, facts.end_ns) : 0);
  return std::make_shared<const sink::page::Profile>(
      sink::page::Profile{std::string(kind()), std::move(graph)});
}

}  // namespace plateau::app
