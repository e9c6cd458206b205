// plateau-httpd: the reference server whose bottlenecks are switches.
#include <sys/prctl.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "httpd/engine.h"
#include "httpd/listener.h"
#include "httpd/options.h"
#include "httpd/service.h"
#include "toolkit/program.h"

namespace {

using plateau::Error;
using plateau::Fd;
using plateau::Result;
using namespace plateau::httpd;

int complain(const Error& error) {
  return plateau::toolkit::complain("plateau-httpd", error);
}

int serve(const Options& options, int stop_fd) {
  Result<Listener> listener = listen_on(options);
  if (!listener) return complain(listener.error());
  std::unique_ptr<Truth> truth;
  if (!options.truth.empty()) {
    Result<std::unique_ptr<Truth>> opened = Truth::open(options.truth);
    if (!opened) return complain(opened.error());
    truth = std::move(opened).value();
  }
  Service service(options, std::move(truth));
  const std::unique_ptr<Engine> engine = make_engine(service);
  std::fprintf(stderr, "listening on %s\n", listener->address.c_str());
  const Result<bool> drained = engine->run(listener->socket.get(), stop_fd);
  if (!drained) return complain(drained.error());
  if (!*drained) {
    // Threads still at work use the service: leave without destroying it.
    if (service.truth) service.truth->flush_all();
    std::_Exit(EXIT_SUCCESS);
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const Result<Invocation> invocation = parse_command_line(argc, argv);
  if (!invocation) return complain(invocation.error());
  if (invocation->print_only) {
    std::fputs(invocation->text.c_str(), stdout);
    return EXIT_SUCCESS;
  }
  const Fd stop = plateau::toolkit::stop_signals();
  raise_file_limit();
  // Sleeps end when they should, not up to 50 us later; threads inherit it.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  return serve(invocation->options, stop.get());
}
