// plateau record: a capture file.
#include <cstring>
#include <optional>

#include "app/commands.h"
#include "app/progress.h"
#include "app/report_losses.h"
#include "base/log.h"
#include "base/units.h"
#include "request/scrubber.h"
#include "wire/capture.h"

namespace plateau::app {
namespace {

class Recorder {
 public:
  Recorder(std::string path, bool profiled) : path_(std::move(path)), profiled_(profiled) {}

  Status start(const wire::Facts& facts) {
    auto writer = wire::CaptureWriter::create(path_, facts, profiled_);
    if (!writer) return writer.error();
    writer_.emplace(std::move(*writer));
    return success();
  }

  // The ring's bytes are not ours to change: a copy is scrubbed and written.
  void record(std::span<const std::byte> bytes) {
    copy_.resize((bytes.size() + 7) / 8);
    std::memcpy(copy_.data(), bytes.data(), bytes.size());
    const auto copy = std::as_writable_bytes(std::span(copy_)).first(bytes.size());
    const auto* header = static_cast<const pl_header*>(static_cast<const void*>(copy_.data()));
    if (header->kind == PL_RECORD_TURN) scrubber_.scrub(copy);
    if (header->kind == PL_RECORD_CLOSE)
      scrubber_.forget(static_cast<const pl_close*>(static_cast<const void*>(copy_.data()))->conn);
    writer_->record(copy);
  }

  void holder(const wire::HolderSample& sample) { writer_->holder(sample); }
  void stack(const wire::ProfileStack& stack) { writer_->stack(stack); }
  void sample(const wire::StackSample& sample) { writer_->sample(sample); }
  Status finish(const wire::Facts& facts) { return writer_->finish(facts); }

 private:
  std::string path_;
  bool profiled_;
  std::optional<wire::CaptureWriter> writer_;
  request::Scrubber scrubber_;
  std::vector<std::uint64_t> copy_;
};

}  // namespace

ExitCode run_record(const RecordOptions& options) {
  auto source = open_source(options.capture);
  if (!source) return report(source.error());
  Pipeline pipeline;
  Progress progress(true);
  Recorder recorder(options.output, options.capture.profile.any());
  SourceHooks hooks;
  hooks.start = [&](const wire::Facts& facts) { return recorder.start(facts); };
  pipeline.on_record([&](std::span<const std::byte> bytes) { recorder.record(bytes); });
  hooks.holder = [&](const wire::HolderSample& sample) { recorder.holder(sample); };
  hooks.stack = [&](const wire::ProfileStack& stack) { recorder.stack(stack); };
  hooks.sample = [&](const wire::StackSample& sample) { recorder.sample(sample); };
  hooks.tick = [&](const wire::Facts& facts) { progress.show(facts, pipeline.aggregate().requests()); };
  auto facts = (*source)->run(pipeline, hooks);
  progress.clear();
  if (!facts) return report(facts.error());
  if (auto finished = recorder.finish(*facts); !finished) return report(finished.error());
  log_losses(*facts, pipeline);
  log_line(format_count(pipeline.aggregate().requests()) + " requests recorded to " + options.output);
  return ExitCode::ok;
}

}  // namespace plateau::app
