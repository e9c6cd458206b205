// Counters of a network namespace.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace plateau::target {

using Counters = std::map<std::string, std::uint64_t>;  // "TcpExt.ListenDrops" and so on

// Of /proc/PID/net/netstat, or snmp. Pure.
Counters parse_netstat(std::string_view text);

// Of the namespace of `pid`; empty if it cannot be read.
Counters netstat_of(pid_t pid);

}  // namespace plateau::target
