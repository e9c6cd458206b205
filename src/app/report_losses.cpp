#include "app/report_losses.h"

#include <cstdio>
#include <string>

#include "attribution/coverage.h"
#include "base/log.h"
#include "base/units.h"

namespace plateau::app {

ExitCode report(const Error& error) {
  log_line(error.message);
  return error.code;
}

void log_losses(const wire::Facts& facts, const Pipeline& pipeline) {
  const auto coverage =
      attribution::coverage_of(facts, pipeline.stitcher().counters(), pipeline.malformed_records());
  if (const auto lost = coverage.lost_requests())
    log_line("lost: " + format_count(lost) + " of " + format_count(coverage.seen) + " requests");
  for (const auto& loss : coverage.losses)
    if (loss.count) log_line("lost: " + format_count(loss.count) + " " + loss.what);
  if (coverage.requests() < 0.99) {
    log_line("COVERAGE IS ONLY " + format_percent(coverage.requests()) + " of requests");
  }
}

}  // namespace plateau::app
