#include "overhead/bpf_stats.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

namespace plateau::overhead {
namespace {

int bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof(attributes)));
}

// The "prog_id:" lines of the descriptors' fdinfo; those of links name programs too.
std::set<std::uint32_t> program_ids(pid_t holder) {
  std::set<std::uint32_t> ids;
  const std::string folder = "/proc/" + std::to_string(holder) + "/fdinfo";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    std::ifstream in(entry.path());
    for (std::string key; in >> key;) {
      std::uint32_t id = 0;
      if (key == "prog_id:" && in >> id) ids.insert(id);
    }
  }
  return ids;
}

bool read_info(std::uint32_t id, bpf_prog_info& info) {
  bpf_attr by_id{};
  by_id.prog_id = id;
  const Fd fd(bpf(BPF_PROG_GET_FD_BY_ID, by_id));
  if (!fd.valid()) return false;
  bpf_attr query{};
  query.info.bpf_fd = static_cast<std::uint32_t>(fd.get());
  query.info.info_len = sizeof(info);
  query.info.info = reinterpret_cast<std::uint64_t>(&info);
  return bpf(BPF_OBJ_GET_INFO_BY_FD, query) == 0;
}

}  // namespace

Result<Fd> count_bpf_time() {
  bpf_attr attributes{};
  attributes.enable_stats.type = BPF_STATS_RUN_TIME;
  Fd fd(bpf(BPF_ENABLE_STATS, attributes));
  if (!fd.valid())
    return fail(std::string("the kernel does not count BPF run time: ") + std::strerror(errno));
  return fd;
}

ProgramCosts program_costs(pid_t holder) {
  ProgramCosts costs;
  for (const std::uint32_t id : program_ids(holder)) {
    bpf_prog_info info{};
    if (!read_info(id, info)) continue;
    ProgramCost& cost = costs[info.name];
    cost.run_ns += info.run_time_ns;
    cost.runs += info.run_cnt;
  }
  return costs;
}

ProgramCosts growth(const ProgramCosts& before, const ProgramCosts& after) {
  ProgramCosts added = after;
  for (const auto& [name, cost] : before) {
    const auto found = added.find(name);
    if (found == added.end()) continue;
    found->second.run_ns -= cost.run_ns;
    found->second.runs -= cost.runs;
  }
  return added;
}

std::uint64_t total_ns(const ProgramCosts& costs) {
  std::uint64_t sum = 0;
  for (const auto& [name, cost] : costs) sum += cost.run_ns;
  return sum;
}

}  // namespace plateau::overhead
