#include "sink/flame/graph.h"

#include "base/units.h"

namespace plateau::sink::flame {

std::string amount(std::uint64_t value, Unit unit) {
  return unit == Unit::page_faults ? format_count(value) : format_duration(value);
}

std::string Graph::total() const {
  return amount(total_ns_, unit) + (unit == Unit::page_faults ? " " : " of ") + what;
}

std::uint32_t Graph::frame(const Frame& frame) {
  const auto [at, fresh] =
      frame_ids_.try_emplace({frame.kind, frame.name}, static_cast<std::uint32_t>(frames_.size()));
  if (fresh) frames_.push_back(frame);
  return at->second;
}

std::uint32_t Graph::label(const Label& label) {
  const auto [at, fresh] = label_ids_.try_emplace(label, static_cast<std::uint32_t>(labels_.size()));
  if (fresh) labels_.push_back(label);
  return at->second;
}

void Graph::add(Stack stack) {
  total_ns_ += stack.ns;
  total_samples_ += stack.samples;
  stacks_.push_back(std::move(stack));
}

}  // namespace plateau::sink::flame
