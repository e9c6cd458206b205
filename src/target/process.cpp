#include "target/process.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>

#include "base/text_file.h"

namespace plateau::target {
namespace {

constexpr std::size_t kCommLength = 15;  // TASK_COMM_LEN - 1

// /proc/PID/stat, whose second field may itself hold spaces and parentheses (proc(5)).
bool parse_stat(const std::string& text, Process& out) {
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return false;
  out.comm = text.substr(open + 1, close - open - 1);
  std::istringstream rest(text.substr(close + 1));
  const std::vector<std::string> field{std::istream_iterator<std::string>(rest), {}};
  if (field.size() < 20) return false;                   // field[0] is the third of proc(5), the state
  if (field[0] == "Z" || field[0] == "X") return false;  // it has ended, and waits to be reaped
  out.parent = std::atoi(field[1].c_str());
  out.cpu_ticks =
      std::strtoull(field[11].c_str(), nullptr, 10) + std::strtoull(field[12].c_str(), nullptr, 10);
  out.threads = static_cast<unsigned>(std::strtoul(field[17].c_str(), nullptr, 10));
  out.start_ticks = std::strtoull(field[19].c_str(), nullptr, 10);
  return true;
}

bool read_stat(pid_t pid, Process& out) {
  out.pid = pid;
  return parse_stat(read_text("/proc/" + std::to_string(pid) + "/stat"), out);
}

}  // namespace

Result<Process> read_process(pid_t pid) {
  Process process;
  if (!read_stat(pid, process))
    return fail("no process " + std::to_string(pid) + ": give the PID of a running server (see: ps -e)",
                ExitCode::no_target);
  return process;
}

bool has_ended(pid_t pid) {
  return kill(pid, 0) != 0 && errno == ESRCH;
}

std::vector<Process> all_processes() {
  std::vector<Process> all;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto end = name.data() + name.size();
    if (std::from_chars(name.data(), end, pid).ptr != end) continue;
    Process process;
    if (read_stat(pid, process)) all.push_back(std::move(process));
  }
  return all;
}

std::vector<Process> descendants(const std::vector<pid_t>& roots, const std::vector<Process>& all) {
  std::vector<Process> tree;
  std::set<pid_t> in_tree;
  const auto add = [&](const Process& process) {
    if (in_tree.insert(process.pid).second) tree.push_back(process);
  };
  for (const auto& process : all)
    if (std::find(roots.begin(), roots.end(), process.pid) != roots.end()) add(process);
  for (std::size_t i = 0; i < tree.size(); i++) {
    const pid_t parent = tree[i].pid;
    for (const auto& process : all)
      if (process.parent == parent) add(process);
  }
  return tree;
}

Result<std::vector<pid_t>> find_by_comm(const std::string& comm) {
  const auto all = all_processes();
  const std::string wanted = comm.substr(0, kCommLength);
  std::set<pid_t> matching;
  for (const auto& process : all)
    if (process.comm == wanted) matching.insert(process.pid);
  std::vector<pid_t> outermost;
  for (const auto& process : all)
    if (matching.contains(process.pid) && !matching.contains(process.parent))
      outermost.push_back(process.pid);
  if (outermost.empty())
    return fail("no process is called '" + wanted + "': give its name as in ps -eo comm",
                ExitCode::no_target);
  return outermost;
}

}  // namespace plateau::target
