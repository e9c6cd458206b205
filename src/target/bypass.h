// What of a process's traffic goes by another road than the kernel's TCP, where the probes look: found from
// its descriptors, its mappings and the socket tables. How many bytes go by it cannot be told.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plateau::target {

enum class Bypass : std::uint8_t {
  af_xdp,         // AF_XDP sockets: frames from and to the network card's queues
  packet_socket,  // AF_PACKET, PF_RING, netmap: frames
  raw_socket,     // IP packets
  udp,            // datagrams taken on a bound, unconnected socket: HTTP/3 among them
  transport,      // another transport of the kernel's: SCTP, SMC, vsock …
  dpdk,
  device,      // a device driven from user space by VFIO or UIO
  rdma,        // InfiniBand verbs
  user_stack,  // another TCP in user space
};

// "af_xdp", …
std::string_view bypass_name(Bypass kind);

struct BypassFinding {
  Bypass kind = Bypass::af_xdp;
  std::string evidence;   // "0.0.0.0:443", "/dev/vfio/12", "libonload.so"; empty: the sockets themselves
  std::size_t count = 0;  // sockets, descriptors or mappings
  bool possible = false;  // the means are there; whether they are used cannot be told
};

// "2 AF_XDP sockets", "libonload.so loaded (OpenOnload)".
std::string bypass_text(const BypassFinding& finding);

// Nothing if /proc does not let us look. One finding for each kind and evidence, in the order of the kinds.
std::optional<std::vector<BypassFinding>> bypasses_of(pid_t pid);

}  // namespace plateau::target
