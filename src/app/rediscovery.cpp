#include "app/rediscovery.h"

#include <linux/capability.h>

#include <algorithm>

#include "app/roots.h"
#include "base/log.h"
#include "base/units.h"

namespace plateau::app {
namespace {

constexpr std::uint64_t kIntervalNs = 250'000'000;

std::string pids_text(const std::vector<pid_t>& pids) {
  std::string text = pids.size() == 1 ? "PID" : "PIDs";
  for (const pid_t pid : pids) text += " " + std::to_string(pid);
  return text;
}

}  // namespace

void Rediscovery::lost(std::uint64_t now_ns) {
  if (!options_.find_again || missing_) return;
  missing_ = true;
  lost_ns_ = due_ns_ = now_ns;
  log_line("a process of the target has exited: looking for " +
           (options_.port ? "one that listens on port " + std::to_string(options_.port)
                          : "'" + options_.comm + "'"));
}

std::optional<Rediscovery::Found> Rediscovery::find(std::uint64_t now_ns, const std::vector<pid_t>& known) {
  if (!missing_ || now_ns < due_ns_) return std::nullopt;
  due_ns_ = now_ns + kIntervalNs;
  auto running = find_roots(options_);
  if (!running) return std::nullopt;
  const bool is_new =
      std::ranges::any_of(*running, [&](pid_t pid) { return std::ranges::find(known, pid) == known.end(); });
  if (!is_new) return std::nullopt;
  missing_ = false;
  std::string message =
      "following the target again: " + pids_text(*running) + ", after " + format_duration(now_ns - lost_ns_);
  return Found{std::move(*running), std::move(message)};
}

Capabilities Rediscovery::needed_privileges() {
  return capability_bit(CAP_BPF) | capability_bit(CAP_PERFMON) | capability_bit(CAP_SYS_PTRACE) |
         capability_bit(CAP_DAC_READ_SEARCH);
}

}  // namespace plateau::app
