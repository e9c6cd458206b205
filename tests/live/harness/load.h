// plateau-load as the client.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/child.h"
#include "harness/server.h"

namespace plateau::live {

// Its command line for `server`, the result as JSON.
std::vector<std::string> load_command(const Server& server, const std::vector<std::string>& options);

// How many requests were answered; a failed test unless all were.
std::uint64_t run_load(const Server& server, const std::vector<std::string>& options,
                       const ChildOptions& child = {});

}  // namespace plateau::live
