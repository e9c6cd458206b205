// plateau explain: the verdict and its evidence.
#include <cstdio>

#include "app/commands.h"
#include "app/progress.h"
#include "app/report_losses.h"
#include "app/write_file.h"
#include "attribution/cpu_shares.h"
#include "attribution/summary.h"
#include "sink/compare.h"
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

std::string text_of(const sink::Explanation& explanation, const ExplainOptions& options) {
  switch (options.format) {
    case Format::json:
      return sink::explain_json(explanation);
    case Format::html:
      return sink::explain_html(explanation);
    case Format::text:
      break;
  }
  return options.brief ? sink::explain_brief(explanation) : sink::explain_text(explanation);
}

Status write_result(const std::string& path, const std::string& text) {
  if (!path.empty()) return write_file(path, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return success();
  return fail("cannot write to standard output");
}

Result<sink::Explanation> explain_capture(const CaptureOptions& options, model::Questions questions) {
  auto source = open_source(options);
  if (!source) return source.error();
  Pipeline pipeline({.profiles = kProfiles});
  Progress progress(true);
  SourceHooks hooks;
  attribution::CpuShareCounter profile;
  hooks.stack = [&](const wire::ProfileStack& stack) { profile.stack(stack); };
  hooks.sample = [&](const wire::StackSample& sample) { profile.sample(sample); };
  hooks.tick = [&](const wire::Facts& facts) { progress.show(facts, pipeline.aggregate().requests()); };
  auto facts = (*source)->run(pipeline, hooks);
  progress.clear();
  if (!facts) return facts.error();
  source->reset();
  questions.profile = profile.shares();
  return sink::explain(attribution::summarise(pipeline.aggregate(), *facts, pipeline.stitcher().counters(),
                                              pipeline.malformed_records()),
                       questions);
}

std::string comparison(const sink::Explanation& before, const sink::Explanation& after, Format format) {
  switch (format) {
    case Format::json:
      return sink::compare_json(before, after);
    case Format::html:
      return sink::compare_html(before, after);
    case Format::text:
      break;
  }
  return sink::compare_text(before, after);
}

ExitCode compare(const ExplainOptions& options) {
  std::vector<sink::Explanation> both;
  for (const std::string& path : options.compare) {
    CaptureOptions capture = options.capture;
    capture.from = path;
    auto one = explain_capture(capture, {});
    if (!one) return report(one.error());
    both.push_back(std::move(*one));
  }
  if (auto written = write_result(options.output, comparison(both[0], both[1], options.format)); !written)
    return report(written.error());
  return both[0].summary.facts.complete && both[1].summary.facts.complete ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

ExitCode run_explain(const ExplainOptions& options) {
  if (!options.compare.empty()) return compare(options);
  CaptureOptions capture = options.capture;
  capture.writes_results = !options.holders_folded.empty() || !options.output.empty();
  auto explanation = explain_capture(capture, {options.format != Format::text, options.fixes});
  if (!explanation) return report(explanation.error());
  if (auto written = write_result(options.output, text_of(*explanation, options)); !written)
    return report(written.error());
  if (!options.holders_folded.empty())
    if (auto written = write_holders(options.holders_folded, explanation->summary); !written)
      return report(written.error());
  return explanation->summary.facts.complete ? ExitCode::ok : ExitCode::failed;
}

}  // namespace plateau::app
