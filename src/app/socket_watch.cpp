#include "app/socket_watch.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/clock.h"
#include "target/netstat.h"
#include "target/sockets.h"

namespace plateau::app {
namespace {

constexpr std::uint64_t kQueuesNs = 20'000'000;
constexpr std::uint64_t kConnectionsNs = 250'000'000;
constexpr std::uint64_t kListenersNs = 30'000'000'000;
constexpr std::uint64_t kDownstreamsNs = 1'000'000'000;
// Of a CPU's time, spent on each of the three: one part in this many.
constexpr std::uint64_t kQueuesShare = 200, kConnectionsShare = 500, kDownstreamsShare = 1'000;
constexpr std::size_t kMaxNamespaces = 8;

std::uint64_t thread_cpu_ns() {
  return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

// When to look again, after a look that took from `begin_ns` of this thread's CPU time until now.
std::uint64_t due_after(std::uint64_t begin_ns, std::uint64_t at_least_ns, std::uint64_t share) {
  return monotonic_ns() + std::max(at_least_ns, (thread_cpu_ns() - begin_ns) * share);
}

std::string namespace_of(pid_t pid) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/ns/net", ignored);
}

bool takes(const target::Endpoint& listener, const target::Endpoint& local) {
  return listener.port == local.port &&
         (listener.address == "0.0.0.0" || listener.address == "[::]" || listener.address == local.address);
}

wire::BacklogFact backlog_of(pid_t pid) {
  const auto counters = target::netstat_of(pid);
  const auto at = [&](const char* name) {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
  };
  return {at("TcpExt.ListenOverflows"), at("TcpExt.ListenDrops"), at("TcpExt.TCPReqQFullDrop"),
          at("TcpExt.TCPReqQFullDoCookies")};
}

}  // namespace

void SocketWatch::start(const std::vector<target::Process>& processes) {
  for (const auto& process : processes) {
    const std::string name = namespace_of(process.pid);
    if (name.empty() || namespaces_.contains(name) || namespaces_.size() >= kMaxNamespaces) continue;
    auto diag = target::SocketDiag::open(process.pid);
    if (!diag) {
      unknown_ = diag.error().message;
      continue;
    }
    const auto counters = backlog_of(process.pid);
    namespaces_.emplace(name, Namespace{std::move(*diag), process.pid, counters, counters});
  }
  look(processes);
  queues_.begin();
}

void SocketWatch::tick(std::uint64_t now_ns) {
  if (now_ns >= queues_due_ns_) look_at_queues();
  if (now_ns >= connections_due_ns_) look_at_connections();
}

void SocketWatch::look(const std::vector<target::Process>& processes) {
  find_listeners(processes);
  look_at_queues();
  look_at_connections();
  look_at_downstreams(processes);
  read_counters();
}

void SocketWatch::find_listeners(const std::vector<target::Process>& processes) {
  const std::uint64_t now = monotonic_ns();
  if (processes.empty() || now < listeners_due_ns_) return;
  listeners_due_ns_ = now + kListenersNs;
  listeners_.clear();
  for (const auto& process : processes) {
    if (!target::descriptors_readable(process.pid))
      unknown_ = "its descriptors may not be read (CAP_SYS_PTRACE is needed)";
    listeners_.merge(target::socket_inodes(process.pid));
  }
}

void SocketWatch::look_at_queues() {
  const std::uint64_t begin = thread_cpu_ns();
  addresses_.clear();
  for (auto& [name, space] : namespaces_) {
    const auto looked = space.diag.listening([&](const target::TcpSocket& socket) {
      if (!listeners_.contains(socket.inode)) return;
      queues_.take(socket);
      addresses_.push_back(socket.local);
    });
    if (!looked) unknown_ = looked.error().message;
  }
  queues_due_ns_ = due_after(begin, kQueuesNs, kQueuesShare);
}

void SocketWatch::look_at_connections() {
  const std::uint64_t begin = thread_cpu_ns();
  std::set<std::uint16_t> ports;
  for (const auto& address : addresses_) ports.insert(address.port);
  send_path_.begin_look();
  for (auto& [name, space] : namespaces_)
    for (const std::uint16_t port : ports) {
      const auto looked = space.diag.connections(port, [&](const target::TcpSocket& socket) {
        if (is_accepted(socket)) send_path_.take(socket);
      });
      if (!looked) unknown_ = looked.error().message;
    }
  send_path_.end_look();
  connections_due_ns_ = due_after(begin, kConnectionsNs, kConnectionsShare);
}

void SocketWatch::look_at_downstreams(const std::vector<target::Process>& processes) {
  if (monotonic_ns() < downstreams_due_ns_) return;
  const std::uint64_t begin = thread_cpu_ns();
  std::unordered_set<std::uint64_t> own;
  for (const auto& process : processes) own.merge(target::socket_inodes(process.pid));
  downstreams_.begin_look();
  for (auto& [name, space] : namespaces_) {
    const auto looked = space.diag.established([&](const target::TcpSocket& socket) {
      if (own.contains(socket.inode) && !is_accepted(socket)) downstreams_.take(socket);
    });
    if (!looked) unknown_ = looked.error().message;
  }
  downstreams_.end_look();
  downstreams_due_ns_ = due_after(begin, kDownstreamsNs, kDownstreamsShare);
}

bool SocketWatch::is_accepted(const target::TcpSocket& socket) const {
  return std::any_of(addresses_.begin(), addresses_.end(),
                     [&](const auto& listener) { return takes(listener, socket.local); });
}

void SocketWatch::read_counters() {
  for (auto& [name, space] : namespaces_) {
    const auto now = backlog_of(space.pid);
    if (now.drops >= space.now.drops) space.now = now;  // else the process has gone
  }
}

void SocketWatch::tell(wire::Facts& facts) const {
  facts.accept_queues = queues_.facts();
  facts.downstreams = downstreams_.facts();
  facts.send_path = send_path_.fact();
  facts.sockets_unknown = unknown_;
  for (const auto& [name, space] : namespaces_) {
    facts.backlog.overflows += space.now.overflows - space.first.overflows;
    facts.backlog.drops += space.now.drops - space.first.drops;
    facts.backlog.request_drops += space.now.request_drops - space.first.request_drops;
    facts.backlog.cookies += space.now.cookies - space.first.cookies;
  }
}

}  // namespace plateau::app
