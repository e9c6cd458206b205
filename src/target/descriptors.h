// The descriptors that a process has open.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

namespace plateau::target {

// Hands out the path of each in /proc and what it points to ("socket:[4711]", "/dev/null"). False if /proc
// does not let us see, or the process has gone. Some microseconds each.
bool for_each_descriptor(pid_t pid, const std::function<void(const std::string&, std::string_view)>& take);

}  // namespace plateau::target
