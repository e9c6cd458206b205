#include "app/stack_memo.h"

#include <algorithm>
#include <cstring>

namespace plateau::app {
namespace {

std::span<const std::uint64_t> kernel_of(const pl_sample& fixed) {
  return {reinterpret_cast<const std::uint64_t*>(fixed.kernel), fixed.kernel_frames};
}

std::uint64_t hash_of(const pl_sample& fixed) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3 + (hash >> 29); };
  mix(fixed.tgid);
  mix(fixed.regs[0]);
  for (const auto address : kernel_of(fixed)) mix(address);
  return hash;
}

std::uint64_t word_at(std::span<const std::byte> data, std::size_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, data.data() + offset, sizeof(word));
  return word;
}

}  // namespace

bool StackMemo::matches(const Known& known, const wire::Sample& sample) {
  const pl_sample& fixed = *sample.fixed;
  if (known.tgid != fixed.tgid || known.ip != fixed.regs[0]) return false;
  if (known.data_len && known.data_len != sample.data.size()) return false;
  if (!std::ranges::equal(known.kernel, kernel_of(fixed))) return false;
  return std::ranges::all_of(known.returns, [&](const auto& at) {
    return at.first + sizeof(std::uint64_t) <= sample.data.size() &&
           word_at(sample.data, at.first) == at.second;
  });
}

std::optional<std::uint32_t> StackMemo::find(const wire::Sample& sample, std::string_view by) const {
  const auto bucket = known_.find(hash_of(*sample.fixed));
  if (bucket == known_.end()) return {};
  for (const auto& known : bucket->second)
    if (known.by == by && matches(known, sample)) return known.stack;
  return {};
}

void StackMemo::learn(const wire::Sample& sample, std::span<const std::uint64_t> ips, std::uint32_t stack,
                      std::string_view by) {
  const pl_sample& fixed = *sample.fixed;
  const bool copied = fixed.data == PL_STACK_COPY;
  Known known{fixed.tgid, fixed.regs[0], copied ? 0 : fixed.data_len, {}, {}, stack, std::string(by)};
  const auto kernel = kernel_of(fixed);
  known.kernel.assign(kernel.begin(), kernel.end());
  std::size_t offset = 0;
  for (std::size_t i = copied ? 1 : 0; i < ips.size(); i++) {
    while (offset + sizeof(std::uint64_t) <= sample.data.size() && word_at(sample.data, offset) != ips[i])
      offset += sizeof(std::uint64_t);
    if (offset + sizeof(std::uint64_t) > sample.data.size()) return;
    known.returns.emplace_back(static_cast<std::uint32_t>(offset), ips[i]);
    offset += sizeof(std::uint64_t);
  }
  if (size_ >= bound_) clear();
  known_[hash_of(fixed)].push_back(std::move(known));
  size_++;
}

void StackMemo::clear() {
  known_.clear();
  size_ = 0;
}

}  // namespace plateau::app
