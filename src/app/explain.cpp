// plateau explain: the verdict and its evidence.
#include <cstdio>

#include "app/commands.h"
#include "app/progress.h"
#include "app/report_losses.h"
#include "app/write_file.h"
#include "attribution/summary.h"
#include "model/outlook.h"
#include "model/verdict.h"
#include "sink/explain.h"
#include "symbol/folded.h"

namespace plateau::app {
namespace {

Status write_holders(const std::string& path, const attribution::Summary& summary) {
  symbol::FoldedStacks stacks;
  for (const auto& lock : summary.locks)
    for (const auto& holder : lock.holders) stacks.add(holder.frames, holder.weight);
  return write_file(path, stacks.text());
}

}  // namespace

ExitCode run_explain(const ExplainOptions& options) {
  CaptureOptions capture = options.capture;
  capture.writes_results = !options.holders_folded.empty();
  auto source = open_source(capture);
  if (!source) return report(source.error());
  Pipeline pipeline;
  Progress progress(true);
  SourceHooks hooks;
  hooks.tick = [&](const wire::Facts& facts) { progress.show(facts, pipeline.aggregate().requests()); };
  auto facts = (*source)->run(pipeline, hooks);
  progress.clear();
  if (!facts) return report(facts.error());
  source->reset();
  const auto summary = attribution::summarise(pipeline.aggregate(), *facts, pipeline.stitcher().counters(),
                                              pipeline.malformed_records());
  const auto verdict = model::judge(summary);
  const auto outlook = model::outlook_of(summary);
  const std::string text = options.format == Format::json ? sink::explain_json(summary, verdict, outlook)
                                                          : sink::explain_text(summary, verdict, outlook);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    return report(fail("cannot write to standard output"));
  if (!options.holders_folded.empty())
    if (auto written = write_holders(options.holders_folded, summary); !written)
      return report(written.error());
  return facts->complete ? ExitCode::ok : ExitCode::failed;
}

}  // namespace plateau::app
