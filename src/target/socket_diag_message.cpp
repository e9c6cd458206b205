#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "target/socket_diag.h"

namespace plateau::target {
namespace {

using Bytes = std::span<const std::byte>;

// What is there of a T, the rest zero: older kernels know less of it, younger ones more.
template <class T>
T read(Bytes bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof(T), bytes.size()));
  return value;
}

constexpr std::size_t aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

// Attributes, one after the other: type and content.
template <class Take>
void for_each_attribute(Bytes bytes, const Take& take) {
  while (bytes.size() >= sizeof(rtattr)) {
    const auto header = read<rtattr>(bytes);
    if (header.rta_len < sizeof(rtattr) || header.rta_len > bytes.size()) return;
    take(header.rta_type & NLA_TYPE_MASK, bytes.subspan(sizeof(rtattr), header.rta_len - sizeof(rtattr)));
    bytes = bytes.subspan(std::min(bytes.size(), aligned(header.rta_len)));
  }
}

void take_info(TcpSocket& socket, Bytes content) {
  const auto info = read<tcp_info>(content);
  socket.measured =
      content.size() >= offsetof(tcp_info, tcpi_sndbuf_limited) + sizeof(info.tcpi_sndbuf_limited);
  socket.busy_us = info.tcpi_busy_time;
  socket.receiver_limited_us = info.tcpi_rwnd_limited;
  socket.buffer_limited_us = info.tcpi_sndbuf_limited;
  socket.bytes_acknowledged = info.tcpi_bytes_acked;
  socket.bytes_retransmitted = info.tcpi_bytes_retrans;
  socket.round_trip_us = info.tcpi_rtt;
}

void take_drops(TcpSocket& socket, Bytes content) {
  constexpr std::size_t kAt = SK_MEMINFO_DROPS * sizeof(std::uint32_t);
  if (content.size() >= kAt + sizeof(std::uint32_t)) socket.drops = read<std::uint32_t>(content.subspan(kAt));
}

void take_upper(TcpSocket& socket, Bytes content) {
  for_each_attribute(content, [&](unsigned type, Bytes name) {
    if (type != INET_ULP_INFO_NAME) return;
    const auto* const text = static_cast<const char*>(static_cast<const void*>(name.data()));
    socket.upper.assign(text, strnlen(text, name.size()));
  });
}

Endpoint endpoint_of(bool v4, const void* address, std::uint16_t port) {
  char text[INET6_ADDRSTRLEN] = "?";
  inet_ntop(v4 ? AF_INET : AF_INET6, address, text, sizeof(text));
  return {v4 ? std::string(text) : "[" + std::string(text) + "]", ntohs(port)};
}

TcpSocket socket_of(Bytes payload) {
  const auto message = read<inet_diag_msg>(payload);
  TcpSocket socket;
  const bool v4 = message.idiag_family == AF_INET;
  socket.local = endpoint_of(v4, message.id.idiag_src, message.id.idiag_sport);
  socket.peer = endpoint_of(v4, message.id.idiag_dst, message.id.idiag_dport);
  socket.state = message.idiag_state;
  socket.cookie = std::uint64_t{message.id.idiag_cookie[1]} << 32 | message.id.idiag_cookie[0];
  socket.inode = message.idiag_inode;
  socket.in_queue = message.idiag_rqueue;
  socket.out_queue = message.idiag_wqueue;
  const auto attributes = payload.subspan(std::min(payload.size(), aligned(sizeof(inet_diag_msg))));
  for_each_attribute(attributes, [&](unsigned type, Bytes content) {
    if (type == INET_DIAG_INFO) take_info(socket, content);
    if (type == INET_DIAG_SKMEMINFO) take_drops(socket, content);
    if (type == INET_DIAG_ULP_INFO) take_upper(socket, content);
  });
  return socket;
}

}  // namespace

bool parse_socket_diag(Bytes bytes, const std::function<void(const TcpSocket&)>& take, int& error) {
  while (bytes.size() >= sizeof(nlmsghdr)) {
    const auto header = read<nlmsghdr>(bytes);
    if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > bytes.size()) return false;
    const Bytes payload = bytes.subspan(sizeof(nlmsghdr), header.nlmsg_len - sizeof(nlmsghdr));
    if (header.nlmsg_type == NLMSG_DONE) return false;
    if (header.nlmsg_type == NLMSG_ERROR) {
      error = -read<nlmsgerr>(payload).error;
      return false;
    }
    if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY && payload.size() >= sizeof(inet_diag_msg))
      take(socket_of(payload));
    bytes = bytes.subspan(std::min(bytes.size(), aligned(header.nlmsg_len)));
  }
  return true;
}

}  // namespace plateau::target
