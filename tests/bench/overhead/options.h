// What the command line asks for.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "overhead/load.h"
#include "overhead/server.h"
#include "overhead/watcher.h"

namespace plateau::overhead {

struct Options {
  std::vector<ServerKind> servers;
  std::vector<Load> loads;
  int pairs = 15;
  int seconds = 2;
  int settle_seconds = 2;
  int counted_rounds = 2;
  std::string json_file;  // empty: none
  std::vector<WatcherKind> peers;
  bool levels = false;  // the levels of detail alone, each at every request
};

struct Invocation {
  Options options;
  std::string text;  // not empty: --help; print it and be done
};

// Errors are usage errors of one line.
Result<Invocation> parse_command_line(int argc, const char* const* argv);

}  // namespace plateau::overhead
