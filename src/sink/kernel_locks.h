// The kernel's own locks that the server's threads waited for, by kind and by the part of the kernel.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "attribution/summary.h"

namespace plateau::sink {

// A section of the report; ends with a line break. Empty: there was no wait.
std::string kernel_locks_text(const attribution::Summary& summary);

nlohmann::ordered_json kernel_locks_json(const attribution::Summary& summary);

}  // namespace plateau::sink
