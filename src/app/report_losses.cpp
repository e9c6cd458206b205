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
  for (const auto& loss : coverage.losses)
    if (loss.count) log_line("lost: " + format_count(loss.count) + " " + loss.what);
  if (coverage.requests() < 0.99) {
    char line[96];
    std::snprintf(line, sizeof(line), "COVERAGE IS ONLY %.1f %% of requests", coverage.requests() * 100);
    log_line(line);
  }
}

}  // namespace plateau::app
