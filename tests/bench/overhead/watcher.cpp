#include "overhead/watcher.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>

#include "base/clock.h"
#include "overhead/server.h"

namespace plateau::overhead {
namespace {

constexpr int kLiveMs = 20'000;
constexpr int kEndMs = 20'000;
constexpr std::string_view kNames[] = {"plateau", "full",    "low",      "high",     "bpftrace",
                                       "perf",    "strace",  "cpu99",    "cpu999",   "offcpu",
                                       "wall99",  "wall999", "wakers99", "wakers999"};

std::string joined(const std::vector<pid_t>& pids, const std::string& before, const std::string& between) {
  std::string text;
  for (const pid_t pid : pids) text += (text.empty() ? "" : between) + before + std::to_string(pid);
  return text;
}

// The interval probe goes on with the others and fires once they all have.
std::string bpftrace_script(const std::vector<pid_t>& pids) {
  const std::string ours = "/" + joined(pids, "pid == ", " || ") + "/";
  return "tracepoint:sock:sock_recv_length " + ours + " { @start[args->sk] = nsecs; }\n" +
         "tracepoint:sock:sock_send_length " + ours +
         " { if (@start[args->sk]) { @latency = hist(nsecs - @start[args->sk]); @requests = count();"
         " delete(@start[args->sk]); } }\n"
         "tracepoint:sched:sched_switch {\n"
         "  if (" +
         joined(pids, "pid == ", " || ") +
         ") { @off[args->prev_pid] = nsecs; }\n"
         "  if (@off[args->next_pid]) { @offcpu = hist(nsecs - @off[args->next_pid]);"
         " delete(@off[args->next_pid]); }\n}\n"
         "interval:ms:200 { if (!@live) { printf(\"live\\n\"); @live = 1; } }\n"
         "END { clear(@start); clear(@off); clear(@live); }\n";
}

Command profile_command(const std::vector<pid_t>& pids, int seconds, const std::vector<std::string>& kind) {
  Command flame{{PLATEAU_PROGRAM, "flame", "--pid", std::to_string(pids.front()), "--max-cost", "off",
                 "--duration", std::to_string(seconds) + "s", "--format", "folded", "-o", "/dev/null"},
                kLoadCpu};
  flame.arguments.insert(flame.arguments.end(), kind.begin(), kind.end());
  return flame;
}

Command command_for(WatcherKind kind, const std::vector<pid_t>& pids, int seconds) {
  switch (kind) {
    case WatcherKind::plateau:
    case WatcherKind::full:
    case WatcherKind::low:
    case WatcherKind::high: {
      Command plateau{{PLATEAU_PROGRAM, "explain", "--pid", std::to_string(pids.front()), "--format", "json",
                       "--duration", std::to_string(seconds) + "s"},
                      kLoadCpu};
      auto& arguments = plateau.arguments;
      if (kind != WatcherKind::plateau) arguments.insert(arguments.end(), {"--max-cost", "off"});
      if (kind == WatcherKind::low || kind == WatcherKind::high)
        arguments.insert(arguments.end(), {"--detail", watcher_name(kind)});
      return plateau;
    }
    case WatcherKind::bpftrace:
      return {{"bpftrace", "-B", "line", "-e", bpftrace_script(pids)}, kLoadCpu, true};
    case WatcherKind::perf:
      return {{"perf", "trace", "-s", "-p", joined(pids, "", ",")}, kLoadCpu, true};
    case WatcherKind::cpu99:
      return profile_command(pids, seconds, {"--kind", "cpu", "--frequency", "99"});
    case WatcherKind::cpu999:
      return profile_command(pids, seconds, {"--kind", "cpu", "--frequency", "999"});
    case WatcherKind::offcpu:
      return profile_command(pids, seconds, {"--kind", "offcpu"});
    case WatcherKind::wall99:
      return profile_command(pids, seconds, {"--kind", "wall", "--frequency", "99"});
    case WatcherKind::wall999:
      return profile_command(pids, seconds, {"--kind", "wall", "--frequency", "999"});
    case WatcherKind::wakers99:
      return profile_command(pids, seconds, {"--kind", "wall", "--frequency", "99", "--wakers"});
    case WatcherKind::wakers999:
      return profile_command(pids, seconds, {"--kind", "wall", "--frequency", "999", "--wakers"});
    case WatcherKind::strace:
      break;
  }
  Command strace{{"strace", "-f", "-c"}, kLoadCpu};
  for (const pid_t pid : pids) {
    strace.arguments.push_back("-p");
    strace.arguments.push_back(std::to_string(pid));
  }
  return strace;
}

bool file_holds(const std::string& path, std::string_view text) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);)
    if (line.find(text) != std::string::npos) return true;
  return false;
}

}  // namespace

const char* watcher_name(WatcherKind kind) {
  return kNames[static_cast<std::size_t>(kind)].data();
}

bool is_plateau(WatcherKind kind) {
  return kind <= WatcherKind::high;
}

bool is_profile(WatcherKind kind) {
  return kind >= WatcherKind::cpu99;
}

Result<WatcherKind> parse_peer(std::string_view name) {
  for (std::size_t i = 1; i < std::size(kNames); i++)
    if (name == kNames[i]) return static_cast<WatcherKind>(i);
  return fail("'" + std::string(name) +
                  "' is not a peer: full, low, high, bpftrace, perf, strace, cpu99, cpu999, offcpu, wall99, "
                  "wall999, wakers99 or wakers999",
              ExitCode::usage);
}

Result<Watcher> Watcher::start(WatcherKind kind, const std::vector<pid_t>& pids, int seconds) {
  const std::uint64_t begin = monotonic_ns();
  auto child = Child::start(command_for(kind, pids, seconds));
  if (!child) return child.error();
  Watcher watcher(kind, std::move(*child));
  if (auto live = watcher.wait_until_live(pids); !live) return live.error();
  watcher.attach_ms_ = static_cast<double>(monotonic_ns() - begin) / 1e6;
  return watcher;
}

Status Watcher::wait_until_live(const std::vector<pid_t>& pids) {
  if (is_plateau(kind_) || is_profile(kind_)) return child_.wait_for_text("plateau: ready", kLiveMs);
  if (kind_ == WatcherKind::bpftrace) return child_.wait_for_text("live\n", kLiveMs);
  if (kind_ == WatcherKind::perf) {
    const std::string maps = "/proc/" + std::to_string(pid()) + "/maps";
    return child_.wait_until([&] { return file_holds(maps, "[perf_event]"); }, kLiveMs, "its events");
  }
  const auto traced = [&] {
    return std::ranges::all_of(pids, [&](pid_t traced_pid) {
      return file_holds("/proc/" + std::to_string(traced_pid) + "/status",
                        "TracerPid:\t" + std::to_string(pid()));
    });
  };
  return child_.wait_until(traced, kLiveMs, "its attachment");
}

Result<WatcherReport> Watcher::finish() {
  child_.signal(SIGINT);
  auto ending = child_.finish(kEndMs);
  if (!ending) return ending.error();
  WatcherReport report{*ending, std::nullopt, {}};
  Status read = success();
  if (is_plateau(kind_)) read = read_plateau(child_.out(), report);
  if (kind_ == WatcherKind::bpftrace) read = read_bpftrace(child_.out(), report);
  if (!read)
    return fail(read.error().message + "; it ended with status " + std::to_string(ending->status) + ": " +
                child_.err());
  return report;
}

}  // namespace plateau::overhead
