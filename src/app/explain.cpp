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

constexpr std::size_t kProfiles = 64;  // routes whose percentiles have a budget of their own

Status write_holders(const std::string& path, const attribution::Summary& summary) {
  symbol::FoldedStacks stacks;
  for (const auto& lock : summary.locks)
    for (const auto& holder : lock.holders) stacks.add(holder.frames, holder.weight);
  return write_file(path, stacks.text());
}

std::string text_of(const sink::Explanation& explanation, Format format) {
  switch (format) {
    case Format::json:
      return sink::explain_json(explanation);
    case Format::html:
      return sink::explain_html(explanation);
    case Format::text:
      break;
  }
  return sink::explain_text(explanation);
}

Status write_result(const std::string& path, const std::string& text) {
  if (!path.empty()) return write_file(path, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return success();
  return fail("cannot write to standard output");
}

}  // namespace

ExitCode run_explain(const ExplainOptions& options) {
  auto source = open_source(options.capture);
  if (!source) return report(source.error());
  Pipeline pipeline({.profiles = kProfiles});
  Progress progress(true);
  SourceHooks hooks;
  hooks.tick = [&](const wire::Facts& facts) { progress.show(facts, pipeline.aggregate().requests()); };
  auto facts = (*source)->run(pipeline, hooks);
  progress.clear();
  if (!facts) return report(facts.error());
  source->reset();
  auto summary = attribution::summarise(pipeline.aggregate(), *facts, pipeline.stitcher().counters(),
                                        pipeline.malformed_records());
  const auto explanation = sink::explain(std::move(summary), options.format != Format::text);
  if (auto written = write_result(options.output, text_of(explanation, options.format)); !written)
    return report(written.error());
  if (!options.holders_folded.empty())
    if (auto written = write_holders(options.holders_folded, explanation.summary); !written)
      return report(written.error());
  return facts->complete ? ExitCode::ok : ExitCode::failed;
}

}  // namespace plateau::app
