#include "app/bypass_watch.h"

#include <utility>

namespace plateau::app {
namespace {

constexpr std::size_t kMaxFindings = 256;

}  // namespace

wire::BypassFact bypass_fact(const target::Process& process, const target::BypassFinding& finding) {
  return {process.pid,
          process.comm,
          std::string(target::bypass_name(finding.kind)),
          target::bypass_text(finding),
          finding.count,
          finding.possible};
}

void BypassWatch::look(const std::vector<target::Process>& processes) {
  if (processes.empty()) return;  // all gone: what was found stands
  looked_at_ = hidden_ = 0;
  for (const auto& process : processes) {
    const auto findings = target::bypasses_of(process.pid);
    looked_at_++;
    if (!findings) {
      hidden_++;
      continue;
    }
    for (const auto& finding : *findings) {
      wire::BypassFact fact = bypass_fact(process, finding);
      const std::tuple key{process.pid, fact.kind, finding.evidence};
      const auto known = found_.find(key);
      if (known == found_.end() ? found_.size() >= kMaxFindings : known->second.count > fact.count) continue;
      found_[key] = std::move(fact);
    }
  }
}

wire::ViewFact BypassWatch::fact() const {
  wire::ViewFact fact{looked_at_, hidden_, {}};
  for (const auto& [key, found] : found_) fact.bypasses.push_back(found);
  return fact;
}

}  // namespace plateau::app
