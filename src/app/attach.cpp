// plateau attach: follows the target and serves its metrics and the page.
#include <linux/capability.h>
#include <malloc.h>
#include <poll.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <span>
#include <utility>

#include "app/attach_targets.h"
#include "app/commands.h"
#include "app/live_feed.h"
#include "app/live_flame.h"
#include "app/otlp_feed.h"
#include "app/otlp_flags.h"
#include "app/page_capture.h"
#include "app/progress.h"
#include "app/report_losses.h"
#include "app/roots.h"
#include "app/service_manager.h"
#include "app/signals.h"
#include "attribution/summary.h"
#include "base/capabilities.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "sink/metrics_server.h"
#include "sink/page/page.h"
#include "sink/snapshot_exchange.h"
#include "sink/web/web_config.h"

namespace plateau::app {
namespace {

using Exchange = sink::SnapshotExchange<sink::MetricsSnapshot>;
using LiveExchange = sink::SnapshotExchange<sink::LiveSnapshot>;
using FlameExchange = sink::SnapshotExchange<sink::page::Profile>;

constexpr std::chrono::seconds kSnapshotTimeout{1};
constexpr int kWaitMs = 500;

// It runs for months beside others. glibc would give each thread a heap of its own, keep for itself what each
// once needed, and after the first large block that is freed (the kernel's types) put blocks of megabytes
// among the small ones: 17 MB instead of 5 with scrapers and a page.
void use_little_memory() {
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_TRIM_THRESHOLD, 512 * 1024);
}

void log_summary(const wire::Facts& facts, const Pipeline& pipeline, std::uint64_t scrapes) {
  log_line(format_count(pipeline.aggregate().requests()) + " requests followed in " +
           format_duration(facts.end_ns - facts.start_ns) + ", scraped " + format_count(scrapes) +
           (scrapes == 1 ? " time" : " times"));
  log_losses(facts, pipeline);
}

// Feeds the exchanges, the scrapers' and the page's, from the capture: a snapshot whenever somebody waits for
// one.
class Attachment {
 public:
  // `exporter`: null if nothing is exported over OTLP. `reload`: what SIGHUP asks for.
  Attachment(Exchange& exchange, LiveExchange& live, FlameExchange& profiles,
             sink::page::CaptureDesk& captures, const AttachOptions& options, sink::otlp::Exporter* exporter,
             std::function<void()> reload)
      : exchange_(exchange),
        live_(live),
        profiles_(profiles),
        pipeline_({.routes = options.routes, .traces = options.exemplars}),
        flame_(options.capture.profile, pipeline_),
        feed_(pipeline_),
        otlp_(pipeline_, exporter),
        capture_(captures),
        reload_(std::move(reload)) {
    pipeline_.on_record([this](std::span<const std::byte> bytes) { capture_.record(bytes); });
  }

  // False if the wait was ended by a signal.
  bool wait_for_target(const CaptureOptions& options);

  Result<wire::Facts> run(Source& source) {
    auto facts = source.run(pipeline_, hooks());
    service_.stopping();
    progress_.clear();
    exchange_.close(facts ? snapshot(*facts) : nullptr);
    live_.close(facts ? feed_.snapshot(*facts) : nullptr);
    profiles_.close(facts ? flame_.graph(*facts) : nullptr);
    return facts;
  }

  const Pipeline& pipeline() const { return pipeline_; }

 private:
  SourceHooks hooks() {
    SourceHooks hooks;
    flame_.hook(hooks);
    hooks.start = [this](const wire::Facts& facts) {
      targets_ = AttachedTargets(facts.pids);
      otlp_.follow(facts);
      service_.ready("following " + facts.comm);
      return success();
    };
    hooks.found = [this](const std::vector<std::int32_t>& pids) { targets_ = AttachedTargets(pids); };
    hooks.facts_wanted = [this] {
      scraped_ = exchange_.wanted();
      if (scraped_) ticket_ = exchange_.take();
      watched_ = live_.wanted();
      if (watched_) live_ticket_ = live_.take();
      recorded_ = capture_.wants_facts(monotonic_ns());
      return scraped_ || watched_ || recorded_;
    };
    hooks.holder = [this](const wire::HolderSample& sample) { capture_.holder(sample); };
    hooks.facts = [this](const wire::Facts& facts) {
      if (recorded_) capture_.facts(facts);
      otlp_.follow(facts);
      if (scraped_) exchange_.publish(ticket_, snapshot(facts));
      if (watched_) live_.publish(live_ticket_, feed_.snapshot(facts));
    };
    hooks.tick = [this](const wire::Facts& facts) {
      progress_.show(facts, pipeline_.aggregate().requests());
      flame_.tick(facts.end_ns);
      if (profiles_.wanted()) profiles_.publish(profiles_.take(), flame_.graph(facts));
      service_.alive(facts.end_ns);
      if (reload_signal_.take()) reload_();
    };
    return hooks;
  }

  Exchange::Snapshot snapshot(const wire::Facts& facts) const {
    auto summary = attribution::summarise(pipeline_.aggregate(), facts, pipeline_.stitcher().counters(),
                                          pipeline_.malformed_records());
    return std::make_shared<const sink::MetricsSnapshot>(
        sink::MetricsSnapshot{std::move(summary), targets_.states()});
  }

  Exchange& exchange_;
  LiveExchange& live_;
  FlameExchange& profiles_;
  Pipeline pipeline_;
  LiveFlame flame_;
  LiveFeed feed_;
  OtlpFeed otlp_;
  PageCapture capture_;
  Progress progress_{true};
  AttachedTargets targets_;
  bool scraped_ = false;
  bool watched_ = false;
  bool recorded_ = false;
  std::uint64_t ticket_ = 0;
  std::uint64_t live_ticket_ = 0;
  ReloadSignal reload_signal_;
  std::function<void()> reload_;
  ServiceManager service_;
};

bool Attachment::wait_for_target(const CaptureOptions& options) {
  if (find_roots(options)) return true;
  log_line("waiting for the target");
  service_.ready("waiting for the target");
  const StopSignals signals;
  pollfd stop{signals.fd(), POLLIN, 0};
  while (!find_roots(options)) {
    service_.alive(monotonic_ns());
    if (poll(&stop, 1, kWaitMs) > 0) return false;
  }
  return true;
}

// The web server's security as its file says it now. In a thread of its own: the collector must not wait for
// a handler that waits for the collector.
class SecurityReload {
 public:
  SecurityReload(sink::MetricsServer& server, std::string file) : server_(server), file_(std::move(file)) {}

  void start() {
    if (file_.empty()) {
      log_line("SIGHUP: nothing to read again without --web-config");
      return;
    }
    running_ = std::async(std::launch::async, [this] { run(); });
  }

 private:
  void run() {
    auto security = sink::web::read_web_config(file_);
    const Status secured = security ? server_.secure(std::move(*security)) : Status(security.error());
    log_line(secured ? "read '" + file_ + "' again" : secured.error().message + "; serving as before");
  }

  sink::MetricsServer& server_;
  std::string file_;
  std::future<void> running_;
};

}  // namespace

// The port comes first: one that is taken must be known before anything is attached.
ExitCode run_attach(const AttachOptions& options) {
  use_little_memory();
  const auto address = sink::parse_listen_address(options.listen);
  if (!address) return report(address.error());
  sink::web::Security security;
  if (!options.web_config.empty()) {
    auto read = sink::web::read_web_config(options.web_config);
    if (!read) return report(read.error());
    security = std::move(*read);
  }
  const auto otlp = complete_otlp(options.otlp);
  if (!otlp) return report(otlp.error());
  Exchange exchange;
  LiveExchange live;
  const auto collector =
      std::make_shared<sink::MetricsCollector>([&exchange] { return exchange.fetch(kSnapshotTimeout); });
  auto exporter = start_otlp(*otlp, *collector);
  if (!exporter) return report(exporter.error());
  FlameExchange profiles;
  sink::page::FetchProfile profile;
  if (options.capture.profile.any()) profile = [&profiles] { return profiles.fetch(kSnapshotTimeout); };
  const auto captures = std::make_shared<sink::page::CaptureDesk>();
  const auto page =
      sink::page::roads([&live] { return live.fetch(kSnapshotTimeout); }, std::move(profile), captures);
  auto server = made_with_capabilities(capability_bit(CAP_NET_BIND_SERVICE), [&] {
    return sink::MetricsServer::start(*address, collector, page, std::move(security));
  });
  if (!server) return report(server.error());
  SecurityReload reload(**server, options.web_config);
  Attachment attachment(exchange, live, profiles, *captures, options, exporter->get(),
                        [&reload] { reload.start(); });
  if (options.wait && !attachment.wait_for_target(options.capture)) return ExitCode::ok;
  auto source = open_source(options.capture);
  if (!source) return report(source.error());
  log_line("serving " + (*server)->url());
  const auto facts = attachment.run(**source);
  if (!facts) return report(facts.error());
  log_summary(*facts, attachment.pipeline(), collector->scrapes());
  if (*exporter) {
    (*exporter)->stop();
    log_line((*exporter)->summary());
  }
  return ExitCode::ok;
}

}  // namespace plateau::app
