#include "target/bypass_evidence.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "target/proc_net.h"

namespace plateau::target {
namespace {

struct Sign {
  std::string_view prefix;
  Bypass kind;
  bool possible;
};

// By the name of the kernel's struct proto. What comes over the others is in view (MPTCP), or no network
// (NETLINK …).
constexpr std::array<Sign, 13> kProtocols{{
    {"XDP", Bypass::af_xdp, false},
    {"PACKET", Bypass::packet_socket, false},
    {"PF_RING", Bypass::packet_socket, false},
    {"RAW", Bypass::raw_socket, false},
    {"RAWv6", Bypass::raw_socket, false},
    {"SCTP", Bypass::transport, false},
    {"SCTPv6", Bypass::transport, false},
    {"SMC", Bypass::transport, false},
    {"SMC6", Bypass::transport, false},
    {"RDS", Bypass::transport, false},
    {"TIPC", Bypass::transport, false},
    {"AF_VSOCK", Bypass::transport, false},
    {"DCCP", Bypass::transport, false},
}};

// Of what a descriptor points to.
constexpr std::array<Sign, 11> kDevices{{
    {"/dev/vfio/", Bypass::device, false},
    {"anon_inode:[vfio-device]", Bypass::device, false},
    {"/dev/uio", Bypass::device, false},
    {"/dev/netmap", Bypass::packet_socket, false},
    {"/dev/infiniband/uverbs", Bypass::rdma, false},
    {"/dev/infiniband/rdma_cm", Bypass::rdma, false},
    {"anon_inode:[infinibandevent]", Bypass::rdma, false},
    {"/dev/onload", Bypass::user_stack, false},
    {"/dev/sfc_char", Bypass::user_stack, false},
    {"/dev/net/tun", Bypass::user_stack, true},
    {"/dev/vhost-net", Bypass::user_stack, true},
}};

// Of a mapped file's last name.
constexpr std::array<Sign, 11> kLibraries{{
    {"libonload.so", Bypass::user_stack, false},
    {"libvma.so", Bypass::user_stack, false},
    {"libxlio.so", Bypass::user_stack, false},
    {"libmtcp.so", Bypass::user_stack, false},
    {"libfstack.so", Bypass::user_stack, false},
    {"libvcl_ldpreload.so", Bypass::user_stack, false},
    {"libvppcom.so", Bypass::user_stack, false},
    {"librte_eal.so", Bypass::dpdk, true},
    {"libdpdk.so", Bypass::dpdk, true},
    {"libibverbs.so", Bypass::rdma, true},
    {"librdmacm.so", Bypass::rdma, true},
}};

template <std::size_t N>
const Sign* sign_at_start(const std::array<Sign, N>& signs, std::string_view text) {
  const auto found =
      std::find_if(signs.begin(), signs.end(), [&](const Sign& s) { return text.starts_with(s.prefix); });
  return found == signs.end() ? nullptr : &*found;
}

std::uint64_t inode_of(std::string_view link) {
  std::uint64_t inode = 0;
  constexpr std::string_view kSocket = "socket:[";
  std::from_chars(link.data() + kSocket.size(), link.data() + link.size(), inode);
  return inode;
}

std::string_view last_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// DPDK's hugepages ("rtemap_0", with --file-prefix "PREFIXmap_0", from a hugetlbfs) and what its processes
// share.
bool is_dpdk_memory(std::string_view path) {
  const std::string_view name = last_name(path);
  if (name.starts_with("rtemap_") || path.find("/dpdk/rte/") != std::string_view::npos) return true;
  if (path.find("/run/dpdk/") != std::string_view::npos) return true;
  const auto map = name.find("map_");
  return map != std::string_view::npos && path.find("hugepages") != std::string_view::npos &&
         name.find_first_not_of("0123456789", map + 4) == std::string_view::npos;
}

template <class Take>
void for_each_line(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

void BypassEvidence::add(Bypass kind, std::string_view evidence, bool possible) {
  const auto same = std::find_if(findings_.begin(), findings_.end(), [&](const BypassFinding& f) {
    return f.kind == kind && f.evidence == evidence;
  });
  if (same != findings_.end())
    same->count++;
  else
    findings_.push_back({kind, std::string(evidence), 1, possible});
}

void BypassEvidence::udp_table(std::string_view table) {
  for_each_line(table, [&](std::string_view line) {
    const auto row = parse_proc_net(line);
    if (row && row->state == kUnconnected) udp_[row->inode] = parse_endpoint(row->local).text();
  });
}

void BypassEvidence::descriptor(std::string_view link, std::string_view protocol) {
  if (!link.starts_with("socket:[")) {
    if (const Sign* sign = sign_at_start(kDevices, link)) add(sign->kind, link, sign->possible);
    return;
  }
  const std::uint64_t inode = inode_of(link);
  if (!sockets_.insert(inode).second) return;
  if (const auto udp = udp_.find(inode); udp != udp_.end()) add(Bypass::udp, udp->second, false);
  const auto known = std::find_if(kProtocols.begin(), kProtocols.end(),
                                  [&](const Sign& sign) { return sign.prefix == protocol; });
  if (known == kProtocols.end()) return;
  const bool named = known->kind == Bypass::transport;
  add(known->kind, named ? known->prefix : std::string_view(), known->possible);
}

void BypassEvidence::mapped_file(std::string_view path) {
  if (is_dpdk_memory(path))
    add(Bypass::dpdk, "its hugepages", false);
  else if (const Sign* device = sign_at_start(kDevices, path))
    add(device->kind, path, device->possible);
  else if (const Sign* library = sign_at_start(kLibraries, last_name(path)))
    add(library->kind, library->prefix, library->possible);
}

void BypassEvidence::mappings(std::string_view maps) {
  for_each_line(maps, [&](std::string_view line) {
    const auto path = line.find('/');
    if (path == std::string_view::npos || !files_.emplace(line.substr(path)).second) return;
    mapped_file(line.substr(path));
  });
}

std::vector<BypassFinding> BypassEvidence::findings() const {
  auto sorted = findings_;
  std::sort(sorted.begin(), sorted.end(), [](const BypassFinding& a, const BypassFinding& b) {
    return std::tie(a.kind, a.possible, a.evidence) < std::tie(b.kind, b.possible, b.evidence);
  });
  return sorted;
}

}  // namespace plateau::target
