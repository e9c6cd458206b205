#include "base/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace plateau {
namespace {

using Words = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

__user_cap_header_struct this_thread() {
  return {_LINUX_CAPABILITY_VERSION_3, 0};
}

Error refused() {
  return fail("cannot give up capabilities: " + std::string(std::strerror(errno)));
}

}  // namespace

Capabilities effective_capabilities() {
  auto header = this_thread();
  Words words{};
  if (syscall(SYS_capget, &header, words.data()) != 0) return 0;
  return words[0].effective | static_cast<Capabilities>(words[1].effective) << 32;
}

Status keep_capabilities(Capabilities keep) {
  auto header = this_thread();
  Words words{};
  if (syscall(SYS_capget, &header, words.data()) != 0) return refused();
  for (std::size_t i = 0; i < words.size(); i++) {
    const auto part = static_cast<__u32>(keep >> (32 * i));
    words[i].effective &= part;
    words[i].permitted &= part;
    words[i].inheritable = 0;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused();
  if (syscall(SYS_capset, &header, words.data()) != 0) return refused();
  return success();
}

}  // namespace plateau
