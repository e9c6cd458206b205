#include "target/sockets.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "target/process.h"

namespace plateau::target {
namespace {

constexpr unsigned kEstablished = 1, kListen = 10;  // include/net/tcp_states.h

struct Row {
  Socket socket;
  unsigned state = 0;
};

// The kernel prints each 32-bit word of an address as a number in host order.
std::string address_text(const std::string& hex) {
  in6_addr raw{};
  const std::size_t words = hex.size() / 8;
  if (words != 1 && words != 4) return "?";
  for (std::size_t i = 0; i < words; i++) {
    const auto word = static_cast<std::uint32_t>(std::strtoul(hex.substr(i * 8, 8).c_str(), nullptr, 16));
    std::memcpy(&raw.s6_addr[i * 4], &word, sizeof(word));
  }
  char text[INET6_ADDRSTRLEN] = "?";
  inet_ntop(words == 1 ? AF_INET : AF_INET6, &raw, text, sizeof(text));
  return words == 1 ? std::string(text) : "[" + std::string(text) + "]";
}

// Cuts the next word off the front of `text`.
std::string_view next_word(std::string_view& text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  const auto end = std::min(text.find(' ', begin), text.size());
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::uint64_t number(std::string_view word, int base) {
  std::uint64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value, base);
  return value;
}

// Rows of /proc/PID/net/tcp or tcp6 by inode, of listening and established sockets: a busy server's table is
// mostly of those that have ended.
void read_table(const std::string& path, std::unordered_map<std::uint64_t, Row>& rows) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::string_view rest(line);
    next_word(rest);
    const std::string local(next_word(rest));
    next_word(rest);
    const auto state = static_cast<unsigned>(number(next_word(rest), 16));
    const auto colon = local.find(':');
    if ((state != kEstablished && state != kListen) || colon == std::string::npos) continue;
    for (int field = 0; field < 5; field++) next_word(rest);
    Row row;
    row.state = state;
    row.socket.address = address_text(local.substr(0, colon));
    row.socket.port = static_cast<std::uint16_t>(number(std::string_view(local).substr(colon + 1), 16));
    row.socket.listening = row.state == kListen;
    rows[number(next_word(rest), 10)] = row;
  }
}

std::unordered_set<std::uint64_t> socket_inodes(pid_t pid) {
  std::unordered_set<std::uint64_t> inodes;
  std::error_code ignored;
  for (const auto& fd :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", ignored)) {
    const std::string link = std::filesystem::read_symlink(fd.path(), ignored);
    if (link.rfind("socket:[", 0) == 0) inodes.insert(std::strtoull(link.c_str() + 8, nullptr, 10));
  }
  return inodes;
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

Sockets sockets_of(pid_t pid) {
  std::unordered_map<std::uint64_t, Row> rows;
  const std::string net = "/proc/" + std::to_string(pid) + "/net/";
  read_table(net + "tcp", rows);
  read_table(net + "tcp6", rows);
  Sockets found;
  std::set<std::pair<std::string, std::uint16_t>> seen;
  for (const auto inode : socket_inodes(pid)) {
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
  return found;
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
