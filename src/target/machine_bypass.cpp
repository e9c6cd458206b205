#include "target/machine_bypass.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>

#include "base/text_file.h"

namespace plateau::target {
namespace {

constexpr std::array<const char*, 5> kDeviceFolders{"/dev/vfio", "/sys/class/uio", "/sys/class/infiniband",
                                                    "/sys/bus/pci/drivers/vfio-pci",
                                                    "/sys/bus/pci/drivers/igb_uio"};

// A device bound to a PCI driver is a link named by its address ("0000:3b:00.0").
bool is_device(const std::string& folder, const std::string& name) {
  return folder.find("/pci/") == std::string::npos ? name != "vfio" : name.find(':') != std::string::npos;
}

std::vector<std::string> devices() {
  std::vector<std::string> found;
  for (const std::string folder : kDeviceFolders) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
      if (is_device(folder, entry.path().filename())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool has_ktls() {
  std::istringstream available(read_text("/proc/sys/net/ipv4/tcp_available_ulp"));
  for (std::string name; available >> name;)
    if (name == "tls") return true;
  return false;
}

}  // namespace

bool has_protocol(std::string_view protocols, std::string_view name) {
  std::istringstream in{std::string(protocols)};
  for (std::string line; std::getline(in, line);)
    if (line.substr(0, line.find(' ')) == name) return true;
  return false;
}

MachineBypass machine_bypass() {
  MachineBypass machine;
  machine.af_xdp = has_protocol(read_text("/proc/net/protocols"), "XDP");
  machine.ktls = has_ktls();
  machine.devices = devices();
  for (const auto& process : all_processes()) {
    const auto findings = bypasses_of(process.pid);
    if (!findings) continue;
    for (const auto& finding : *findings)
      if (finding.kind != Bypass::udp && !finding.possible) machine.users.push_back({process, finding});
  }
  return machine;
}

}  // namespace plateau::target
