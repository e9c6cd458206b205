#include <algorithm>
#include <array>
#include <string_view>

#include "app/flame.h"
#include "base/units.h"

namespace plateau::app {
namespace {

namespace flame = sink::flame;

constexpr std::size_t kMaxStacks = 262144;  // ids beyond are of no capture that was made here
constexpr std::size_t kMaxLabels = 4096;
constexpr std::size_t kMaxHolders = 65536;

// Functions that copy: the kernel's between itself and user memory, and the C library's.
constexpr auto kCopiers = std::to_array<std::string_view>({"_copy_to_iter",
                                                           "_copy_from_iter",
                                                           "_copy_from_iter_nocache",
                                                           "copy_page_to_iter",
                                                           "copy_page_from_iter",
                                                           "copy_page_from_iter_atomic",
                                                           "copy_page_to_iter_nofault",
                                                           "_copy_to_user",
                                                           "_copy_from_user",
                                                           "copy_user_generic_string",
                                                           "copy_user_enhanced_fast_string",
                                                           "copy_user_generic_unrolled",
                                                           "rep_movs_alternative",
                                                           "skb_copy_datagram_iter",
                                                           "__skb_datagram_iter",
                                                           "simple_copy_to_iter",
                                                           "skb_copy_bits",
                                                           "csum_and_copy_from_iter",
                                                           "csum_and_copy_to_iter",
                                                           "memcpy_orig",
                                                           "memcpy",
                                                           "memmove",
                                                           "__memcpy",
                                                           "__memmove",
                                                           "mempcpy"});

bool is_copier(std::string_view name) {
  if (std::ranges::find(kCopiers, name) != kCopiers.end()) return true;
  return name.starts_with("__memmove_") || name.starts_with("__memcpy_") || name.starts_with("__mempcpy_") ||
         name == "runtime.memmove";
}

// The kernel gets the memory that it copies to. The account is told afterwards that this was no copying, and
// takes it back: a sample in it was taken before.
bool gets_memory(std::string_view name) {
  return name == "skb_page_frag_refill" || name == "sk_page_frag_refill";
}

bool any_of_kernel(const wire::ProfileStack& stack, bool (*is)(std::string_view)) {
  return std::ranges::any_of(stack.frames, [is](const auto& frame) {
    return frame.kind == wire::FrameKind::kernel && is(frame.name);
  });
}

flame::Kind kind_of(wire::FrameKind kind) {
  switch (kind) {
    case wire::FrameKind::native:
      return flame::Kind::native;
    case wire::FrameKind::kernel:
      return flame::Kind::kernel;
    case wire::FrameKind::go:
      return flame::Kind::go;
    case wire::FrameKind::jit:
      return flame::Kind::jit;
    case wire::FrameKind::inlined:
      return flame::Kind::inlined;
    case wire::FrameKind::note:
      return flame::Kind::note;
    case wire::FrameKind::unknown:
      break;
  }
  return flame::Kind::unknown;
}

flame::Frame frame_of(const wire::ProfileFrame& frame) {
  return {frame.name, frame.module, frame.file, frame.line, kind_of(frame.kind)};
}

flame::Frame note(std::string text) {
  flame::Frame frame;
  frame.name = std::move(text);
  frame.kind = flame::Kind::note;
  return frame;
}

const char* what_of(FlameKind kind) {
  switch (kind) {
    case FlameKind::cpu:
      return "on-CPU time";
    case FlameKind::offcpu:
      return "blocked time";
    case FlameKind::lock:
      return "time waiting for locks";
    case FlameKind::copy:
      return "on-CPU time spent copying";
    case FlameKind::fault:
      return "page faults";
    case FlameKind::wall:
      return "time";
  }
  return "";
}

// What served no request too: a thread that waits for work waits for nobody's, but computes for the server.
bool shows_all(const FlameOptions& options) {
  return (options.kind == FlameKind::cpu || options.kind == FlameKind::fault) && !selects(options);
}

std::string selection(const FlameOptions& options) {
  std::string text;
  if (!options.route.empty()) text += " to " + options.route;
  if (options.status) text += " with status " + std::to_string(options.status);
  if (options.slower_than_ns) text += " slower than " + format_duration(options.slower_than_ns);
  if (options.faster_than_ns) text += " faster than " + format_duration(options.faster_than_ns);
  return text;
}

}  // namespace

FlameCollector::FlameCollector(const FlameOptions& options, Pipeline& pipeline,
                               attribution::ProfileLimits limits)
    : options_(options),
      pipeline_(pipeline),
      labels_(1),
      profile_([this](const request::Request& request) { return classify(request); }, shows_all(options),
               limits) {
  label_ids_[{}] = 0;
}

std::optional<attribution::ProfileClass> FlameCollector::classify(const request::Request& request) {
  const std::uint64_t latency = request.latency_ns();
  const std::string_view route = pipeline_.aggregate().route_of(request.path);
  if (!options_.route.empty() && route != options_.route) return {};
  if (options_.status && request.status != options_.status) return {};
  // One that was under way at the attach is neither slow nor fast.
  const bool by_time = options_.slower_than_ns || options_.faster_than_ns || options_.split_at_ns;
  if (by_time && latency == 0) return {};
  if (options_.slower_than_ns && latency < options_.slower_than_ns) return {};
  if (options_.faster_than_ns && latency >= options_.faster_than_ns) return {};
  attribution::ProfileClass of;
  of.set = options_.split_at_ns && latency >= options_.split_at_ns ? 1 : 0;
  const flame::Label label{std::string(route), request.status};
  if (const auto known = label_ids_.find(label); known != label_ids_.end()) {
    of.label = known->second;
  } else if (labels_.size() < kMaxLabels) {
    of.label = label_ids_[label] = static_cast<std::uint32_t>(labels_.size());
    labels_.push_back(label);
  }
  return of;
}

void FlameCollector::stack(wire::ProfileStack&& stack) {
  if (stack.id >= kMaxStacks) return;
  if (stack.id >= stacks_.size()) stacks_.resize(stack.id + 1);
  stacks_[stack.id] = std::move(stack);
}

void FlameCollector::sample(const wire::StackSample& sample) {
  if (sample.stack >= stacks_.size()) return;
  const bool cpu = sample.kind == PL_SAMPLE_CPU, fault = sample.kind == PL_SAMPLE_FAULT;
  const bool lock = sample.state == PL_STATE_FUTEX || sample.state == PL_STATE_LOCK_SOCKET ||
                    sample.state == PL_STATE_LOCK_KERNEL;
  switch (options_.kind) {
    case FlameKind::cpu:
    case FlameKind::copy:
      if (!cpu) return;
      break;
    case FlameKind::offcpu:
      if (cpu || fault) return;
      break;
    case FlameKind::lock:
      if (cpu || fault || !lock) return;
      break;
    case FlameKind::fault:
      if (!fault) return;
      break;
    case FlameKind::wall:
      if (fault) return;
      break;
  }
  if (options_.wakers) {
    profile_.sample(sample);
    return;
  }
  auto alone = sample;
  alone.waker = wire::kNoStack;
  profile_.sample(alone);
}

void FlameCollector::holder(const wire::HolderSample& sample) {
  if (options_.kind != FlameKind::lock) return;
  auto& of_lock = holders_[sample.futex];
  const auto known = of_lock.find(sample.frames);
  if (known != of_lock.end()) {
    known->second.weight += sample.weight;
    return;
  }
  if (holder_count_++ >= kMaxHolders) return;
  Holder holder;
  for (std::size_t i = sample.frames.size(); i-- > 0;) {
    flame::Frame frame;
    frame.name = sample.frames[i];
    if (i < sample.modules.size()) frame.module = sample.modules[i];
    holder.frames.push_back(std::move(frame));
  }
  holder.weight = sample.weight;
  of_lock.emplace(sample.frames, std::move(holder));
}

bool FlameCollector::is_told(std::uint32_t stack) const {
  return stack < stacks_.size() || stack == attribution::kOtherStacks;
}

bool FlameCollector::copies(const wire::ProfileStack& stack) const {
  return std::ranges::any_of(stack.frames, [](const auto& frame) { return is_copier(frame.name); });
}

bool FlameCollector::is_drawn(const attribution::WeightedStack& weighted) const {
  if (options_.kind == FlameKind::copy)
    return weighted.stack < stacks_.size() && copies(stacks_[weighted.stack]);
  if (options_.kind == FlameKind::wall) return true;
  return weighted.part != attribution::Part::runqueue;
}

// A wait is shared out among those who were seen to end waits for the same lock.
void FlameCollector::add_with_holders(flame::Graph& graph, flame::Stack stack, std::uint64_t futex) const {
  const auto of_lock = holders_.find(futex);
  std::uint64_t all = 0;
  if (futex && of_lock != holders_.end())
    for (const auto& [names, holder] : of_lock->second) all += holder.weight;
  stack.frames.push_back(graph.frame(note(all ? "[held by]" : "[holder not seen]")));
  if (all == 0) {
    graph.add(std::move(stack));
    return;
  }
  std::uint64_t weight = 0, given = 0;
  for (const auto& [names, holder] : of_lock->second) {
    flame::Stack part = stack;
    for (const auto& frame : holder.frames) part.frames.push_back(graph.frame(frame));
    weight += holder.weight;
    const auto upto = static_cast<std::uint64_t>(static_cast<double>(stack.ns) * static_cast<double>(weight) /
                                                 static_cast<double>(all));
    part.ns = upto - given;
    part.samples = given == 0 ? stack.samples : 0;
    given = upto;
    graph.add(std::move(part));
  }
}

// Innermost first: what it called to end the wait lies next to what the sleeper waited in.
void FlameCollector::add_waker(flame::Graph& graph, flame::Stack& stack, std::uint32_t waker) const {
  if (waker >= stacks_.size()) {
    const bool other = waker == attribution::kOtherStacks;
    stack.frames.push_back(graph.frame(note(other ? "[other wakers]" : "[waker not seen]")));
    return;
  }
  for (const auto& frame : stacks_[waker].frames) stack.frames.push_back(graph.frame(frame_of(frame)));
}

void FlameCollector::add_frames(flame::Graph& graph, flame::Stack& stack, std::uint32_t id) const {
  if (id >= stacks_.size()) {
    stack.frames.push_back(graph.frame(note("[other stacks]")));
    return;
  }
  const auto& known = stacks_[id];
  for (auto frame = known.frames.rbegin(); frame != known.frames.rend(); ++frame)
    stack.frames.push_back(graph.frame(frame_of(*frame)));
}

void FlameCollector::add(flame::Graph& graph, const attribution::WeightedStack& weighted) const {
  flame::Stack stack;
  add_frames(graph, stack, weighted.stack);
  if (weighted.part == attribution::Part::runqueue)
    stack.frames.push_back(graph.frame(note("[woken, waiting for a CPU]")));
  const bool known = weighted.stack != attribution::kOtherStacks;
  if (options_.wakers && known && weighted.part == attribution::Part::blocked)
    add_waker(graph, stack, weighted.waker);
  stack.ns = weighted.ns;
  stack.samples = weighted.samples;
  stack.label = weighted.of.label;
  if (options_.kind == FlameKind::lock)
    add_with_holders(graph, std::move(stack), weighted.futex);
  else
    graph.add(std::move(stack));
}

flame::Graph FlameCollector::graph(const wire::Facts& facts, std::uint8_t set) const {
  return graph(facts, set, profile_.stacks());
}

flame::Graph FlameCollector::graph(const wire::Facts& facts, std::uint8_t set,
                                   std::span<const attribution::WeightedStack> sums) const {
  flame::Graph graph;
  for (const auto& label : labels_) graph.label(label);
  graph.what = what_of(options_.kind);
  if (options_.kind == FlameKind::fault) graph.unit = flame::Unit::page_faults;
  graph.executable = facts.executable;
  std::string title = graph.what;
  title[0] = static_cast<char>(std::toupper(title[0]));
  graph.title = title + ": " + facts.comm;
  if (facts.pids.size() == 1) graph.title += " (PID " + std::to_string(facts.pids[0]) + ")";
  const auto& counts = profile_.counts();
  graph.subtitle = format_count(counts.requests) + " requests" + selection(options_) + " in " +
                   format_duration(facts.end_ns - facts.start_ns);
  if (shows_all(options_)) graph.subtitle += ", and what its threads did beside them";
  for (const auto& weighted : sums)
    if (weighted.of.set == set && is_told(weighted.stack) && is_drawn(weighted)) add(graph, weighted);
  return graph;
}

FlameCollector::Quality FlameCollector::quality() const {
  Quality quality;
  const auto count = [&quality](const wire::ProfileStack& stack, std::uint64_t n) {
    quality.stacks += n;
    quality.cut_short += stack.cut_short ? n : 0;
    quality.by_tables += stack.unwinding == wire::Unwinding::unwind_tables ? n : 0;
    quality.by_frame_pointers += stack.unwinding == wire::Unwinding::frame_pointers ? n : 0;
    for (const auto& frame : stack.frames) {
      quality.frames += frame.kind == wire::FrameKind::note ? 0 : n;
      quality.named += frame.named && frame.kind != wire::FrameKind::note ? n : 0;
    }
  };
  for (const auto& weighted : profile_.stacks()) {
    if (weighted.stack < stacks_.size()) count(stacks_[weighted.stack], weighted.samples);
    if (!options_.wakers || weighted.part != attribution::Part::blocked) continue;
    quality.blocked_ns += weighted.ns;
    if (weighted.waker >= stacks_.size()) continue;
    quality.woken_ns += weighted.ns;
    count(stacks_[weighted.waker], weighted.samples);
  }
  return quality;
}

FlameCollector::Copying FlameCollector::copying() const {
  Copying sum;
  for (const auto& weighted : profile_.stacks()) {
    if (weighted.stack >= stacks_.size()) continue;
    const auto& stack = stacks_[weighted.stack];
    const bool copied = any_of_kernel(stack, is_copier);
    if (!any_of_kernel(stack, gets_memory)) sum.by_account_ns += weighted.copying_ns;
    if (copied) sum.by_stack_ns += weighted.ns;
    if (copied) sum.by_both_ns += weighted.copying_ns;
  }
  return sum;
}

}  // namespace plateau::app
