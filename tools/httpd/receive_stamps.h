// Whether the kernel stamps what it receives already. It begins to do so some time after the first socket has
// asked for it (the switch is patched into its code by a deferred work), and what comes before has no stamp.
#pragma once

#include <cstdint>

namespace plateau::httpd {

// Call it while a socket that asks for stamps is open. Sends bytes to itself over loopback until a few in a
// row have arrived with a stamp; false if they have not within `timeout_ns`.
bool wait_for_receive_stamps(std::uint64_t timeout_ns);

}  // namespace plateau::httpd
