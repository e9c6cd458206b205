// plateau-httpd: the reference server whose bottlenecks are switches.
#include <sys/prctl.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "httpd/downstream.h"
#include "httpd/engine.h"
#include "httpd/listener.h"
#include "httpd/options.h"
#include "httpd/receive_stamps.h"
#include "httpd/scheduling.h"
#include "httpd/service.h"
#include "toolkit/program.h"

namespace {

using plateau::Error;
using plateau::Fd;
using plateau::Result;
using plateau::Status;
using namespace plateau::httpd;

constexpr std::uint64_t kStampsNs = 2'000'000'000;

int complain(const Error& error) {
  return plateau::toolkit::complain("plateau-httpd", error);
}

void say_zerocopy(const Service& service) {
  if (service.options.body != BodyMode::zerocopy) return;
  const ZerocopyCounts& counts = service.zerocopy;
  std::fprintf(stderr, "zerocopy: %llu sends, %llu known complete, %llu of them copied by the kernel\n",
               static_cast<unsigned long long>(counts.sends.load()),
               static_cast<unsigned long long>(counts.completed.load()),
               static_cast<unsigned long long>(counts.copied.load()));
}

int serve(const Options& options, int signals) {
  Result<Listener> listener = listen_on(options);
  if (!listener) return complain(listener.error());
  if (options.bottleneck.truth_stamps && !wait_for_receive_stamps(kStampsNs)) {
    std::fputs("plateau-httpd: --truth-stamps: this kernel gives no receive times; rx_ns will be 0\n",
               stderr);
  }
  Result<std::unique_ptr<Service>> service = Service::make(options);
  if (!service) return complain(service.error());
  if (Status scheduled = schedule(options.bottleneck.scheduling); !scheduled) {
    return complain(scheduled.error());
  }
  const std::unique_ptr<Engine> engine = make_engine(**service);
  if (Status ready = engine->prepare(); !ready) return complain(ready.error());
  const Result<int> stop_fd = (*service)->heed(signals);
  if (!stop_fd) return complain(stop_fd.error());
  std::fprintf(stderr, "listening on %s\n", listener->address.c_str());
  const Result<bool> drained = engine->run(listener->socket.get(), *stop_fd);
  if (!drained) return complain(drained.error());
  say_zerocopy(**service);
  if (!*drained) {
    // Threads still at work use the service: leave without destroying it.
    (*service)->flush_logs();
    std::_Exit(EXIT_SUCCESS);
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == kDownstreamHelper) return run_downstream_helper(argc, argv);
  const Result<Invocation> invocation = parse_command_line(argc, argv);
  if (!invocation) return complain(invocation.error());
  if (invocation->print_only) {
    std::fputs(invocation->text.c_str(), stdout);
    return EXIT_SUCCESS;
  }
  const Fd signals = plateau::toolkit::stop_signals();
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets without MSG_NOSIGNAL
  raise_file_limit();
  // Sleeps end when they should, not up to 50 us later; threads inherit it.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  return serve(invocation->options, signals.get());
}
