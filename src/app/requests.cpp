// plateau requests: one line a request.
#include <unistd.h>

#include "app/commands.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/report_losses.h"
#include "base/log.h"
#include "sink/request_line.h"

namespace plateau::app {
namespace {

class Printer {
 public:
  explicit Printer(const RequestsOptions& options) : options_(options) {
    if (options.format == Format::text) out_ = sink::text_header();
  }

  void print(Pipeline& pipeline, const request::Request& request, const attribution::Budget& budget) {
    if (full() || budget.latency_ns < options_.slower_than_ns) return;
    const std::string_view route = pipeline.aggregate().route_of(request.path);
    if (!options_.route.empty() && route != options_.route) return;
    if (options_.format == Format::json)
      sink::append_json(out_, request, budget, route, offset_ns_);
    else
      sink::append_text(out_, request, budget, offset_ns_);
    printed_++;
    if (out_.size() > kBuffer) flush();
  }

  // The limit counts the requests that are shown, not those that are passed over.
  bool full() const { return options_.capture.requests != 0 && printed_ >= options_.capture.requests; }

  bool good() const { return output_.good(); }

  void start(std::int64_t offset_ns) { offset_ns_ = offset_ns; }

  // False once nobody reads any more.
  bool flush() {
    output_.write(out_);
    out_.clear();
    return output_.good();
  }

 private:
  static constexpr std::size_t kBuffer = 64 * 1024;

  const RequestsOptions& options_;
  std::string out_;
  std::int64_t offset_ns_ = 0;
  std::uint64_t printed_ = 0;
  Output output_;
};

}  // namespace

ExitCode run_requests(const RequestsOptions& options) {
  CaptureOptions unlimited = options.capture;
  unlimited.requests = 0;
  auto source = open_source(unlimited);
  if (!source) return report(source.error());
  Pipeline pipeline;
  Printer printer(options);
  Progress progress(isatty(STDOUT_FILENO) == 0);
  pipeline.on_request([&](const request::Request& request, const attribution::Budget& budget) {
    printer.print(pipeline, request, budget);
  });
  SourceHooks hooks;
  hooks.start = [&](const wire::Facts& facts) {
    printer.start(facts.realtime_offset_ns);
    return success();
  };
  hooks.stop = [&] { return printer.full() || !printer.good(); };
  hooks.tick = [&](const wire::Facts& facts) {
    printer.flush();
    progress.show(facts, pipeline.aggregate().requests());
  };
  auto facts = (*source)->run(pipeline, hooks);
  progress.clear();
  printer.flush();
  if (!facts) return report(facts.error());
  log_losses(*facts, pipeline);
  return facts->complete ? ExitCode::ok : ExitCode::failed;
}

}  // namespace plateau::app
