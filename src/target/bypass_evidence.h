// What the texts in /proc give away of a road around the kernel's TCP. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "target/bypass.h"

namespace plateau::target {

class BypassEvidence {
 public:
  // Text of /proc/PID/net/udp or udp6: sockets that take datagrams from anybody. Before the descriptors.
  void udp_table(std::string_view table);

  // A descriptor: what /proc/PID/fd/N points to, and of a socket its protocol as the kernel calls it ("XDP",
  // "TCP"; empty: not known). A socket with several descriptors counts once.
  void descriptor(std::string_view link, std::string_view protocol);

  // Text of /proc/PID/maps.
  void mappings(std::string_view maps);

  // One for each kind and evidence, in the order of the kinds.
  std::vector<BypassFinding> findings() const;

 private:
  void add(Bypass kind, std::string_view evidence, bool possible);
  void mapped_file(std::string_view path);

  std::vector<BypassFinding> findings_;
  std::unordered_map<std::uint64_t, std::string> udp_;  // address and port by inode
  std::unordered_set<std::uint64_t> sockets_;           // looked at
  std::unordered_set<std::string> files_;               // looked at
};

}  // namespace plateau::target
