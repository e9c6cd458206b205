#include "app/kernel_lock_watch.h"

#include <map>
#include <string>
#include <utility>

namespace plateau::app {

void KernelLockWatch::start(const probe::Session& session) {
  before_ = session.lock_stacks();
}

symbol::LockClass KernelLockWatch::class_of(const probe::Session& session, std::uint32_t stack) {
  const auto [known, fresh] = classes_.try_emplace(stack, symbol::LockClass::other);
  if (fresh) known->second = symbols_->classify_lock(session.lock_stack(stack));
  return known->second;
}

std::vector<wire::KernelLockFact> KernelLockWatch::facts(const probe::Session& session) {
  const auto now = session.lock_stacks();
  if (!symbols_) {
    before_ = now;
    return {};
  }
  std::map<std::pair<std::uint32_t, symbol::LockClass>, wire::KernelLockFact> sums;
  const auto add = [&](const probe::LockStackEntry& entry, std::uint64_t sign) {
    const auto lock_class = class_of(session, entry.key.stack);
    auto& sum = sums[{entry.key.kind, lock_class}];
    sum.kind = entry.key.kind;
    sum.stack_class = symbol::to_string(lock_class);
    sum.waits += sign * entry.value.waits;
    sum.wait_ns += sign * entry.value.wait_ns;
  };
  for (const auto& entry : now) add(entry, 1);
  for (const auto& entry : before_) add(entry, ~std::uint64_t{0});  // -1
  std::vector<wire::KernelLockFact> facts;
  for (auto& [key, sum] : sums)
    if (sum.waits) facts.push_back(std::move(sum));
  return facts;
}

}  // namespace plateau::app
