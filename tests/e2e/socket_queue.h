// What the kernel holds for the other end of a loopback connection.
#pragma once

namespace plateau::e2e {

// Waits until the peer of the connected IPv4 socket `fd` has taken in all that was sent to it; false if it
// has not within ten seconds, or if there is no such peer.
bool wait_until_taken_in(int fd);

}  // namespace plateau::e2e
