#include "harness/capture.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <utility>

namespace plateau::live {
namespace {

constexpr int kReadyMs = 60'000;
constexpr int kQuietMs = 15'000;
constexpr int kEndMs = 60'000;

std::vector<std::string> command_of(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {PLATEAU};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

}  // namespace

Capture::Capture(const std::vector<std::string>& arguments, const ChildOptions& options)
    : child_(command_of(arguments), options),
      ready_(!child_.wait_for_line("plateau: ready", kReadyMs).empty()) {}

std::size_t Capture::settle(std::size_t lines) {
  std::size_t have = 0;
  const auto grown = [&have](const Output& output) {
    const std::size_t before = std::exchange(have, output.out_lines);
    return have > before;
  };
  while (have < lines && child_.wait_for(grown, kQuietMs)) {
  }
  return have;
}

int Capture::stop(int number) {
  child_.signal(number);
  return finish();
}

int Capture::finish() {
  return child_.finish(kEndMs);
}

std::vector<std::string> requests_of(pid_t pid, const std::string& max_cost) {
  return {"requests", "--pid", std::to_string(pid), "--format", "json", "--max-cost", max_cost};
}

Ended run_plateau(const std::vector<std::string>& arguments, const ChildOptions& options) {
  Child child(command_of(arguments), options);
  Ended ended;
  ended.status = child.finish(kEndMs);
  ended.out = child.out();
  ended.err = child.err();
  return ended;
}

std::string cannot_capture() {
  if (geteuid() != 0) return "loading BPF programs takes root";
  if (!std::filesystem::exists("/sys/kernel/btf/vmlinux")) return "this kernel offers no BTF";
  return {};
}

}  // namespace plateau::live
