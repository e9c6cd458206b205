#include "app/roots.h"

#include <cstdint>

#include "target/process.h"
#include "target/sockets.h"

namespace plateau::app {

Result<std::vector<pid_t>> find_roots(const CaptureOptions& options) {
  if (options.port) return target::find_by_port(static_cast<std::uint16_t>(options.port));
  if (!options.comm.empty()) return target::find_by_comm(options.comm);
  std::vector<pid_t> roots;
  for (const int pid : options.pids) {
    const auto process = target::read_process(pid);
    if (!process) return process.error();
    roots.push_back(pid);
  }
  return roots;
}

}  // namespace plateau::app
