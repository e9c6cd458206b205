#include "target/bypass.h"

#include <sys/xattr.h>

#include <array>
#include <string>

#include "base/text_file.h"
#include "target/bypass_evidence.h"
#include "target/descriptors.h"

namespace plateau::target {
namespace {

constexpr std::array<std::string_view, 9> kNames{
    "af_xdp", "packet_socket", "raw_socket", "udp", "transport", "dpdk", "device", "rdma", "user_stack"};

// The kernel names a socket's protocol in an extended attribute of its inode; what lsof reads too.
std::string protocol_of(const std::string& descriptor) {
  std::array<char, 32> name{};
  const ssize_t size = getxattr(descriptor.c_str(), "system.sockprotoname", name.data(), name.size() - 1);
  return size > 0 ? std::string(name.data()) : std::string();
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string stack_text(const std::string& evidence) {
  if (evidence == "/dev/net/tun") return "a tun or tap device open, for packets of its own making";
  if (evidence == "/dev/vhost-net") return "/dev/vhost-net open, for packets of its own making";
  if (evidence.starts_with("/dev/")) return evidence + " open (OpenOnload)";
  return evidence + " loaded, a TCP of its own in user space";
}

}  // namespace

std::string_view bypass_name(Bypass kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

std::string bypass_text(const BypassFinding& finding) {
  const std::string& evidence = finding.evidence;
  switch (finding.kind) {
    case Bypass::af_xdp:
      return counted(finding.count, "AF_XDP socket");
    case Bypass::packet_socket:
      return evidence.empty() ? counted(finding.count, "packet socket") : evidence + " open";
    case Bypass::raw_socket:
      return counted(finding.count, "raw IP socket");
    case Bypass::udp:
      return "a UDP socket on " + evidence + " (HTTP/3 or another protocol over datagrams)";
    case Bypass::transport:
      return counted(finding.count, evidence + " socket");
    case Bypass::dpdk:
      return finding.possible ? evidence + " loaded (DPDK)" : "DPDK's hugepages mapped";
    case Bypass::device:
      return evidence + " open, a device driven from user space";
    case Bypass::rdma:
      return evidence + (finding.possible ? " loaded (RDMA)" : " open (RDMA)");
    case Bypass::user_stack:
      break;
  }
  return stack_text(evidence);
}

std::optional<std::vector<BypassFinding>> bypasses_of(pid_t pid) {
  const std::string proc = "/proc/" + std::to_string(pid);
  BypassEvidence evidence;
  for (const char* const table : {"/net/udp", "/net/udp6"}) evidence.udp_table(read_text(proc + table));
  const bool seen = for_each_descriptor(pid, [&](const std::string& path, std::string_view link) {
    evidence.descriptor(link, link.starts_with("socket:[") ? protocol_of(path) : std::string());
  });
  if (!seen) return std::nullopt;
  evidence.mappings(read_text(proc + "/maps"));
  return evidence.findings();
}

}  // namespace plateau::target
