// A configuration file that mirrors the command line: TOML, a key for each flag without its dashes.
//
//   port = 8080
//   listen = "127.0.0.1:9464"
//   exemplars = true
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace plateau::app {

// `arguments`: of a subcommand, without its name. Those that the file of --config stands for come in place of
// it; what is on the command line wins, and a target there is in place of the file's. ExitCode::usage for a
// file that cannot be read, or that has tables: there are no keys in tables.
Result<std::vector<std::string>> expand_config(const std::vector<std::string>& arguments);

}  // namespace plateau::app
