// plateau attach: follows the target and serves its metrics and the page.
#include <linux/capability.h>

#include <chrono>
#include <memory>

#include "app/attach_targets.h"
#include "app/commands.h"
#include "app/live_feed.h"
#include "app/progress.h"
#include "app/report_losses.h"
#include "attribution/summary.h"
#include "base/capabilities.h"
#include "base/log.h"
#include "base/units.h"
#include "sink/metrics_server.h"
#include "sink/page/page.h"
#include "sink/snapshot_exchange.h"

namespace plateau::app {
namespace {

using Exchange = sink::SnapshotExchange<sink::MetricsSnapshot>;
using LiveExchange = sink::SnapshotExchange<sink::LiveSnapshot>;

constexpr std::chrono::seconds kSnapshotTimeout{1};

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
  Attachment(Exchange& exchange, LiveExchange& live) : exchange_(exchange), live_(live), feed_(pipeline_) {}

  Result<wire::Facts> run(Source& source) {
    auto facts = source.run(pipeline_, hooks());
    progress_.clear();
    exchange_.close(facts ? snapshot(*facts) : nullptr);
    live_.close(facts ? feed_.snapshot(*facts) : nullptr);
    return facts;
  }

  const Pipeline& pipeline() const { return pipeline_; }

 private:
  SourceHooks hooks() {
    SourceHooks hooks;
    hooks.start = [this](const wire::Facts& facts) {
      targets_ = AttachedTargets(facts.pids);
      return success();
    };
    hooks.facts_wanted = [this] {
      scraped_ = exchange_.wanted();
      if (scraped_) ticket_ = exchange_.take();
      watched_ = live_.wanted();
      if (watched_) live_ticket_ = live_.take();
      return scraped_ || watched_;
    };
    hooks.facts = [this](const wire::Facts& facts) {
      if (scraped_) exchange_.publish(ticket_, snapshot(facts));
      if (watched_) live_.publish(live_ticket_, feed_.snapshot(facts));
    };
    hooks.tick = [this](const wire::Facts& facts) {
      progress_.show(facts, pipeline_.aggregate().requests());
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
  Pipeline pipeline_;
  LiveFeed feed_;
  Progress progress_{true};
  AttachedTargets targets_;
  bool scraped_ = false;
  bool watched_ = false;
  std::uint64_t ticket_ = 0;
  std::uint64_t live_ticket_ = 0;
};

}  // namespace

// The port comes first: one that is taken must be known before anything is attached.
ExitCode run_attach(const AttachOptions& options) {
  const auto address = sink::parse_listen_address(options.listen);
  if (!address) return report(address.error());
  Exchange exchange;
  LiveExchange live;
  const auto collector =
      std::make_shared<sink::MetricsCollector>([&exchange] { return exchange.fetch(kSnapshotTimeout); });
  const auto page = sink::page::roads([&live] { return live.fetch(kSnapshotTimeout); });
  auto server = made_with_capabilities(capability_bit(CAP_NET_BIND_SERVICE),
                                       [&] { return sink::MetricsServer::start(*address, collector, page); });
  if (!server) return report(server.error());
  auto source = open_source(options.capture);
  if (!source) return report(source.error());
  log_line("serving " + (*server)->url());
  Attachment attachment(exchange, live);
  const auto facts = attachment.run(**source);
  if (!facts) return report(facts.error());
  log_summary(*facts, attachment.pipeline(), collector->scrapes());
  return ExitCode::ok;
}

}  // namespace plateau::app
