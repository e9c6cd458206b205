// How the bytes that the target sent left its memory.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/facts.h"

namespace plateau::attribution {

// By bit of enum pl_path. writev: from several buffers, copied like `copy`. zerocopy: MSG_ZEROCOPY was asked
// for; where the receiver is local the kernel copies after all: PL_COUNT_ZEROCOPIES_COPIED. ktls: encrypted
// by the kernel on the way; such a request has its call's path beside it, such a byte is counted as ktls
// alone.
inline constexpr std::array<std::string_view, PL_PATHS> kPathNames{
    "copy", "writev", "sendfile", "splice", "zerocopy", "io_uring", "ktls"};

struct PathBytes {
  std::string_view path;  // of kPathNames, or "unknown"
  std::uint64_t bytes = 0;
};

// Connections with TLS in the kernel: at least so many were there.
std::uint64_t ktls_connections(const wire::Facts& facts);

// Those that carried anything, by falling bytes; their sum is what the target sent.
std::vector<PathBytes> path_bytes(const wire::Facts& facts);

}  // namespace plateau::attribution
