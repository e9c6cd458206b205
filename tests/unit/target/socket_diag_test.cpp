#include "target/socket_diag.h"

#include <gtest/gtest.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "child.h"

namespace plateau::target::test {
namespace {

using Bytes = std::vector<std::byte>;

template <class T>
void append(Bytes& bytes, const T& value) {
  const auto* const raw = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), raw, raw + sizeof(value));
}

void append_attribute(Bytes& bytes, unsigned short type, const Bytes& content) {
  append(bytes, rtattr{static_cast<unsigned short>(sizeof(rtattr) + content.size()), type});
  bytes.insert(bytes.end(), content.begin(), content.end());
  while (bytes.size() % 4) bytes.push_back({});
}

Bytes message(unsigned short type, const Bytes& payload) {
  Bytes bytes;
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof(header) + payload.size());
  header.nlmsg_type = type;
  append(bytes, header);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

Bytes listener_row() {
  inet_diag_msg row{};
  row.idiag_family = AF_INET;
  row.idiag_state = kListen;
  row.id.idiag_sport = __builtin_bswap16(8080);
  row.id.idiag_src[0] = __builtin_bswap32(0x7f000001);
  row.id.idiag_dport = __builtin_bswap16(5432);
  row.id.idiag_dst[0] = __builtin_bswap32(0x0a010203);
  row.id.idiag_cookie[0] = 7;
  row.id.idiag_cookie[1] = 1;
  row.idiag_inode = 99;
  row.idiag_rqueue = 9;
  row.idiag_wqueue = 8;
  Bytes payload;
  append(payload, row);
  Bytes memory;
  for (std::uint32_t i = 0; i <= SK_MEMINFO_DROPS; i++) append(memory, i == SK_MEMINFO_DROPS ? 31u : 1000u);
  append_attribute(payload, INET_DIAG_SKMEMINFO, memory);
  Bytes name;
  for (const char c : std::string("tls")) name.push_back(static_cast<std::byte>(c));
  name.push_back({});
  Bytes upper;
  append_attribute(upper, INET_ULP_INFO_NAME, name);
  append_attribute(payload, INET_DIAG_ULP_INFO | NLA_F_NESTED, upper);
  return message(SOCK_DIAG_BY_FAMILY, payload);
}

std::vector<TcpSocket> parse(const Bytes& bytes, bool& more, int& error) {
  std::vector<TcpSocket> sockets;
  more = parse_socket_diag(
      bytes, [&](const TcpSocket& socket) { sockets.push_back(socket); }, error);
  return sockets;
}

TEST(ParseSocketDiag, ReadsASocket) {
  Bytes bytes = listener_row();
  const Bytes second = bytes;
  bytes.insert(bytes.end(), second.begin(), second.end());
  bool more = false;
  int error = 0;
  const auto sockets = parse(bytes, more, error);
  ASSERT_EQ(sockets.size(), 2u);
  EXPECT_TRUE(more);
  EXPECT_EQ(sockets[1].local.text(), "127.0.0.1:8080");
  EXPECT_EQ(sockets[1].peer.text(), "10.1.2.3:5432");
  EXPECT_EQ(sockets[1].state, kListen);
  EXPECT_EQ(sockets[1].cookie, (std::uint64_t{1} << 32) + 7);
  EXPECT_EQ(sockets[1].inode, 99u);
  EXPECT_EQ(sockets[1].in_queue, 9u);
  EXPECT_EQ(sockets[1].out_queue, 8u);
  EXPECT_EQ(sockets[1].drops, 31u);
  EXPECT_EQ(sockets[1].upper, "tls");
  EXPECT_FALSE(sockets[1].measured);
}

TEST(ParseSocketDiag, EndsWithTheAnswerOrAnError) {
  bool more = true;
  int error = 0;
  EXPECT_TRUE(parse(message(NLMSG_DONE, Bytes(4)), more, error).empty());
  EXPECT_FALSE(more);
  EXPECT_EQ(error, 0);
  nlmsgerr refusal{};
  refusal.error = -ENOENT;
  Bytes payload;
  append(payload, refusal);
  EXPECT_TRUE(parse(message(NLMSG_ERROR, payload), more, error).empty());
  EXPECT_FALSE(more);
  EXPECT_EQ(error, ENOENT);
}

TEST(ParseSocketDiag, SurvivesEveryTruncationAndLength) {
  const Bytes whole = listener_row();
  for (std::size_t n = 0; n < whole.size(); n++) {
    bool more = false;
    int error = 0;
    EXPECT_TRUE(
        parse(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)), more, error).empty());
    Bytes shortened(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    if (n < sizeof(nlmsghdr)) continue;
    const auto length = static_cast<std::uint32_t>(n);
    std::memcpy(shortened.data(), &length, sizeof(length));
    EXPECT_LE(parse(shortened, more, error).size(), 1u);
  }
}

TcpSocket listening_at(std::uint16_t port) {
  TcpSocket found;
  auto diag = SocketDiag::open(getpid());
  EXPECT_TRUE(diag.ok());
  const auto done = diag->listening([&](const TcpSocket& socket) {
    if (socket.local.port == port) found = socket;
  });
  EXPECT_TRUE(done.ok());
  return found;
}

TEST(SocketDiag, SeesWhatWaitsForAccept) {
  const Listener listener(AF_INET);
  EXPECT_EQ(listening_at(listener.port).out_queue, 16u);
  EXPECT_EQ(listening_at(listener.port).in_queue, 0u);
  const Child client([&] {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    getsockname(listener.fd.get(), generic, &size);
    if (connect(socket(AF_INET, SOCK_STREAM, 0), generic, size) == 0) Child::tell(1);
  });
  ASSERT_EQ(client.told(), 1);
  EXPECT_EQ(listening_at(listener.port).in_queue, 1u);
}

TEST(SocketDiag, SeesWhatConnectionsSent) {
  const Listener listener(AF_INET);
  const Connection connection(listener);
  ASSERT_TRUE(connection.server.valid());
  ASSERT_EQ(send(connection.server.get(), "hello", 5, 0), 5);
  char byte[5];
  ASSERT_EQ(recv(connection.client.get(), byte, sizeof(byte), MSG_WAITALL), 5);
  auto diag = SocketDiag::open(getpid());
  ASSERT_TRUE(diag.ok());
  std::vector<TcpSocket> found;
  ASSERT_TRUE(
      diag->connections(listener.port, [&](const TcpSocket& socket) { found.push_back(socket); }).ok());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].state, kEstablished);
  EXPECT_TRUE(found[0].measured);
  EXPECT_EQ(found[0].bytes_acknowledged + found[0].out_queue, 5u);
  EXPECT_EQ(found[0].upper, "");
}

}  // namespace
}  // namespace plateau::target::test
