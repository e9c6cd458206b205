#include "app/lab/place.h"

#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace plateau::app::lab {
namespace {

namespace fs = std::filesystem;

std::string list_of(const std::vector<int>& cpus) {
  std::string text;
  for (const int cpu : cpus) text += (text.empty() ? "" : ", ") + std::to_string(cpu);
  return text;
}

std::vector<fs::path> folders() {
  const fs::path own = fs::path(own_program()).parent_path();
  std::vector<fs::path> all = {own, own.parent_path() / "tests" / "targets"};
  const char* const path = std::getenv("PATH");
  std::istringstream parts(path != nullptr ? path : "");
  for (std::string part; std::getline(parts, part, ':');) all.emplace_back(part);
  all.emplace_back("/usr/sbin");
  return all;
}

}  // namespace

Place choose_place(Cores cores, const std::vector<int>& allowed) {
  if (cores == Cores::shared)
    return {allowed, allowed, "server, load and plateau share CPUs " + list_of(allowed)};
  if (allowed.size() < 2)
    return {allowed, allowed, "server, load and plateau share the one CPU there is: figures are lower"};
  return {{allowed[0]},
          {allowed[1]},
          "server on CPU " + std::to_string(allowed[0]) + ", load and plateau on CPU " +
              std::to_string(allowed[1])};
}

void stay_on(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (!cpus.empty()) sched_setaffinity(0, sizeof(set), &set);
}

Result<std::string> find_program(const std::string& name) {
  for (const fs::path& folder : folders()) {
    const fs::path path = folder / name;
    if (!folder.empty() && access(path.c_str(), X_OK) == 0 && fs::is_regular_file(path)) return path.string();
  }
  return fail(name + " is not there: neither beside plateau nor in PATH", ExitCode::usage);
}

std::string own_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).string();
}

}  // namespace plateau::app::lab
