#include "sink/otlp/exporter.h"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "base/capabilities.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/signals_blocked.h"
#include "base/units.h"
#include "sink/otlp/curl.h"

namespace plateau::sink::otlp {
namespace {

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  while (getrandom(&bits, sizeof(bits), 0) != sizeof(bits)) {
  }
  return bits;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

Exporter::Exporter(const Settings& settings, std::shared_ptr<Counts> counts, Surroundings surroundings,
                   std::shared_ptr<std::atomic<bool>> hurry)
    : counts_(std::move(counts)),
      sampler_(settings, *counts_),
      pusher_(settings, *counts_, std::move(surroundings)),
      hurry_(std::move(hurry)) {}

Result<std::unique_ptr<Exporter>> Exporter::start(const Settings& settings, std::shared_ptr<Counts> counts,
                                                  Scrape scrape) {
  auto hurry = std::make_shared<std::atomic<bool>>(false);
  auto transport = curl_transport(settings, hurry);
  if (!transport) return transport.error();
  Surroundings world{std::move(scrape),  std::move(*transport), monotonic_ns,
                     realtime_offset_ns, random_bits,           log_line,
                     host_name()};
  std::unique_ptr<Exporter> exporter(
      new Exporter(settings, std::move(counts), std::move(world), std::move(hurry)));
  const SignalsBlocked blocked;
  exporter->thread_ = std::thread([self = exporter.get()] { self->run(); });
  return exporter;
}

void Exporter::follow(Target target) {
  pusher_.follow(std::move(target));
  const std::lock_guard lock(mutex_);
  woken_ = true;
  wake_.notify_all();
}

void Exporter::run() {
  (void)keep_capabilities(0);
  while (!hurry_->load()) {
    const std::uint64_t due = pusher_.step(), now = monotonic_ns();
    std::unique_lock lock(mutex_);
    if (due > now)
      wake_.wait_for(lock, std::chrono::nanoseconds(due - now), [this] { return woken_ || hurry_->load(); });
    woken_ = false;
  }
  pusher_.finish();
}

void Exporter::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    hurry_->store(true);
  }
  wake_.notify_all();
  thread_.join();
}

std::string Exporter::summary() const {
  const auto sent = [this](Signal signal) { return format_count(counts_->sent_of(signal)); };
  std::string text =
      "OTLP: " + sent(Signal::metrics) + " data points and " + sent(Signal::traces) + " spans sent";
  for (const Signal signal : {Signal::metrics, Signal::traces})
    for (std::size_t i = 0; i < kDrops; i++)
      if (const std::uint64_t dropped = counts_->dropped_of(signal, static_cast<Drop>(i)))
        text += "; " + std::string(kSignalNames[static_cast<std::size_t>(signal)]) + " dropped (" +
                std::string(kDropNames[i]) + "): " + format_count(dropped);
  return text;
}

void add_counts(MetricSet& set, const Counts& counts) {
  for (std::size_t s = 0; s < kSignals; s++) {
    set.add(Metric::otlp_sent, static_cast<double>(counts.sent[s]), {kSignalNames[s]});
    set.add(Metric::otlp_retries, static_cast<double>(counts.retries[s]), {kSignalNames[s]});
    for (std::size_t i = 0; i < kDrops; i++)
      set.add(Metric::otlp_dropped, static_cast<double>(counts.dropped[s][i]),
              {kSignalNames[s], kDropNames[i]});
  }
  set.add(Metric::otlp_queue, static_cast<double>(counts.queue_bytes));
}

}  // namespace plateau::sink::otlp
