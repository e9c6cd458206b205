#include "app/file_source.h"

#include "base/log.h"

namespace plateau::app {
namespace {

constexpr std::uint64_t kSweepNs = 20'000'000;

}  // namespace

FileSource::FileSource(const CaptureOptions& options, wire::CaptureReader reader)
    : options_(options), reader_(std::move(reader)) {}

Result<std::unique_ptr<Source>> FileSource::open(const CaptureOptions& options) {
  auto reader = wire::CaptureReader::open(options.from);
  if (!reader) return reader.error();
  return std::unique_ptr<Source>(new FileSource(options, std::move(*reader)));
}

Result<wire::Facts> FileSource::run(Pipeline& pipeline, const SourceHooks& hooks) {
  pipeline.limit(options_.requests);
  if (hooks.start)
    if (auto started = hooks.start(reader_.facts()); !started) return started.error();
  const std::uint64_t start = reader_.facts().start_ns;
  const std::uint64_t end =
      options_.duration_s > 0 ? start + static_cast<std::uint64_t>(options_.duration_s * 1e9) : UINT64_MAX;
  std::uint64_t swept = 0, last = start;
  wire::CaptureSink sink;
  sink.holder = [&](const wire::HolderSample& sample) {
    if (sample.ts > end || pipeline.full()) return;
    pipeline.holder(sample);
    if (hooks.holder) hooks.holder(sample);
  };
  if (hooks.stack) sink.stack = hooks.stack;
  sink.sample = [&](const wire::StackSample& sample) {
    if (hooks.sample && sample.from_ns <= end && !pipeline.full()) hooks.sample(sample);
  };
  sink.record = [&](std::span<const std::byte> record) {
    const auto event = wire::decode(record);
    if (!event) {
      pipeline.malformed();
      return;
    }
    const auto* header = static_cast<const pl_header*>(static_cast<const void*>(record.data()));
    if (header->ts > end || pipeline.full()) return;
    last = std::max<std::uint64_t>(last, header->ts);
    if (const auto* turn = std::get_if<wire::Turn>(&*event)) {
      if (hooks.turn) hooks.turn(*turn);
      pipeline.turn(*turn);
    }
    if (const auto* close = std::get_if<wire::Close>(&*event)) {
      if (hooks.close) hooks.close(*close);
      pipeline.close(*close);
    }
    if (const auto* pause = std::get_if<wire::Pause>(&*event)) pipeline.pause(*pause);
    if (const auto* stop = std::get_if<wire::Stop>(&*event)) pipeline.stop(*stop);
    if (last - swept > kSweepNs) pipeline.sweep(swept = last);
  };
  if (auto read = reader_.read(sink); !read) return read.error();
  wire::Facts facts = reader_.facts();
  pipeline.losses({facts.counters[PL_COUNT_LOST_TURNS], facts.counters[PL_COUNT_LOST_PARTS]}, last);
  pipeline.finish();
  if (!facts.complete) {
    facts.end_ns = last;
    log_line(options_.from + " was cut off: showing the part that is there");
  }
  return facts;
}

}  // namespace plateau::app
