#include "overhead/options.h"

#include <CLI/CLI.hpp>

namespace plateau::overhead {
namespace {

struct Given {
  Options options;
  std::string server = "both";
  std::vector<std::string> loads{"saturate"};
  std::vector<std::string> peers;
};

void declare(CLI::App& app, Given& given) {
  Options& o = given.options;
  app.add_option("--server", given.server, "which server to attach to")
      ->check(CLI::IsMember({"nginx", "httpd", "both", "waits"}))
      ->capture_default_str();
  app.add_option("--load", given.loads,
                 "saturate, rate:N (open loop, N requests/s) or slow:N (N connections, two requests/s each); "
                 "repeat for several")
      ->allow_extra_args(false)
      ->capture_default_str();
  app.add_option("--pairs", o.pairs, "rounds off and rounds on")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seconds", o.seconds, "of load in each round")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  app.add_option(
         "--settle", o.settle_seconds,
         "of the same load before each round, off or on, that do not count: plateau finds out what it "
         "costs")
      ->check(CLI::Range(0, 600))
      ->capture_default_str();
  app.add_option("--counted", o.counted_rounds, "further on rounds in which the kernel counts BPF run time")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  app.add_option("--peer", given.peers,
                 "full (plateau --max-cost off), low or high (the same with --detail), cpu99, cpu999, "
                 "offcpu, wall99, "
                 "wall999, wakers99 or wakers999 (as full, with a profile), bpftrace, perf or strace, "
                 "measured beside plateau; repeat for several")
      ->allow_extra_args(false);
  app.add_flag("--levels", o.levels,
               "what each level of detail costs where every request is looked at (low, full, high), and no "
               "more; prints the rows of src/probe/level_cost.h too");
  app.add_option("--json", o.json_file, "write every round to this file");
  app.footer(
      "Example: overhead --server nginx --pairs 15 --peer bpftrace --json overhead.json\n"
      "Needs root, two CPUs, nginx and wrk. Ctrl-C prints what was measured so far.");
}

Result<Options> finish(Given given) {
  Options& options = given.options;
  if (given.server == "waits") options.servers.push_back(ServerKind::waits);
  if (given.server == "nginx" || given.server == "both") options.servers.push_back(ServerKind::nginx);
  if (given.server == "httpd" || given.server == "both") options.servers.push_back(ServerKind::httpd);
  for (const auto& text : given.loads) {
    const auto load = parse_load(text);
    if (!load) return load.error();
    options.loads.push_back(*load);
  }
  for (const auto& text : given.peers) {
    const auto peer = parse_peer(text);
    if (!peer) return peer.error();
    options.peers.push_back(*peer);
  }
  return std::move(options);
}

}  // namespace

Result<Invocation> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Measures what attaching plateau costs the server: paired rounds, off and on.", "overhead");
  Given given;
  declare(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Invocation{{}, app.help()};
  } catch (const CLI::ParseError& error) {
    return fail(std::string(error.what()) + " (see --help)", ExitCode::usage);
  }
  auto options = finish(std::move(given));
  if (!options) return options.error();
  return Invocation{std::move(*options), {}};
}

}  // namespace plateau::overhead
