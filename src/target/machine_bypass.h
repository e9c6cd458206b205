// Roads around the kernel's TCP that the machine has, whoever uses them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "target/bypass.h"
#include "target/process.h"

namespace plateau::target {

struct MachineBypass {
  bool af_xdp = false;  // this kernel has AF_XDP sockets
  bool ktls = false;    // and TLS in the kernel, its module loaded
  std::vector<std::string>
      devices;  // for user-space drivers and RDMA: "/dev/vfio/12", "/sys/class/uio/uio0" …
  struct User {
    Process process;
    BypassFinding finding;
  };
  std::vector<User> users;  // processes that certainly have one; UDP sockets left out
};

// Looks at every process: takes a second or so on a machine with thousands.
MachineBypass machine_bypass();

// Whether /proc/net/protocols has `name`. Pure.
bool has_protocol(std::string_view protocols, std::string_view name);

}  // namespace plateau::target
