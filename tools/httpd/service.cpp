#include "httpd/service.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace plateau::httpd {

Result<std::unique_ptr<Service>> Service::make(const Options& chosen) {
  const ProtocolOptions& protocol = chosen.protocol;
  std::unique_ptr<Truth> truth;
  if (!chosen.truth.empty()) {
    Result<std::unique_ptr<Truth>> opened = Truth::open(chosen.truth);
    if (!opened) return opened.error();
    truth = std::move(opened).value();
  }
  auto service = std::make_unique<Service>(chosen, std::move(truth));
  if (Status started = service->workload.start(); !started) return started.error();
  if (protocol.logs()) {
    Result<std::unique_ptr<AccessLog>> opened = AccessLog::open(protocol.access_log);
    if (!opened) return opened.error();
    service->access_log = std::move(opened).value();
  }
  if (!protocol.static_dir.empty()) {
    Result<std::unique_ptr<StaticFiles>> opened = StaticFiles::open(protocol.static_dir);
    if (!opened) return opened.error();
    service->files = std::move(opened).value();
  }
  if (protocol.tls != TlsVersion::off) {
    Result<std::unique_ptr<TlsContext>> made = TlsContext::make(protocol);
    if (!made) return made.error();
    service->tls = std::move(made).value();
  }
  return service;
}

void Service::flush_logs() {
  if (truth) truth->flush_all();
  if (access_log) access_log->flush();
}

Result<int> Service::heed(int signals) {
  stop_signals.emplace(
      signals, StopSignals::Acts{.first = [this] { stopping = true; }, .second = [this] { flush_logs(); }});
  if (!stop_signals->stop().valid()) return fail(std::string("eventfd: ") + std::strerror(errno));
  return stop_signals->stop().get();
}

void Service::begin_stopping() {
  stopping = true;
  watchdog.stop_idle();
}

}  // namespace plateau::httpd
