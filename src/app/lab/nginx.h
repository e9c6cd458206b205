// nginx as a lab runs it: one process, one worker, and nothing on disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plateau::app::lab {

// `directives` go into the server block. Its `pid_path` is truncated, and unlinking it must fail.
std::string nginx_configuration(std::uint16_t port, const std::string& pid_path,
                                const std::vector<std::string>& directives);

// Free a moment ago: the kernel gave it to a socket that is closed again. 0 if there is none.
std::uint16_t free_port();

// Whether somebody accepts connections on this port of loopback.
bool answers(std::uint16_t port);

}  // namespace plateau::app::lab
