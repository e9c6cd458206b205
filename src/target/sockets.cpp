#include "target/sockets.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "target/descriptors.h"
#include "target/proc_net.h"
#include "target/process.h"

namespace plateau::target {
namespace {

struct Row {
  Socket socket;
  unsigned state = 0;
};

// Rows of /proc/PID/net/tcp or tcp6 by inode, of listening and established sockets: a busy server's table is
// mostly of those that have ended.
void read_table(const std::string& path, std::unordered_map<std::uint64_t, Row>& rows) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto parsed = parse_proc_net(line);
    if (!parsed || (parsed->state != kEstablished && parsed->state != kListen)) continue;
    const Endpoint local = parse_endpoint(parsed->local);
    rows[parsed->inode] = {{local.address, local.port, parsed->state == kListen}, parsed->state};
  }
}

std::unordered_map<std::uint64_t, std::string> unix_listeners(const std::string& path) {
  std::unordered_map<std::uint64_t, std::string> listeners;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);)
    if (auto listener = parse_unix_listener(line)) listeners[listener->inode] = std::move(listener->path);
  return listeners;
}

std::unordered_set<std::uint64_t> listening_inodes(const std::string& net, std::uint16_t port) {
  std::unordered_map<std::uint64_t, Row> rows;
  read_table(net + "tcp", rows);
  read_table(net + "tcp6", rows);
  std::unordered_set<std::uint64_t> inodes;
  for (const auto& [inode, row] : rows)
    if (row.socket.listening && row.socket.port == port) inodes.insert(inode);
  return inodes;
}

}  // namespace

std::unordered_set<std::uint64_t> socket_inodes(pid_t pid) {
  std::unordered_set<std::uint64_t> inodes;
  constexpr std::string_view kSocket = "socket:[";
  for_each_descriptor(pid, [&](const std::string&, std::string_view link) {
    std::uint64_t inode = 0;
    if (!link.starts_with(kSocket)) return;
    std::from_chars(link.data() + kSocket.size(), link.data() + link.size(), inode);
    inodes.insert(inode);
  });
  return inodes;
}

bool descriptors_readable(pid_t pid) {
  std::error_code error;
  const std::filesystem::directory_iterator fds("/proc/" + std::to_string(pid) + "/fd", error);
  if (error) return error != std::errc::permission_denied;  // else it has gone
  if (fds != std::filesystem::directory_iterator()) (void)std::filesystem::read_symlink(fds->path(), error);
  return error != std::errc::permission_denied;
}

Sockets sockets_of(pid_t pid) {
  std::unordered_map<std::uint64_t, Row> rows;
  const std::string net = "/proc/" + std::to_string(pid) + "/net/";
  read_table(net + "tcp", rows);
  read_table(net + "tcp6", rows);
  Sockets found;
  const auto local = unix_listeners(net + "unix");
  std::set<std::pair<std::string, std::uint16_t>> seen;
  for (const auto inode : socket_inodes(pid)) {
    if (const auto listener = local.find(inode); listener != local.end())
      found.unix_listening.push_back(listener->second);
    const auto row = rows.find(inode);
    if (row == rows.end()) continue;
    const auto& socket = row->second.socket;
    if (row->second.state == kEstablished) found.connections++;
    if (socket.listening && seen.insert({socket.address, socket.port}).second)
      found.listening.push_back(socket);
  }
  std::sort(found.listening.begin(), found.listening.end(), [](const Socket& a, const Socket& b) {
    return std::tie(a.port, a.address) < std::tie(b.port, b.address);
  });
  std::sort(found.unix_listening.begin(), found.unix_listening.end());
  return found;
}

std::vector<std::string> Sockets::places() const {
  std::vector<std::string> all;
  for (const Socket& socket : listening) all.push_back(socket.address + ":" + std::to_string(socket.port));
  for (const std::string& path : unix_listening) all.push_back("unix:" + path);
  return all;
}

// The tables are the same for all processes of a network namespace, and long on a busy machine: each
// namespace is read once.
Result<std::vector<pid_t>> find_by_port(std::uint16_t port) {
  const auto all = all_processes();
  std::map<std::string, std::unordered_set<std::uint64_t>> listening;  // inodes by namespace
  std::set<pid_t> listeners;
  for (const auto& process : all) {
    const std::string proc = "/proc/" + std::to_string(process.pid);
    std::error_code ignored;
    const std::string network = std::filesystem::read_symlink(proc + "/ns/net", ignored);
    const auto [inodes, fresh] = listening.try_emplace(network);
    if (fresh) inodes->second = listening_inodes(proc + "/net/", port);
    if (inodes->second.empty()) continue;
    const auto own = socket_inodes(process.pid);
    if (std::any_of(own.begin(), own.end(),
                    [&](std::uint64_t inode) { return inodes->second.contains(inode); }))
      listeners.insert(process.pid);
  }
  std::vector<pid_t> outermost;
  for (const auto& process : all)
    if (listeners.contains(process.pid) && !listeners.contains(process.parent))
      outermost.push_back(process.pid);
  if (outermost.empty())
    return fail("nothing listens on TCP port " + std::to_string(port) + ": see what does with ss -ltnp",
                ExitCode::no_target);
  return outermost;
}

}  // namespace plateau::target
