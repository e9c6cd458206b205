// plateau record: a capture file.
#include <optional>
#include <utility>

#include "app/commands.h"
#include "app/progress.h"
#include "app/recorder.h"
#include "app/report_losses.h"
#include "base/log.h"
#include "base/units.h"

namespace plateau::app {
ExitCode run_record(const RecordOptions& options) {
  auto source = open_source(options.capture);
  if (!source) return report(source.error());
  Pipeline pipeline;
  Progress progress(true);
  std::optional<Recorder> recorder;
  SourceHooks hooks;
  hooks.start = [&](const wire::Facts& facts) -> Status {
    auto writer = wire::CaptureWriter::create(options.output, facts, options.capture.profile.any());
    if (!writer) return writer.error();
    recorder.emplace(std::move(*writer));
    return success();
  };
  pipeline.on_record([&](std::span<const std::byte> bytes) { recorder->record(bytes); });
  hooks.holder = [&](const wire::HolderSample& sample) { recorder->holder(sample); };
  hooks.stack = [&](const wire::ProfileStack& stack) { recorder->stack(stack); };
  hooks.sample = [&](const wire::StackSample& sample) { recorder->sample(sample); };
  hooks.tick = [&](const wire::Facts& facts) { progress.show(facts, pipeline.aggregate().requests()); };
  auto facts = (*source)->run(pipeline, hooks);
  progress.clear();
  if (!facts) return report(facts.error());
  if (auto finished = recorder->finish(*facts); !finished) return report(finished.error());
  log_losses(*facts, pipeline);
  log_line(format_count(pipeline.aggregate().requests()) + " requests recorded to " + options.output);
  return ExitCode::ok;
}

}  // namespace plateau::app
