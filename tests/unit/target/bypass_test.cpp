#include "target/bypass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "child.h"
#include "target/bypass_evidence.h"
#include "target/machine_bypass.h"
#include "target/sockets.h"

namespace plateau::target {

void PrintTo(const BypassFinding& finding, std::ostream* out) {
  *out << bypass_name(finding.kind) << ": " << bypass_text(finding);
}

namespace test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

auto finding(Bypass kind, const std::string& evidence, std::size_t count, bool possible = false) {
  return AllOf(Field(&BypassFinding::kind, kind), Field(&BypassFinding::evidence, evidence),
               Field(&BypassFinding::count, count), Field(&BypassFinding::possible, possible));
}

constexpr std::string_view kUdp =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
    "pointer drops            \n"
    "  101: 00000000:01BB 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 700 2 "
    "0000000000000000 0         \n"
    "  102: 0100007F:C350 0200007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 701 2 "
    "0000000000000000 0         \n";
constexpr std::string_view kUdp6 =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue "
    "tr "
    "tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
    "  103: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 07 00000000:00000000 "
    "00:00000000 00000000     0        0 702 2 0000000000000000 0\n";

TEST(BypassEvidence, FindsNothingInAnOrdinaryServer) {
  BypassEvidence evidence;
  evidence.udp_table(kUdp);
  for (const auto& [link, protocol] : {std::pair{"socket:[1]", "TCP"},
                                       {"socket:[2]", "TCPv6"},
                                       {"socket:[3]", "UNIX-STREAM"},
                                       {"socket:[4]", "NETLINK"},
                                       {"socket:[701]", "UDP"},
                                       {"socket:[5]", ""},
                                       {"/dev/null", ""},
                                       {"anon_inode:[eventpoll]", ""},
                                       {"pipe:[6]", ""},
                                       {"/var/log/nginx/access.log", ""}})
    evidence.descriptor(link, protocol);
  evidence.mappings(
      "55d0-55e0 r-xp 00000000 08:01 131 /usr/sbin/nginx\n"
      "7f00-7f10 r-xp 00000000 08:01 132 /usr/lib/x86_64-linux-gnu/libc.so.6\n"
      "7f20-7f30 rw-s 00000000 00:01 133 /dev/zero (deleted)\n"
      "7ffd-7ffe rw-p 00000000 00:00 0 [stack]\n");
  EXPECT_THAT(evidence.findings(), IsEmpty());
}

TEST(BypassEvidence, CountsSocketsByProtocolAndEachOnce) {
  BypassEvidence evidence;
  for (const auto& [link, protocol] : {std::pair{"socket:[11]", "XDP"},
                                       {"socket:[12]", "XDP"},
                                       {"socket:[11]", "XDP"},
                                       {"socket:[13]", "PACKET"},
                                       {"socket:[14]", "RAWv6"},
                                       {"socket:[15]", "SCTP"},
                                       {"socket:[16]", "MPTCP"}})
    evidence.descriptor(link, protocol);
  const auto findings = evidence.findings();
  EXPECT_THAT(findings,
              ElementsAre(finding(Bypass::af_xdp, "", 2), finding(Bypass::packet_socket, "", 1),
                          finding(Bypass::raw_socket, "", 1), finding(Bypass::transport, "SCTP", 1)));
  EXPECT_EQ(bypass_text(findings[0]), "2 AF_XDP sockets");
  EXPECT_EQ(bypass_text(findings[1]), "1 packet socket");
  EXPECT_EQ(bypass_text(findings[3]), "1 SCTP socket");
}

TEST(BypassEvidence, FindsUdpSocketsThatAreOpenToAll) {
  BypassEvidence evidence;
  evidence.udp_table(kUdp);
  evidence.udp_table(kUdp6);
  for (const char* const link : {"socket:[700]", "socket:[701]", "socket:[702]", "socket:[703]"})
    evidence.descriptor(link, "UDP");
  EXPECT_THAT(evidence.findings(),
              ElementsAre(finding(Bypass::udp, "0.0.0.0:443", 1), finding(Bypass::udp, "[::]:443", 1)));
}

TEST(BypassEvidence, TellsDpdkByItsHugepagesFromItsLibraryAlone) {
  BypassEvidence loaded;
  loaded.mappings("7f00-7f10 r-xp 00000000 08:01 9 /usr/lib/x86_64-linux-gnu/librte_eal.so.23.0\n");
  EXPECT_THAT(loaded.findings(), ElementsAre(finding(Bypass::dpdk, "librte_eal.so", 1, true)));
  for (const char* const file : {"/dev/hugepages/rtemap_0", "/mnt/hugepages-1G/vpp-map_12",
                                 "/run/dpdk/rte/config", "/var/run/dpdk/pg/fbarray_memseg-2048k-0-0"}) {
    BypassEvidence used;
    used.mappings(std::string("100000000-100200000 rw-s 00000000 00:0f 7 ") + file + "\n");
    EXPECT_THAT(used.findings(), ElementsAre(finding(Bypass::dpdk, "its hugepages", 1))) << file;
  }
  BypassEvidence other;
  other.mappings("100000000-100200000 rw-s 00000000 00:0f 7 /srv/roadmap_2\n");
  EXPECT_THAT(other.findings(), IsEmpty());
}

TEST(BypassEvidence, FindsDevicesAndUserSpaceStacks) {
  BypassEvidence evidence;
  for (const char* const link : {"/dev/vfio/12", "/dev/vfio/vfio", "anon_inode:[vfio-device]", "/dev/uio0",
                                 "/dev/infiniband/uverbs0", "/dev/onload", "/dev/net/tun"})
    evidence.descriptor(link, "");
  evidence.mappings(
      "7f00-7f10 r-xp 00000000 08:01 1 /usr/lib64/libonload.so\n"
      "7f10-7f20 r--p 00001000 08:01 1 /usr/lib64/libonload.so\n"
      "7f20-7f30 r-xp 00000000 08:01 2 /usr/lib64/libibverbs.so.1.14\n");
  std::vector<std::string> certain, possible;
  for (const auto& f : evidence.findings()) (f.possible ? possible : certain).push_back(bypass_text(f));
  EXPECT_THAT(certain, ElementsAre("/dev/uio0 open, a device driven from user space",
                                   "/dev/vfio/12 open, a device driven from user space",
                                   "/dev/vfio/vfio open, a device driven from user space",
                                   "anon_inode:[vfio-device] open, a device driven from user space",
                                   "/dev/infiniband/uverbs0 open (RDMA)", "/dev/onload open (OpenOnload)",
                                   "libonload.so loaded, a TCP of its own in user space"));
  EXPECT_THAT(possible, ElementsAre("libibverbs.so loaded (RDMA)",
                                    "a tun or tap device open, for packets of its own making"));
}

TEST(BypassEvidence, SurvivesAnything) {
  BypassEvidence evidence;
  for (const std::string_view text :
       {"", "\n\n", ":", "a:b:c", "socket:[", "socket:[]", "/", "x /", "1: :"}) {
    evidence.udp_table(text);
    evidence.descriptor(text, text);
    evidence.mappings(text);
  }
  EXPECT_THAT(evidence.findings(), IsEmpty());
}

std::size_t count_of(pid_t pid, Bypass kind) {
  const auto findings = bypasses_of(pid);
  std::size_t count = 0;
  for (const auto& f : findings.value_or(std::vector<BypassFinding>{}))
    if (f.kind == kind) count += f.count;
  return count;
}

TEST(BypassesOf, SeesTheSocketsOfARunningProcess) {
  const Child child([] {
    const int udp = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(udp, reinterpret_cast<sockaddr*>(&any), sizeof(any)) != 0) _exit(1);
    Child::tell(socket(AF_XDP, SOCK_RAW, 0) >= 0 ? 1 : 2);
  });
  ASSERT_NE(child.told(), 0);
  EXPECT_EQ(count_of(child.pid(), Bypass::udp), 1u);
  if (child.told() == 2) GTEST_SKIP() << "no AF_XDP sockets here, or no privilege for them";
  EXPECT_EQ(count_of(child.pid(), Bypass::af_xdp), 1u);
  const auto users = machine_bypass().users;
  EXPECT_TRUE(std::any_of(users.begin(), users.end(), [&](const MachineBypass::User& user) {
    return user.process.pid == child.pid() && user.finding.kind == Bypass::af_xdp;
  }));
}

TEST(BypassesOf, FindsNothingInAProcessThatHasNone) {
  const Child child([] {
    static const Listener listener(AF_INET);
    Child::tell(listener.port);
  });
  const auto findings = bypasses_of(child.pid());
  ASSERT_TRUE(findings.has_value());
  EXPECT_THAT(*findings, IsEmpty());
}

// As a tool with few capabilities sees a process with more: the folder opens, what is in it does not.
TEST(BypassesOf, TellsThatItMayNotLook) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to have privileges to give up";
  const Child child([] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> none{};
    if (syscall(SYS_capset, &header, none.data()) != 0) _exit(1);
    Child::tell(bypasses_of(getppid()) || descriptors_readable(getppid()) ? 1 : 2);
  });
  EXPECT_EQ(child.told(), 2);
  EXPECT_TRUE(descriptors_readable(child.pid()));
}

TEST(BypassesOf, TellsThatAProcessIsGone) {
  EXPECT_FALSE(bypasses_of(4'000'000).has_value());
}

TEST(MachineBypass, ReadsTheKernelsProtocols) {
  constexpr std::string_view kProtocols =
      "protocol  size sockets\nMPTCP     1936      0\nXDP       1088      0\n";
  EXPECT_TRUE(has_protocol(kProtocols, "XDP"));
  EXPECT_FALSE(has_protocol(kProtocols, "TCP"));
  EXPECT_FALSE(has_protocol("", "XDP"));
}

}  // namespace
}  // namespace test
}  // namespace plateau::target
