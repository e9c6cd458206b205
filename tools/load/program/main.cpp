// plateau-load: puts an HTTP server under load and measures what comes back.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "load/address.h"
#include "load/options.h"
#include "load/report.h"
#include "load/run.h"
#include "toolkit/program.h"

namespace {

using plateau::Error;
using plateau::Fd;
using plateau::Result;
using namespace plateau::load;

int complain(const Error& error) {
  return plateau::toolkit::complain("plateau-load", error);
}

void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

bool on_terminal() {
  return isatty(STDERR_FILENO) != 0;
}

Progress progress_printer() {
  if (!on_terminal()) return [](const Live&, std::uint64_t) {};
  return [start = plateau::monotonic_ns()](const Live& live, std::uint64_t now) {
    std::fprintf(stderr, "\r%s\033[K", progress_line(live, start, now).c_str());
  };
}

int run(const Options& options) {
  const Result<Address> address = resolve(options.url);
  if (!address) return complain(address.error());
  const Fd stop = plateau::toolkit::stop_signals();
  const Result<Tally> tally = run_load(options, *address, stop.get(), progress_printer());
  if (on_terminal()) std::fputs("\r\033[K", stderr);
  if (!tally) return complain(tally.error());
  std::fputs((options.json ? json_report(options, *tally) : text_report(options, *tally)).c_str(), stdout);
  std::fflush(stdout);
  const std::string failure = failure_line(options, *tally);
  return failure.empty() ? EXIT_SUCCESS : complain(plateau::fail(failure));
}

}  // namespace

int main(int argc, char** argv) {
  const Result<Invocation> invocation = parse_command_line(argc, argv);
  if (!invocation) return complain(invocation.error());
  if (invocation->print_only) {
    std::fputs(invocation->text.c_str(), stdout);
    return EXIT_SUCCESS;
  }
  raise_file_limit();
  std::signal(SIGPIPE, SIG_IGN);  // TLS writes without MSG_NOSIGNAL
  // The open loop's sends should not come up to 50 us late.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  return run(invocation->options);
}
